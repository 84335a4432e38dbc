"""The command line as a person runs it: a process of its own, its exit code and what it says."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import sleep

from dialer.settings import Settings
from tests.nursery import nursery

#: Runs ``outdial`` with some arguments; returns its exit code and what it said.
Outdial = Callable[..., tuple[int, str]]


def outdial_with(settings: Settings) -> Outdial:
    """Return a way to run ``outdial`` with settings; a traceback fails the test."""

    def run(*arguments: object) -> tuple[int, str]:
        words = ["outdial", *map(str, arguments)]
        code = f"import sys; sys.argv = {words!r}\nfrom cli.main import main; main()"
        with TemporaryDirectory() as folder:
            said, errors = (Path(folder) / name for name in ("said", "errors"))
            child = nursery().start(code, settings, said, errors)
            while child.lives:
                sleep(0.01)
            complaints = errors.read_text()
            assert "Traceback" not in said.read_text() + complaints, complaints
            assert child.code is not None, f"it was killed: {complaints}"
            return child.code, said.read_text()

    return run
