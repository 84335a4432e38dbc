"""Which leads a campaign draws now: its lanes, its places that are open, and the law that opens them."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.amd.leave import message_leave
from campaigns.leads import hopper, mixing
from campaigns.leads.asking import ClientLaw, Gatekeeper, load_client_law
from campaigns.leads.due_callbacks import claim_callbacks, earliest_callbacks
from campaigns.leads.history import PersonFacts, company_counts, load_facts
from campaigns.leads.hopper import Candidate, Draw
from campaigns.leads.keeping import counts_companies, look_up_on, sync_lists
from campaigns.leads.mixing import LaneFacts
from campaigns.leads.places import PlaceBook, load_places, waiting_places
from campaigns.leads.quota_room import QuotaRoom
from campaigns.leads.requeue import requeue_reasons
from campaigns.leads.rooms import RoomReader
from campaigns.leads.selection import load_drawn
from campaigns.recordings import announcing
from campaigns.selection import DrawOrder
from campaigns.settings import CampaignSettings
from campaigns.supervising import list_pauses
from compliance.dnc.shelf import DncShelf
from compliance.facts import Law
from compliance.gate import Clearance, Refusal
from compliance.machine_messages import MessageLeave
from compliance.reasons import RefusalReason
from compliance.rulebook import strictest
from compliance.rulebook.rules import CallerIdTerms, Rule

log = structlog.get_logger()

#: Leads that wait for a list are asked about again when one was loaded.
_WANT_A_LIST = (RefusalReason.DNC_MISSING, RefusalReason.DNC_STALE)
#: Lanes, places and what the client may do are read again this often, or when something changed.
READ_EVERY = timedelta(seconds=2)


@dataclass(slots=True)
class Drawing:
    """One campaign's view of its leads and of the law."""

    campaign_id: UUID
    client_id: UUID
    law: Law
    shelf: DncShelf
    settings: CampaignSettings
    simulated: bool
    lanes: tuple[LaneFacts, ...] = ()
    filled: QuotaRoom = field(default_factory=QuotaRoom)  #: at the last look
    rooms: RoomReader = field(default_factory=RoomReader)
    selection_due: bool = False  #: the leads wait until the selection is applied to them
    paused: frozenset[UUID] = frozenset()  #: lists that a supervisor lets rest
    promises: bool = True  #: some call is promised, or nobody has looked yet
    drawn: Counter[UUID] = field(default_factory=Counter)  #: leads by list, for its percentage
    keeper: Gatekeeper = field(init=False)
    book: PlaceBook = field(init=False)
    _read_at: datetime | None = None
    _held: dict[UUID, str] = field(default_factory=dict)  #: files of the lists in memory

    def __post_init__(self) -> None:
        """Begin without leave for anything: the first read gives it."""
        nothing = ClientLaw(
            self.client_id, (), frozenset(), frozenset(), frozenset(), frozenset(), frozenset()
        )
        look_up = look_up_on(self.shelf)
        self.keeper = Gatekeeper(self.law, self.settings, nothing, self.simulated, look_up)
        self.book = PlaceBook(self.keeper.opening)

    def use(self, settings: CampaignSettings) -> None:
        """Take changed settings over."""
        if settings != self.settings:
            self.settings = self.keeper.settings = settings
            self.book.forget()
            self._read_at = None

    async def rest(self, session: AsyncSession, paused: frozenset[UUID]) -> None:
        """Let lists rest; what a draw had claimed of a new one meanwhile is given back."""
        for list_id in paused - self.paused:
            await list_pauses.give_back(session, self.campaign_id, list_id)
        self.paused = paused

    async def read(self, session: AsyncSession, *, now: datetime) -> None:
        """Read lanes, places and the client's law, unless that was done a moment ago."""
        if self._read_at is not None and now - self._read_at < READ_EVERY:
            return
        self.selection_due, lanes = await load_drawn(session, self.campaign_id)
        self.lanes = tuple(lanes)
        quotas = (self.campaign_id, self.client_id, self.settings)
        self.filled = await self.rooms.read(session, *quotas)
        client = await load_client_law(session, self.client_id, self.law)
        if client != self.keeper.client:
            self.keeper.client = client
            self.book.forget()
        change = await sync_lists(self.shelf, client)
        for list_id, error in change.failed.items():
            log.warning("dnc.not_loaded", list_id=list_id, error=error.code)
        await self._wake_for_lists(session, client, now)
        if counts_companies(self.law):
            self.keeper.company = await company_counts(session, client.clients, now=now)
        places = await waiting_places(session, self.campaign_id, self.lane_numbers())
        new = places - self.book.places.keys()
        if new:
            self.book.places.update(await load_places(session, new))
        self._read_at = now

    async def _wake_for_lists(
        self, session: AsyncSession, client: ClientLaw, now: datetime
    ) -> None:
        """Have leads asked about again when a list is there that was not at the last read.

        The shelf is everybody's in this process: another campaign may have loaded the list.
        """
        on_shelf = {row.id: self.shelf.get(str(row.id)) for row in client.lists}
        held = {key: one.version.file for key, one in on_shelf.items() if one is not None}
        if held.items() - self._held.items():
            await requeue_reasons(session, self.campaign_id, _WANT_A_LIST, now=now)
        self._held = held

    def lane_numbers(self) -> list[int]:
        """Return every lane's number, for new leads and for those tried before."""
        return self._numbers(lambda _: True)

    def full_lanes(self) -> list[int]:
        """Return the lanes whose quota has its successes: their leads count as done with."""
        full = self.filled
        return self._numbers(lambda row: full.is_over or row.quota_cell in full.full_cells)

    def resting_lanes(self) -> list[int]:
        """Return the lanes of lists that a person gave 0 percent: their leads wait for a person."""
        mix = self.settings.selection.list_mix
        return self._numbers(lambda row: mix.get(row.list_id) == 0 or row.list_id in self.paused)

    def _numbers(self, chosen: Callable[[LaneFacts], bool]) -> list[int]:
        return [n for row in self.lanes if chosen(row) for n in (row.lane, row.lane + 1)]

    async def claim(
        self, session: AsyncSession, wanted: int, free_agents: Sequence[str], *, now: datetime
    ) -> list[Candidate]:
        """Claim up to ``wanted`` leads: promised callbacks, then tier after tier of the lanes."""
        claimed = await self.claim_promised(session, wanted, free_agents, now=now)
        if self.selection_due:
            return []
        places = self.book.open_places(now)
        selection = self.settings.selection
        by_due = selection.order is DrawOrder.AS_DUE and not selection.list_mix
        quotas = (self.campaign_id, self.client_id, self.settings)
        room = await self.rooms.for_claim(session, *quotas, now)
        lanes = [row for row in self.lanes if row.list_id not in self.paused]
        tiers = mixing.draw(lanes, selection, self.drawn, wanted, full_cells=room.full_cells)
        cells = {n: row.quota_cell for row in self.lanes for n in (row.lane, row.lane + 1)}
        for tier in tiers:
            if len(claimed) >= wanted:
                break
            draw = Draw(room.cap(tier, cells), places, wanted - len(claimed), by_due)
            found = await hopper.claim(session, self.campaign_id, draw, now=now)
            over = {one.lead_id for one in found if not room.take(cells.get(one.lane, 0))}
            await hopper.give_back(session, self.campaign_id, over)
            claimed += [one for one in found if one.lead_id not in over]
        lists = {row.lane: row.list_id for row in self.lanes}
        self.drawn.update(lists[one.lane & ~1] for one in claimed if one.lane & ~1 in lists)
        return claimed

    async def claim_promised(
        self, session: AsyncSession, wanted: int, free_agents: Sequence[str], *, now: datetime
    ) -> list[Candidate]:
        """Claim up to ``wanted`` callbacks whose time has come."""
        # A promise is for later: the look that follows its making comes before its time, or a second after.
        if self.selection_due or not self.promises:
            return []
        return await claim_callbacks(
            session,
            self.campaign_id,
            places=self.book.open_places(now),
            free_agents=free_agents,
            limit=wanted,
            now=now,
        )

    async def people(
        self, session: AsyncSession, candidates: list[Candidate]
    ) -> Mapping[UUID, PersonFacts]:
        """Read what is known of the candidates' persons."""
        missing = {c.place_id for c in candidates} - self.book.places.keys()
        if missing:
            self.book.places.update(await load_places(session, missing))
        return await load_facts(
            session,
            candidates,
            campaign_id=self.campaign_id,
            client_id=self.client_id,
            clients=self.keeper.client.clients,
            subject=self.settings.subject,
        )

    def answer(
        self, candidate: Candidate, people: Mapping[UUID, PersonFacts], at: datetime
    ) -> Clearance | Refusal:
        """Ask the gate about one lead."""
        placement = self.book.places.get(candidate.place_id)
        return self.keeper.ask(candidate, people.get(candidate.lead_id), placement, at)

    def binding_rules(self, at: datetime) -> tuple[Rule, ...]:
        """Return the pack rows that bind any of the campaign's calls, wherever its leads are."""
        found = {
            rule.id: rule
            for placement in self.book.places.values()
            for rule in self.keeper.binding_rules(placement, at)
        }
        return tuple(found.values())

    def ring_at_least_s(self, candidate: Candidate, at: datetime) -> float:
        """Return how long the lead's call must ring by the rows that bind it, seconds; 0: any time."""
        placement = self.book.places.get(candidate.place_id)
        return strictest.ring_at_least_s(self.keeper.binding_rules(placement, at))

    def announced(self, clearance: Clearance, candidate: Candidate) -> Clearance:
        """Return a clearance that says whether the call's recording must be announced, and by what."""
        placement = self.book.places.get(candidate.place_id)
        at = clearance.expires_at
        rules = () if self.simulated else self.keeper.binding_rules(placement, at)
        return announcing.noted(clearance, self.settings, rules)

    def caller_id_terms(self, candidate: Candidate, at: datetime) -> tuple[CallerIdTerms, ...]:
        """Return the pack rows on caller IDs that bind the lead's call."""
        placement = self.book.places.get(candidate.place_id)
        rules = self.keeper.binding_rules(placement, at)
        return tuple(rule.terms for rule in rules if isinstance(rule.terms, CallerIdTerms))

    def message_leave(
        self, candidate: Candidate, person: PersonFacts | None, at: datetime
    ) -> MessageLeave:
        """Answer whether the lead's machine, should there be one, may be left a message."""
        placement = self.book.places.get(candidate.place_id)
        return message_leave(self.keeper, candidate, person, placement, at)

    async def next_due(self, session: AsyncSession, *, now: datetime) -> datetime | None:
        """Return when the next waiting lead is due and its place open; None: a person must act."""
        drawn = set(self.lane_numbers()) - {*self.full_lanes(), *self.resting_lanes()}
        places = self.book.places
        due = await hopper.earliest_due(session, self.campaign_id, drawn, places)
        promised = {}
        if self.promises:
            promised = await earliest_callbacks(session, self.campaign_id, places)
        moments = (
            self.keeper.next_opening(places[place_id], max(at, now))
            for place_id, at in (*due.items(), *promised.items())
        )
        return min((moment for moment in moments if moment is not None), default=None)
