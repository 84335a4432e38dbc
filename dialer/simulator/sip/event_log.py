"""The simulated world's own record: one JSON object a line, written as things happen."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any


class EventLog:
    """Appends to a file, line by line, so that a killed process loses nothing it has written.

    ``now`` gives Unix seconds. Without a path, nothing is written.
    """

    def __init__(self, path: Path | None, now: Callable[[], float]) -> None:
        self._now = now
        self._file = path.open("a", buffering=1, encoding="utf-8") if path else None

    def write(self, event: str, **facts: Any) -> None:
        """Add a line: ``at`` (Unix seconds), ``event`` and the facts."""
        if self._file is not None:
            self._file.write(json.dumps({"at": self._now(), "event": event, **facts}) + "\n")

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None
