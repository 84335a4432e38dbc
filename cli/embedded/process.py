"""Child processes that outlive the command that started them, remembered by a file."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar

import psutil


class EmbeddedError(RuntimeError):
    """An embedded service could not be installed, started or stopped; the text says why."""


def wait_until(check: Callable[[], bool], *, timeout_s: float, every_s: float = 0.02) -> bool:
    """Poll ``check`` until it holds; False when ``timeout_s`` seconds went by."""
    deadline = time.monotonic() + timeout_s
    while not check():
        if time.monotonic() > deadline:
            return False
        time.sleep(every_s)
    return True


def tail(path: Path, *, lines: int = 15) -> str:
    """Return the last lines of a log, for an error message; empty when there is no file."""
    if not path.exists():
        return ""
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")  # two processes may write at once
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    fresh.replace(path)


class Daemon:
    """One background process, found again by its id and the moment it was created.

    The moment tells it from another process that was given the same id later, so nothing that
    somebody else started is ever signalled.

    Args:
        memory: The file in which the process is remembered.
    """

    #: The processes that this one started: it has to reap them when they end, whichever ``Daemon``
    #: stops them.
    _children: ClassVar[dict[int, subprocess.Popen[bytes]]] = {}

    def __init__(self, memory: Path) -> None:
        self._memory = memory

    def find(self) -> psutil.Process | None:
        """Return the remembered process when it still runs."""
        try:
            kept = json.loads(self._memory.read_text())
            self._reap(int(kept["pid"]))
            process = psutil.Process(int(kept["pid"]))
            same = abs(process.create_time() - float(kept["created"])) < 1.0
            alive = process.status() != psutil.STATUS_ZOMBIE
        except (FileNotFoundError, ValueError, KeyError, psutil.NoSuchProcess):
            return None
        return process if same and alive else None

    def start(self, argv: Sequence[str], *, log: Path) -> int:
        """Start the process in a session of its own and return its id."""
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            child = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                cwd="/",
            )
        self._children[child.pid] = child
        created = psutil.Process(child.pid).create_time()
        write_private(self._memory, json.dumps({"pid": child.pid, "created": created}))
        return child.pid

    def send(self, number: signal.Signals) -> bool:
        """Send a signal; False when the process is gone already."""
        process = self.find()
        if process is None:
            return False
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(number)
        return True

    def stop(self, *, timeout_s: float = 10.0, number: signal.Signals = signal.SIGTERM) -> None:
        """End the process: politely first, by SIGKILL after ``timeout_s`` seconds."""
        if self.send(number) and not wait_until(self._gone, timeout_s=timeout_s):
            self.send(signal.SIGKILL)
            if not wait_until(self._gone, timeout_s=5.0):
                raise EmbeddedError(f"the process in {self._memory} does not end")
        self._memory.unlink(missing_ok=True)

    def _reap(self, pid: int) -> None:
        child = self._children.get(pid)
        if child is not None and child.poll() is not None:
            del self._children[pid]

    def _gone(self) -> bool:
        return self.find() is None
