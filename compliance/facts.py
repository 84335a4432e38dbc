"""What the gate is told about one intended call. Types only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from compliance.consent import Consent
from compliance.counting.frequency import PastAttempt
from compliance.counting.own_caps import OwnLimits
from compliance.hours.calendars import Calendars
from compliance.hours.days_off import NO_DAYS_OFF, OwnDays
from compliance.places.numbering import NumberRefusal
from compliance.places.placement import Placement
from compliance.rulebook.packs import RuleBook
from compliance.rulebook.rules import Channel, Counted, DncSemantics, Party, Purpose, WindowTerms


@dataclass(frozen=True, slots=True)
class Law:
    """The rules in force in this process, with the calendars they speak of."""

    book: RuleBook
    calendars: Calendars
    tzdata: str  #: IANA release, e.g. ``2026f``


@dataclass(frozen=True, slots=True)
class DncFact:
    """What one list says of the number."""

    listed: bool
    obtained_at: datetime
    version: str
    own_max_age_days: int | None = None
    semantics: DncSemantics = DncSemantics.BLOCK_LIST  #: the list's own; a pack row may be stricter


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about one intended call; what is None was not found out, and refuses."""

    e164: str
    lead_id: UUID
    at: datetime
    placement: Placement | None
    purpose: Purpose | None
    channel: Channel
    party: Party
    subject: str  #: what the call is about, for caps and consents by subject
    hours: WindowTerms | None  #: the campaign's own; None = nobody set them
    ring_timeout_s: float
    suppressed: bool | None
    #: By list code, one of each list of that code; a code that is not there is not loaded in full.
    dnc: Mapping[str, tuple[DncFact, ...]] | None
    own_dnc: tuple[str, ...]  #: codes that are consulted whatever the packs say
    consents: tuple[Consent, ...] | None
    history: tuple[PastAttempt, ...] | None
    limits: OwnLimits
    company_counts: Mapping[Counted, int]  #: of the legal entity today; what is missing is unknown
    attempts_made: int  #: for this lead
    max_attempts: int
    reserved_agent: bool = False  #: an agent is kept free for this call
    emergencies: frozenset[str] | None = frozenset()  #: switches that are on
    exempted: frozenset[str] = frozenset()  #: pack rows two persons took off for this client
    number_refusal: NumberRefusal | None = None
    days_off: OwnDays = NO_DAYS_OFF  #: the client's own; the law's calendars must know them
    simulated: bool = False  #: the trunk leads to a simulated carrier, not to people
