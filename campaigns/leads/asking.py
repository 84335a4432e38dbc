"""The gatekeeper: everything the gate must be told about a campaign's calls, and the asking itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.leads.client_facts import load_client_facts
from campaigns.leads.history import PersonFacts
from campaigns.leads.hopper import Candidate
from campaigns.leads.places import Opening
from campaigns.settings import CampaignSettings
from compliance import gate
from compliance.binding import binding_rules
from compliance.counting.own_caps import OwnLimits
from compliance.facts import DncFact, Facts, Law
from compliance.gate import Clearance, Refusal
from compliance.hours.days_off import NO_DAYS_OFF, OwnDay, OwnDays
from compliance.hours.windows import closes_at, is_open, next_open
from compliance.models import DncList
from compliance.places.numbering import ALLOWED_TYPES_DEFAULT, NumberType, is_dialable
from compliance.places.placement import Placement
from compliance.rulebook.rules import Counted, DncSemantics, Rule, WindowTerms

#: A place that is closed beyond the horizon, or open without end, is asked about again after this.
_ASK_AGAIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class KnownList:
    """A do-not-call list a client's calls may need."""

    id: UUID
    code: str
    max_age_days: int | None
    always_applies: bool
    file_name: str  #: of the version in force
    sha256: str
    semantics: DncSemantics = DncSemantics.BLOCK_LIST


#: What a list in memory says of a number; None when the list is not in memory.
LookUp = Callable[[KnownList, str], DncFact | None]


@dataclass(frozen=True, slots=True)
class ClientLaw:
    """What one client may do, besides the packs."""

    client_id: UUID
    clients: tuple[UUID, ...]  #: of its legal entity, itself included
    allowed_countries: frozenset[str] | None
    allowed_types: frozenset[NumberType]
    exempted: frozenset[str]
    emergencies: frozenset[str]
    lifting_consents: frozenset[str]  #: kinds in its ledger that lift some window
    lists: tuple[KnownList, ...] = ()
    days_off: OwnDays = NO_DAYS_OFF


@dataclass(slots=True)
class Gatekeeper:
    """Asks the gate about one campaign's calls."""

    law: Law
    settings: CampaignSettings
    client: ClientLaw
    simulated: bool
    look_up: LookUp
    company: Mapping[Counted, int] = field(default_factory=dict)
    _days: "tuple[OwnDays, Law] | None" = None
    _parsed: "tuple[CampaignSettings, WindowTerms | None, OwnLimits] | None" = None

    def ask(
        self,
        candidate: Candidate,
        person: PersonFacts | None,
        placement: Placement | None,
        at: datetime,
    ) -> Clearance | Refusal:
        """Answer for one lead; without ``person`` its history is unknown, which refuses."""
        return gate.clear(self.facts(candidate, person, placement, at), self.law_with_days())

    def law_with_days(self) -> Law:
        """Return the law with calendars that know the client's own days off, made once for each set."""
        days = self.client.days_off
        if not days.days:
            return self.law
        if self._days is None or self._days[0] != days:
            self._days = days, replace(self.law, calendars=days.calendars(self.law.calendars))
        return self._days[1]

    def is_day_off(self, placement: Placement, at: datetime) -> bool:
        """Tell whether the client calls nobody in a place on this day."""
        margin_s = self.settings.longest_dial_s
        places, zones = placement.jurisdictions, placement.zones
        days = self.client.days_off
        return not self.simulated and days.is_off(places, zones, at, margin_s=margin_s)

    def facts(
        self,
        candidate: Candidate,
        person: PersonFacts | None,
        placement: Placement | None,
        at: datetime,
    ) -> Facts:
        """Return what the gate is told."""
        settings, client = self.settings, self.client
        hours, limits = self._own()
        refusal = is_dialable(candidate.e164, client.allowed_countries, client.allowed_types)
        return Facts(
            e164=candidate.e164,
            lead_id=candidate.lead_id,
            at=at,
            placement=placement,
            purpose=settings.purpose,
            channel=settings.channel(),
            party=settings.party,
            subject=settings.subject,
            hours=hours,
            ring_timeout_s=settings.longest_dial_s,
            suppressed=person.suppressed if person else candidate.suppressed,
            dnc=self._dnc(candidate.e164),
            own_dnc=tuple(dict.fromkeys(row.code for row in client.lists if row.always_applies)),
            consents=person.consents if person else None,
            history=person.history if person else None,
            limits=limits,
            company_counts=self.company,
            attempts_made=candidate.attempts_made,
            max_attempts=_most_attempts(candidate, settings),
            reserved_agent=candidate.reserved_for is not None or settings.agents_dial(),
            emergencies=client.emergencies,
            exempted=client.exempted,
            number_refusal=refusal,
            days_off=client.days_off,
            simulated=self.simulated,
        )

    def _own(self) -> tuple[WindowTerms | None, OwnLimits]:
        """Return the campaign's hours and limits, read once from its settings: each lead needs them."""
        if self._parsed is None or self._parsed[0] is not self.settings:
            settings = self.settings
            self._parsed = settings, settings.calling_hours(), settings.own_limits()
        return self._parsed[1:]

    def _dnc(self, e164: str) -> Mapping[str, tuple[DncFact, ...]]:
        """Return what the lists of each code say; a code of which one is missing is left out."""
        said: dict[str, list[DncFact | None]] = {}
        for row in self.client.lists:
            said.setdefault(row.code, []).append(self.look_up(row, e164))
        known = {code: tuple(fact for fact in facts if fact) for code, facts in said.items()}
        return {code: facts for code, facts in known.items() if len(facts) == len(said[code])}

    def opening(self, placement: Placement, at: datetime) -> Opening:
        """Return whether leads of a place may be claimed at ``at``, and until when that holds.

        Rows that some consent of this client may lift do not close a place: the gate asks each person.
        """
        if self.simulated or not placement.zones:
            return Opening(True, None)
        terms = self._place_windows(placement, at)
        if not terms:
            return Opening(True, at + _ASK_AGAIN)
        days, margin_s = self.law_with_days().calendars, self.settings.longest_dial_s
        later = at + _ASK_AGAIN
        if is_open(terms, placement.zones, at, calendars=days, margin_s=margin_s):
            until = closes_at(terms, placement.zones, at, calendars=days, margin_s=margin_s)
            return Opening(True, min(until or later, later))
        opens = next_open(terms, placement.zones, at, calendars=days, margin_s=margin_s)
        return Opening(False, min(opens or later, later))

    def next_opening(self, placement: Placement, after: datetime) -> datetime | None:
        """Return the first moment from ``after`` on at which the place is open, if there is one."""
        if self.simulated or not placement.zones:
            return after
        terms = self._place_windows(placement, after)
        return next_open(
            terms,
            placement.zones,
            after,
            calendars=self.law_with_days().calendars,
            margin_s=self.settings.longest_dial_s,
        )

    def binding_rules(self, placement: Placement | None, at: datetime) -> tuple[Rule, ...]:
        """Return the pack rows that bind a call to the place; none on a simulated trunk."""
        if self.simulated:
            return ()
        return binding_rules(
            self.law,
            placement,
            at,
            purpose=self.settings.purpose,
            channel=self.settings.channel(),
            party=self.settings.party,
            exempted=self.client.exempted,
        )

    def _place_windows(self, placement: Placement, at: datetime) -> list[WindowTerms]:
        rows = self.binding_rules(placement, at)
        terms = [
            row.terms
            for row in rows
            if isinstance(row.terms, WindowTerms) and not self._may_be_lifted(row)
        ]
        hours, _ = self._own()
        terms += self.client.days_off.terms(placement.jurisdictions)
        return [*terms, hours] if hours is not None else terms

    def _may_be_lifted(self, rule: Rule) -> bool:
        return bool(rule.lifted_by & self.client.lifting_consents)


def _most_attempts(candidate: Candidate, settings: CampaignSettings) -> int:
    """Return the lead's limit of attempts: a promised call is kept even when it was reached."""
    least = candidate.attempts_made + 1 if candidate.promised else 0
    return max(settings.max_attempts, least)


async def load_client_law(session: AsyncSession, client_id: UUID, law: Law) -> ClientLaw:
    """Read what one client may do: its limits, exemptions, lists, and the emergencies that are on."""
    kinds = {kind for rule in law.book.rules for kind in rule.lifted_by}
    client = await load_client_facts(session, client_id, kinds)
    allowed = {NumberType(kind) for kind in client.allowed_number_types}
    return ClientLaw(
        client_id=client_id,
        clients=tuple(client.kin),
        allowed_countries=frozenset(client.allowed_countries) or None,
        allowed_types=frozenset(ALLOWED_TYPES_DEFAULT | allowed),
        exempted=frozenset(client.exempted),
        emergencies=frozenset(client.emergencies),
        lifting_consents=frozenset(client.lifting_consents),
        lists=await _lists(session, client_id),
        days_off=OwnDays(tuple(OwnDay(*row) for row in client.days_off)),
    )


async def _lists(session: AsyncSession, client_id: UUID) -> tuple[KnownList, ...]:
    """Read the lists a client may need; of one code its own and everybody's count together."""
    rows = await session.exec(
        select(DncList)
        .where(or_(col(DncList.client_id).is_(None), col(DncList.client_id) == client_id))
        .order_by(col(DncList.code), col(DncList.client_id).asc().nulls_first())
    )
    return tuple(
        KnownList(
            row.id,
            row.code,
            row.max_age_days,
            row.always_applies,
            row.file_name,
            row.sha256,
            row.semantics,
        )
        for row in rows
    )
