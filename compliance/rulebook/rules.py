"""Rules of law as data: what one row of a rule pack says. Types only; ``packs`` reads them.

Rows accumulate: every row that applies to a call must be satisfied, and a row of a state never widens
the row of its country.
"""

from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum


class Purpose(StrEnum):
    """Why the campaign calls."""

    SALES = "sales"
    SURVEY = "survey"
    DEBT = "debt"
    NOTIFICATION = "notification"
    POLITICAL = "political"
    CHARITY = "charity"


class Channel(StrEnum):
    """How the call is made, from the law's point of view."""

    HUMAN = "human"  #: a person chose this contact and dialled it (preview, manual)
    PREDICTIVE = "predictive"  #: a machine chose and dialled, a person talks
    AUTOMATED = "automated"  #: a machine talks: a recording or an artificial voice


class Party(StrEnum):
    """Whom the campaign calls."""

    CONSUMER = "consumer"
    BUSINESS = "business"


class RuleKind(StrEnum):
    """What a row is about."""

    WINDOW = "window"
    CAP = "cap"
    RING = "ring"
    ABANDONMENT = "abandonment"
    MESSAGE = "message"
    CALLER_ID = "caller_id"
    CONSENT = "consent"
    AUTOMATION = "automation"
    DNC = "dnc"
    RETENTION = "retention"
    RECORDING = "recording"
    EMERGENCY = "emergency"


#: Half-open, local wall time, within one day: [opens, closes).
Window = tuple[time, time]
DayWindows = tuple[Window, ...]


@dataclass(frozen=True, slots=True)
class WindowTerms:
    """When a person may be called, in the called person's local time."""

    weekdays: tuple[DayWindows, ...]  #: seven, Monday first; an empty day is closed
    holiday: DayWindows | None = None  #: on a public holiday; None = as the weekday
    pre_holiday: DayWindows | None = None  #: on the eve of one; None = as the weekday
    calendar: str | None = None  #: key of the frozen holiday calendar, e.g. ``US-AL``
    clock: str | None = None  #: an IANA zone instead of the called person's own


class Counted(StrEnum):
    """What a cap counts."""

    ATTEMPTS = "attempts"
    ATTEMPTS_WITHOUT_RESERVED_AGENT = "attempts_without_reserved_agent"
    CONTACTS = "contacts"  #: somebody answered
    CONVERSATIONS = "conversations"  #: somebody talked with an agent
    SHORT_CALLS = "short_calls"  #: answered for at most six seconds
    AUTODIAL_SECONDS = "autodial_seconds"  #: seconds a machine kept ringing or holding
    CHANNELS = "channels"  #: ways of contact used: calls are one


class CapScope(StrEnum):
    """Over what a cap counts."""

    NUMBER = "number"
    PERSON = "person"
    PERSON_AND_SUBJECT = "person+subject"
    COMPANY = "company"


class CalendarPeriod(StrEnum):
    """A period of the called person's calendar."""

    DAY = "calendar_day"
    WEEK = "calendar_week"  #: Monday to Sunday
    MONTH = "calendar_month"


class PastEvent(StrEnum):
    """What a silence may follow."""

    REFUSAL = "refusal"
    ABANDONED = "abandoned"
    CONVERSATION = "conversation"
    AMD_MACHINE = "amd_machine"


@dataclass(frozen=True, slots=True)
class Cap:
    """At most ``count`` of something in a period, or silence after an event (``count`` 0).

    Exactly one of ``per_hours`` (rolling) and ``per`` (calendar) is set; ``after_event`` goes with
    ``per_hours``.
    """

    count: int
    counts: Counted
    scope: CapScope
    per_hours: int | None = None
    per: CalendarPeriod | None = None
    after_event: PastEvent | None = None


@dataclass(frozen=True, slots=True)
class CapTerms:
    """How often a person may be called."""

    caps: tuple[Cap, ...]


@dataclass(frozen=True, slots=True)
class RingTerms:
    """How long a call must ring before it is given up."""

    min_ring_s: float
    min_rings: int | None = None


@dataclass(frozen=True, slots=True)
class AbandonmentTerms:
    """Which share of answered calls may find no agent."""

    max_rate: float  #: 0..1
    window: str  #: ``30d-successive``, ``30d``, ``24h`` or ``calendar-month``
    scope: str  #: ``campaign`` or ``telemarketer``
    connect_within_s: float
    clock_from: str  #: ``answer`` or ``completed greeting``
    denominator: str
    hard_safe_harbour: bool = True


@dataclass(frozen=True, slots=True)
class MessageTerms:
    """What a person must hear when no agent is there."""

    play_within_s: float
    must_state: tuple[str, ...]
    interactive_opt_out: bool = False
    marketing_allowed: bool = True


@dataclass(frozen=True, slots=True)
class CallerIdTerms:
    """Which number may be shown."""

    must_present: bool
    callback_required: bool = False
    callback_valid_days: int | None = None
    allowed_prefixes: tuple[str, ...] = ()  #: E.164 prefixes; empty = all that are not denied
    denied_prefixes: tuple[str, ...] = ()
    volume_threshold_month: int | None = None


@dataclass(frozen=True, slots=True)
class ConsentTerms:
    """Which basis a call needs."""

    basis: str
    exempt: tuple[str, ...] = ()  #: relations that need no consent, e.g. ``customer_12m``


@dataclass(frozen=True, slots=True)
class AutomationTerms:
    """What the law says of dialling or talking machines."""

    effect: str  #: ``ban``, ``ban_without_express_consent`` or ``dnc_register``


class DncSemantics(StrEnum):
    """What being on a list means."""

    BLOCK_LIST = "block_list"  #: listed numbers may not be called
    ALLOW_LIST = "allow_list"  #: only listed numbers may be called
    ONLINE_SCRUB = (
        "online_scrub"  #: only numbers the operator's platform cleared: an allow-list too
    )


@dataclass(frozen=True, slots=True)
class DncTerms:
    """Which list must be consulted, and how old it may be."""

    list_code: str
    semantics: DncSemantics = DncSemantics.BLOCK_LIST
    max_age_days: int | None = None
    ebr_days: int | None = None  #: a purchase this recent lifts the row
    inquiry_days: int | None = None  #: so does an inquiry this recent
    honour_within_days: int | None = None
    keep_days: int | None = None


@dataclass(frozen=True, slots=True)
class RetentionTerms:
    """How long something must be kept."""

    keep_days: int
    what: str = "call_records"


@dataclass(frozen=True, slots=True)
class RecordingTerms:
    """Who must be told, before or as the first words, that the call is recorded."""

    announce: str  #: ``both``: all who talk


@dataclass(frozen=True, slots=True)
class EmergencyTerms:
    """A switch a person turns on while an emergency is declared: calls stop."""

    switch: str


Terms = (
    WindowTerms
    | CapTerms
    | RingTerms
    | AbandonmentTerms
    | MessageTerms
    | CallerIdTerms
    | ConsentTerms
    | AutomationTerms
    | DncTerms
    | RetentionTerms
    | RecordingTerms
    | EmergencyTerms
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of a rule pack."""

    id: str  #: stable and never used again: receipts cite it
    jurisdiction: str  #: ISO 3166-1 (``US``) or 3166-2 (``US-FL``); ``*`` = everywhere
    kind: RuleKind
    terms: Terms
    purposes: frozenset[Purpose]
    channels: frozenset[Channel]
    parties: frozenset[Party]
    source: str  #: the law, for people
    verified: str  #: ``source-seen`` or ``prior-knowledge``
    source_kind: str = ""  #: how near the page that was read is to the law
    url: str = ""
    note: str = ""
    effective_from: date | None = None  #: local date of the called person, inclusive
    effective_to: date | None = None  #: exclusive
    lifted_by: frozenset[str] = frozenset()  #: consent kinds that switch this row off
    is_bill: bool = False  #: not law yet: shown, never applied
