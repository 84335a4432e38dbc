"""The carrier's own log, read back: the books against which the dialer's are balanced.

Lines, by ``event`` (all have ``at``, ``call`` and ``number``):

- ``invite``: ``caller`` (the number shown), ``nth`` and ``behaviour``
- ``ringing``, ``answered`` (the 200 OK went out), ``first_rtp`` (first sound heard from the dialer),
  ``reinvited``
- ``bye_sent``, ``bye_received``, ``cancelled``, ``final`` (``code``): why it ended
- ``ended``: ``packets_received``, ``longest_gap_ms``, ``digits``
"""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_REASONS = ("bye_sent", "bye_received", "cancelled", "final")


@dataclass(slots=True)
class CarrierCall:
    """One INVITE and what became of it. Instants are Unix seconds; None: did not happen."""

    call_id: str
    number: str
    caller: str  #: the number the dialer showed
    behaviour: str  #: kind of behaviour the population chose
    invited_at: float
    ringing_at: float | None = None
    answered_at: float | None = None
    first_rtp_at: float | None = None
    ended_at: float | None = None
    ended_by: str | None = None  #: bye_sent, bye_received, cancelled or final
    final_code: int | None = None  #: code of a refusal
    packets_received: int = 0
    longest_gap_ms: float = 0.0  #: longest time without a packet, from the first one to the end
    digits: str = ""  #: keys the dialer pressed

    def note(self, line: dict[str, Any]) -> None:
        """Take in one line of the log about this call."""
        event, at = line["event"], line["at"]
        if event in ("ringing", "answered", "first_rtp"):
            setattr(self, f"{event}_at", at)
        elif event in _REASONS:
            self.ended_by = event
            self.final_code = line.get("code")
        elif event == "ended":
            self.ended_at = at
            self.packets_received = line["packets_received"]
            self.longest_gap_ms = line["longest_gap_ms"]
            self.digits = line["digits"]


@dataclass(frozen=True, slots=True)
class CarrierBook:
    """All calls of a log, in the order of their INVITEs."""

    calls: tuple[CarrierCall, ...]

    @property
    def total(self) -> int:
        """Number of INVITEs."""
        return len(self.calls)

    @property
    def answered(self) -> tuple[CarrierCall, ...]:
        """Calls that were answered."""
        return tuple(call for call in self.calls if call.answered_at is not None)

    @property
    def unfinished(self) -> tuple[CarrierCall, ...]:
        """Calls that had not ended when the log was read."""
        return tuple(call for call in self.calls if call.ended_at is None)

    def invites(self) -> Counter[str]:
        """Return the number of INVITEs of each number."""
        return Counter(call.number for call in self.calls)

    def behaviours(self) -> Counter[str]:
        """Return the number of calls of each kind of behaviour."""
        return Counter(call.behaviour for call in self.calls)

    def of(self, number: str) -> tuple[CarrierCall, ...]:
        """Return the calls to one number."""
        return tuple(call for call in self.calls if call.number == number)

    def max_concurrent(self) -> int:
        """Return the greatest number of calls alive at one time, ringing ones included."""
        return _most_at_once((call.invited_at, call.ended_at) for call in self.calls)

    def max_concurrent_answered(self) -> int:
        """Return the greatest number of answered calls at one time."""
        return _most_at_once(
            (call.answered_at, call.ended_at) for call in self.calls if call.answered_at is not None
        )

    def called_twice_at_once(self) -> frozenset[str]:
        """Return the numbers that ever had two calls alive at one time."""
        return frozenset(
            number
            for number, count in self.invites().items()
            if count > 1 and _most_at_once((c.invited_at, c.ended_at) for c in self.of(number)) > 1
        )


def _most_at_once(spans: Iterable[tuple[float, float | None]]) -> int:
    """Return the greatest overlap; a span without an end never ends."""
    steps: list[tuple[float, int]] = []
    for start, end in spans:
        steps.append((start, 1))
        if end is not None:
            steps.append((end, -1))
    most = alive = 0
    # Sorted so that an end at an instant comes before a start at the same one.
    for _, step in sorted(steps):
        alive += step
        most = max(most, alive)
    return most


def read_log(path: Path) -> CarrierBook:
    """Read a carrier's log, also one that is still being written.

    Raises:
        OSError: the file cannot be read.
        ValueError: a complete line is not JSON.
        KeyError: a call has lines but no INVITE.
    """
    calls: dict[str, CarrierCall] = {}
    text = path.read_text(encoding="utf-8")
    # What follows the last line end is a line still being written.
    for raw in text[: text.rfind("\n") + 1].splitlines():
        line = json.loads(raw)
        if line["event"] == "invite":
            calls[line["call"]] = CarrierCall(
                call_id=line["call"],
                number=line["number"],
                caller=line["caller"],
                behaviour=line["behaviour"],
                invited_at=line["at"],
            )
        else:
            calls[line["call"]].note(line)
    return CarrierBook(tuple(calls.values()))
