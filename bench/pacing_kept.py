"""What the pacing bench has finished, kept on disk: a run that was cut goes on where it stopped.

A result is good for as long as the code it came from is the same: that of the laboratory, and of the
dialer's own controller where that was measured. So after a change of the controller alone the rivals'
days are not simulated again.
"""

import hashlib
import json
import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from dialer.settings import PROJECT_ROOT

FOLDER = PROJECT_ROOT / ".run" / "bench-pacing"
_LABORATORY = PROJECT_ROOT / "dialer" / "simulator" / "pacing_lab"
_CONTROLLER = PROJECT_ROOT / "dialer" / "pacing"
#: Of the controller's folder: what the rivals need, too.
_SHARED = ("facts.py", "limits.py")
OWN = ("predictive", "clairvoyant")  #: controllers that are the dialer's own


@cache
def code_of(controller: str) -> str:
    """Return a fingerprint of the code on which a controller's days depend."""
    theirs = [_CONTROLLER / name for name in _SHARED]
    own = sorted(_CONTROLLER.glob("*.py")) if controller in OWN else theirs
    return _fingerprint([*sorted(_LABORATORY.glob("*.py")), *own])


def _fingerprint(files: Iterable[Path]) -> str:
    found = hashlib.sha256()
    for file in files:
        found.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return found.hexdigest()


def place(controller: str, what: Any) -> Path:
    """Return where a result is kept; ``what`` says, in JSON values, what was asked."""
    asked = json.dumps([controller, code_of(controller), what], sort_keys=True)
    return FOLDER / f"{hashlib.sha256(asked.encode()).hexdigest()[:32]}.json"


def read(kept: Path) -> Any:
    """Return a kept result; None: there is none."""
    return json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else None


def write(kept: Path, result: Any) -> None:
    """Keep a result, whole or not at all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    part = kept.with_suffix(f".{os.getpid()}")
    part.write_text(json.dumps(result), encoding="utf-8")
    part.replace(kept)
