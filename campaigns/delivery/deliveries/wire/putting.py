"""What SFTP and S3 have in common: a place that takes files whole, each under its own name."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Protocol

#: Told the bytes that went out since it was told last.
Sent = Callable[[int], None]


class Putter(Protocol):
    """An open way to a place."""

    async def put(self, source: Path, name: str, sent: Sent) -> None:
        """Bring a file there; under ``name`` there is the whole file or what was there before."""
        ...


class Place(Protocol):
    """Where files are put."""

    def opened(self) -> AbstractAsyncContextManager[Putter]:
        """Connect; raises ``SendFault``."""
        ...

    async def check(self, name: str) -> str:
        """Write and delete a small file called ``name``; return what was found, for people."""
        ...
