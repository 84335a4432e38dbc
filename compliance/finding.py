"""One reason why a call is refused. Types only."""

from dataclasses import dataclass
from datetime import datetime

from compliance.reasons import RefusalReason


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason why not, the rows behind it, and when time lifts it (None: time does not)."""

    reason: RefusalReason
    rules: tuple[str, ...] = ()
    free_at: datetime | None = None
