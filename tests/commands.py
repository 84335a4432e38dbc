"""The command line as a person runs it: a process of its own, its exit code and what it says."""

import subprocess
import sys
from collections.abc import Callable

from dialer.settings import Settings, child_environment

#: Runs ``outdial`` with some arguments; returns its exit code and what it said.
Outdial = Callable[..., tuple[int, str]]


def outdial_with(settings: Settings) -> Outdial:
    """Return a way to run ``outdial`` with settings; a traceback fails the test."""
    environment = child_environment(settings, {"COLUMNS": "200"})

    def run(*arguments: object) -> tuple[int, str]:
        done = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-m", "cli", *map(str, arguments)],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in done.stdout + done.stderr, done.stderr
        return done.returncode, done.stdout

    return run
