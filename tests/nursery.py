"""A nursery of processes: one that has imported the program forks a worker or a command in milliseconds.

Imports take seconds of CPU, and a test that kills three workers paid them four times. Forked before any
thread or loop, a child is a process of its own: it connects by itself and dies by ``SIGKILL``.
"""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path
from threading import Lock
from typing import IO
from uuid import uuid4

from dialer.settings import PROJECT_ROOT, Settings, child_environment
from tests.world import until

#: So many letters fit into a line of what a command prints.
WIDTH = "200"

#: Imports, then forks a child for each line: what it runs, its environment, where it writes, its exit code.
_RUN = """
import gc, json, os, signal, sys
import api.main, cli.commands, workers.main, workers.jobs.deliveries, campaigns.delivery.writing
import asyncssh.sftp, uvicorn, uvloop
gc.collect()
gc.freeze()  # a collection in a child would copy all that the children share
signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for children: they are gone when they end
print("ready", flush=True)
for line in sys.stdin:
    code, environment, output, errors, status = json.loads(line)
    pid = os.fork()
    if pid == 0:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.environ.clear()
        os.environ.update(environment)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for target, path in ((1, output), (2, errors)):
            os.dup2(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT), target)
        ended = 1
        try:
            exec(compile(code, "<worker>", "exec"), {"__name__": "__main__"})
            ended = 0
        except SystemExit as stop:
            ended = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
        except BaseException:
            sys.excepthook(*sys.exc_info())
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            with open(status, "w") as kept:
                kept.write(str(ended))
            os._exit(ended)
    print(pid, flush=True)
"""


class Child:
    """A forked process; ``status`` is where it writes its exit code, unless it is killed."""

    def __init__(self, pid: int, status: Path) -> None:
        self.pid = pid
        self._status = status

    @property
    def lives(self) -> bool:
        """Tell whether it has not ended."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        os.kill(self.pid, number)

    async def ended(self, within_s: float = 20.0) -> int | None:
        """Wait for the end; return the exit code, or nothing if it was killed."""

        async def gone() -> bool:
            return not self.lives

        await until(gone, "the process has ended", within_s=within_s)
        return self.code

    @property
    def code(self) -> int | None:
        """Return the exit code of a process that ended by itself."""
        return int(self._status.read_text()) if self._status.exists() else None

    async def kill(self) -> None:
        """Kill it, if it lives, and wait for its end."""
        with suppress(ProcessLookupError):
            self.send(signal.SIGKILL)
        await self.ended()


class Nursery:
    """The process that forks."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._turn = Lock()

    @property
    def _pipes(self) -> tuple[IO[str], IO[str]]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        return self._process.stdin, self._process.stdout

    def start(self, code: str, settings: Settings, log: Path, errors: Path | None = None) -> Child:
        """Run some code in a new process with an installation's settings; it writes to ``log``."""
        status = log.with_name(f"{log.name}.{uuid4().hex}.status")
        paths = [str(path) for path in (log, errors or log, status)]
        asked, answers = self._pipes
        with self._turn:
            asked.write(json.dumps([code, dict(child_environment(settings)), *paths]) + "\n")
            asked.flush()
            return Child(int(answers.readline()), status)

    def wait(self) -> None:
        """Return once it can fork."""
        assert self._pipes[1].readline() == "ready\n"


@cache
def nursery() -> Nursery:
    """Return the run's process that forks, started by whoever needs it first; it ends with this process."""
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", _RUN],
        cwd=PROJECT_ROOT,
        env=child_environment(Settings(), {"COLUMNS": WIDTH}),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    made = Nursery(process)
    made.wait()
    return made
