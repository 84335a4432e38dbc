"""A nursery of processes: one that has imported the program forks a worker in milliseconds.

A worker's imports take seconds of CPU, and a test that kills three workers paid them four times. Forked
before any thread or loop, a child is a process of its own: it connects by itself and dies by ``SIGKILL``.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from dialer.settings import PROJECT_ROOT, Settings, child_environment
from tests.world import until

#: Imports, then forks a child for each line: what it runs, its environment and its log.
_RUN = """
import json, os, signal, sys
import workers.main, workers.jobs.deliveries, campaigns.delivery.writing, asyncssh.sftp
signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for children: they are gone when they end
print("ready", flush=True)
for line in sys.stdin:
    code, environment, log = json.loads(line)
    pid = os.fork()
    if pid == 0:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.environ.clear()
        os.environ.update(environment)
        handle = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        null = os.open(os.devnull, os.O_RDONLY)
        for target, source in ((0, null), (1, handle), (2, handle)):
            os.dup2(source, target)
        try:
            exec(compile(code, "<worker>", "exec"), {"__name__": "__main__"})
        finally:
            os._exit(0)
    print(pid, flush=True)
"""


class Child:
    """A forked worker."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

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

    async def ended(self) -> None:
        """Wait for the end."""

        async def gone() -> bool:
            return not self.lives

        await until(gone, "the process has ended")

    async def kill(self) -> None:
        """Kill it, if it lives, and wait for its end."""
        with suppress(ProcessLookupError):
            self.send(signal.SIGKILL)
        await self.ended()


class Nursery:
    """The process that forks."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    @property
    def _pipes(self) -> tuple[IO[str], IO[str]]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        return self._process.stdin, self._process.stdout

    def start(self, code: str, settings: Settings, log: Path) -> Child:
        """Run some code in a new process with an installation's settings; it writes to ``log``."""
        asked, answers = self._pipes
        asked.write(json.dumps([code, dict(child_environment(settings)), str(log)]) + "\n")
        asked.flush()
        return Child(int(answers.readline()))

    def wait(self) -> None:
        """Return once it can fork."""
        assert self._pipes[1].readline() == "ready\n"


@contextmanager
def nursery() -> Iterator[Nursery]:
    """Start the process that forks; it imports while the test builds its world."""
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", _RUN],
        cwd=PROJECT_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        made = Nursery(process)
        made.wait()
        yield made
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
