"""What the analysis of a greeting says, and what is made of it. Types and one choice, pure."""

from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from uuid import UUID


class Verdict(StrEnum):
    """What the analysis takes the far end for."""

    HUMAN = "human"
    MACHINE = "machine"
    NOT_SURE = "not_sure"
    FAILED = "failed"  #: it could not be run, or did not come to its end


class Treatment(StrEnum):
    """What a call makes of its verdict."""

    PASSED = "passed"  #: no machine was heard: nothing changes
    ACTED = "acted"  #: a machine: the agent is freed, the call ends or hears the message
    AUDITED = "audited"  #: a machine, left with an agent to learn how often the analysis is wrong
    SILENCE = "silence"  #: nobody spoke, which alone makes no machine
    LATE = "late"  #: it came after the analysis should have been over: a talk is on
    MOOT = "moot"  #: the call was about to end anyway


@dataclass(frozen=True, slots=True)
class AnalysisPolicy:
    """What a campaign wants of the analysis of its calls' greetings."""

    audit_share: float = 0.1  #: 0..1 of the verdicts "machine" that are not acted on
    limit_s: float = 5.5  #: a verdict that comes later after the answer is not believed
    silence_is_machine: bool = False  #: whether nobody's speaking is enough
    leave_message: bool = False  #: where the call may: a message after the greeting
    greeting_limit_s: float = 30.0  #: the longest wait for the greeting's end
    review_share: float = 0.2  #: 0..1 of the verdicts "machine" acted on that a person reviews
    keep_greeting: bool = False  #: where calls are not recorded: what was said, of those drawn


#: How the cause of a verdict begins that rests on silence. Source: Asterisk 22, AMD().
SILENCE_CAUSE = "INITIALSILENCE"

_WHOLE = 1 << 64


def is_audited(call_id: UUID, share: float) -> bool:
    """Tell whether a verdict "machine" of this call goes to an agent; ``share`` is 0..1.

    The call's id alone decides, so that it can be checked afterwards that nobody chose.
    """
    return _drawn(call_id, b"audit") < share * _WHOLE


def is_reviewed(call_id: UUID, share: float) -> bool:
    """Tell whether a verdict "machine" that was acted on waits for a reviewer; ``share`` is 0..1.

    As ``is_audited``, and independent of it.
    """
    return _drawn(call_id, b"review") < share * _WHOLE


def _drawn(call_id: UUID, purpose: bytes) -> int:
    return int.from_bytes(blake2b(call_id.bytes, digest_size=8, person=purpose).digest())
