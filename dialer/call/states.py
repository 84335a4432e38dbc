"""What a call is: where in its life, and how it ended."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from dialer.call.commands import CallCommand
from dialer.call.talks import PLAIN, Talk
from dialer.call.verdicts import AnalysisPolicy, Treatment, Verdict


class CallState(StrEnum):
    """Where in its life a call is."""

    DIALING = "dialing"  #: asked for; nothing heard from the far end yet
    RINGING = "ringing"
    WAITING = "waiting"  #: a person answered and has no agent yet
    CONNECTING = "connecting"  #: an agent is reserved and the bridge has been asked for
    CONNECTED = "connected"  #: person and agent have each other; ``Call.talk`` says how
    TRANSFERRED = "transferred"  #: person and third party talk; the agent is free
    APOLOGISING = "apologising"  #: no agent in time: the abandon message plays
    MACHINE = "machine"  #: a machine answered: it is hung up, or left a message
    ENDED = "ended"


class CallOutcome(StrEnum):
    """How the system saw a call end. Every call has exactly one."""

    CONNECTED = "connected"  #: person and agent spoke
    ABANDONED = "abandoned"  #: a person answered, no agent in time
    HUNG_UP_EARLY = "hung_up_early"  #: a person answered and hung up before an agent was due
    MACHINE = "machine"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    REJECTED = "rejected"
    INVALID_NUMBER = "invalid_number"
    CONGESTION = "congestion"  #: the carrier or the trunk could not take the call
    UNREACHABLE = "unreachable"  #: switched off, out of coverage, not registered
    NO_RESPONSE = "no_response"  #: the gateway never answered the INVITE
    CANCELLED = "cancelled"  #: we ended it while it rang
    NOT_SENT = "not_sent"  #: Asterisk refused to send it: the number was never dialled
    INTERRUPTED = "interrupted"  #: lost by a crash or a restart on our side


#: Outcomes in which a person (or a machine) picked up.
ANSWERED_OUTCOMES = frozenset(
    {CallOutcome.CONNECTED, CallOutcome.ABANDONED, CallOutcome.HUNG_UP_EARLY, CallOutcome.MACHINE}
)


#: From the dial to the first ringing: what ringing may begin late, and still last as long as it should.
#: Source: ITU-T E.721, table 2: 11 s for 95 % of international connections; a second is ours.
SETUP_S = 12.0

#: ``ended_by`` of a call whose person pressed the key to be called no more.
OPT_OUT = "opt_out"

#: ``cancel_reason`` of a call that rang as long as it may: its outcome is that nobody answered.
RING_LIMIT = "ring_limit"


@dataclass(frozen=True, slots=True)
class CallPolicy:
    """What the campaign wants of each call."""

    ring_timeout_s: float = 25.0  #: of ringing; never under 15, see ``campaigns.settings``
    max_wait_s: float = 2.0  #: from answer to an agent; Source: 16 CFR 310.4(b)(1)(iv)
    record: bool = True
    abandon_message: bool = True
    opt_out_key: str = ""  #: pressed during the message: call no more; "" = no key does that
    setup_s: float = SETUP_S  #: ringing may begin so late and still last ``ring_timeout_s``
    analysis: AnalysisPolicy | None = None  #: None: nobody listens for machines
    may_pause_recording: bool = False  #: the agent may make gaps in the recording
    announce: bool = False  #: both sides are told at the start of the talk that it is recorded

    @property
    def dial_timeout_s(self) -> float:
        """Return after how long a dial that nobody answers ends, whether it rang or not, seconds."""
        return self.ring_timeout_s + self.setup_s


@dataclass(frozen=True, slots=True)
class Call:
    """One call as its machine knows it; its id is the attempt's."""

    id: UUID
    policy: CallPolicy
    state: CallState = CallState.DIALING
    agent_id: UUID | None = None  #: reserved or talking
    recording: bool = False  #: Asterisk has confirmed that it records
    record_failed: bool = False  #: it was to be recorded, and Asterisk could not
    early_media: bool = False
    cancel_reason: str | None = None  #: who or what of ours ended it before it was answered
    ended_by: str | None = None  #: agent, customer, network, system, or why we ended it: its name
    answered_at: datetime | None = None
    connected_at: datetime | None = None
    ended_at: datetime | None = None
    rang_at: datetime | None = None
    outcome: CallOutcome | None = None
    cause: int | None = None  #: Q.850
    sip_code: int | None = None
    caller_id: str | None = None  #: E.164, as shown to the person
    language: str | None = None  #: the person's, ISO 639-1
    message_over: bool = False  #: the abandon message was heard; a key still counts for a moment
    opted_out: bool = False  #: the person pressed the key: call no more
    analysing: bool = False  #: the greeting is being listened to
    verdict: Verdict | None = None
    verdict_cause: str = ""
    verdict_at: datetime | None = None
    treatment: Treatment | None = None  #: what was made of the verdict
    may_leave_message: bool = False  #: law and language allow a message to this person's machine
    message_bar: str = ""  #: why not, as a code
    for_message: bool = False  #: a message is to be left, or was
    greeting_over: bool = False
    message_left: bool = False
    talk: Talk = PLAIN  #: since it is connected


@dataclass(frozen=True, slots=True)
class Step:
    """The result of one event: the call after it, and what must be done."""

    call: Call
    commands: tuple[CallCommand, ...] = ()
    ignored: bool = False  #: the event said nothing new (late, repeated, out of order)
