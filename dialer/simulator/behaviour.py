"""What one call to one simulated number does, as a value. Pure: no I/O and no clock."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class BehaviourKind(StrEnum):
    """What becomes of a call to a number."""

    ANSWER = "answer"  #: rings, a person answers
    MACHINE = "machine"  #: rings, an answering machine speaks, beeps and listens
    NO_ANSWER = "no_answer"  #: rings until the caller gives up
    BUSY = "busy"  #: refused at once, never rings
    REJECT = "reject"  #: rings, then the called person declines
    INVALID = "invalid"  #: no such number; the same on every call
    CONGESTION = "congestion"  #: the network has no free circuit
    UNAVAILABLE = "unavailable"  #: switched off or out of reach
    SILENT = "silent"  #: only 100 Trying: a gateway that never rings
    EARLY_MEDIA_BUSY = "early_media_busy"  #: a busy tone before answer, then refused


#: The final SIP code of each kind that does not answer, unless a behaviour names its own.
#: Source: RFC 3261, section 21.
FINAL_CODES: Mapping[BehaviourKind, int] = {
    BehaviourKind.NO_ANSWER: 480,
    BehaviourKind.BUSY: 486,
    BehaviourKind.REJECT: 603,
    BehaviourKind.INVALID: 404,
    BehaviourKind.CONGESTION: 503,
    BehaviourKind.UNAVAILABLE: 480,
    BehaviourKind.SILENT: 408,
    BehaviourKind.EARLY_MEDIA_BUSY: 486,
}

_ENDLESS = (BehaviourKind.NO_ANSWER, BehaviourKind.SILENT)
_EXPLICIT_RING_S = 0.3


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How one call to one number goes."""

    kind: BehaviourKind
    ring_s: float = 0.0  #: seconds from INVITE to answer or refusal; 0 for an endless kind: never
    talk_s: float = 0.0  #: seconds from answer until the called side hangs up; 0: never
    sip_code: int | None = None  #: final code if refused; None: the usual one of the kind
    greeting: str = "hello"  #: the clip played on answer
    setup_s: float = 0.0  #: seconds from INVITE to ringing; 0: hardly any

    @property
    def final_code(self) -> int:
        """The SIP code this call is refused with (also for kinds that answer: 480)."""
        return self.sip_code or FINAL_CODES.get(self.kind, 480)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {**asdict(self), "kind": self.kind.value}

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> "Behaviour":
        """Read what ``to_dict`` wrote.

        Raises:
            ValueError: the kind is not known.
            TypeError: a field is not known.
        """
        return cls(**{**facts, "kind": BehaviourKind(facts["kind"])})


_EXPLICIT = re.compile(
    r"t-(?P<kind>[a-z_]+)(?:-s(?P<setup>\d+))?(?:-r(?P<ring>\d+))?(?:-t(?P<talk>\d+))?"
    r"(?:-c(?P<code>[3-6]\d\d))?(?:-g(?P<greeting>[a-z0-9_]+))?"
)


def explicit_behaviour(user: str) -> Behaviour | None:
    """Read a test user part: ``t-<kind>[-s<set-up ms>][-r<ring ms>][-t<talk ms>][-c<code>][-g<clip>]``.

    Ring is 300 ms unless given (endless for kinds that never end by themselves), talk is endless. The
    set-up, hardly any unless given, is part of the ring: it passes before the telephone rings.
    Returns None for anything that does not begin with ``t-``.

    Raises:
        ValueError: it begins with ``t-`` but does not read as a behaviour.
    """
    if not user.startswith("t-"):
        return None
    match = _EXPLICIT.fullmatch(user)
    if match is None:
        raise ValueError("malformed test user part")
    kind = BehaviourKind(match["kind"])
    usual_ring_s = 0.0 if kind in _ENDLESS else _EXPLICIT_RING_S
    return Behaviour(
        kind=kind,
        ring_s=int(match["ring"]) / 1000 if match["ring"] else usual_ring_s,
        talk_s=int(match["talk"] or 0) / 1000,
        sip_code=int(match["code"]) if match["code"] else None,
        greeting=match["greeting"] or ("machine" if kind is BehaviourKind.MACHINE else "hello"),
        setup_s=int(match["setup"] or 0) / 1000,
    )
