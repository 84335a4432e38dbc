"""A busy day of two clients: thousands of simulated calls, and everything that happens to them.

Predictive, power and progressive campaigns on the simulated Asterisk; transfers, promised calls, three
versions of the form, workers that are killed, an Asterisk that loses its calls, a clock that passes
midnight, results that are corrected, days that are rolled up while they are still being changed.
"""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.forms import publishing
from campaigns.leads import correcting
from campaigns.leads.correcting import Correction
from campaigns.lists.models import ContactList
from campaigns.models import CallerId, CampaignCallerId
from campaigns.reports.settings import SettingsChange, change_terms
from dialer import settings as dialer_settings
from dialer.db import transaction
from dialer.errors import Conflict
from tests.busy_clock import SharedClock
from tests.busy_desks import CLERKS, ZONE
from tests.busy_people import FORMS, PATIENT_EVERY, RETRY
from tests.factories import MadeCampaign, make_campaign, numbers
from tests.hall import Place
from tests.nursery import Nursery
from workers.deps import BackgroundDeps
from workers.jobs.reports import sweep_reports

#: So many minutes and seconds before midnight the day begins; it ends early in the morning.
BEGINS = datetime(2026, 11, 23, 23, 59, 40, tzinfo=ZoneInfo(ZONE))
HOUR = timedelta(hours=1, minutes=2)
#: What an hour of an operator and a minute on the line cost.
RATE, TARIFF = Decimal("12.50"), Decimal("0.031")

_FINISHED = text(
    """
    SELECT id, client_id FROM attempt
    WHERE disposition = :wrong AND ended_at IS NOT NULL AND connected_at IS NOT NULL
    ORDER BY md5(id::text) LIMIT 15
    """
)


@dataclass
class BusyDay:
    """The day, while it runs and when it is over."""

    place: Place
    home: Nursery
    clock: SharedClock
    folder: Path
    calls: int  #: at which the campaigns are paused
    campaigns: list[MadeCampaign] = field(default_factory=list)  #: of the client; the last is noise
    patient: frozenset[str] = frozenset()
    told: Counter[str] = field(default_factory=Counter)
    chance: random.Random = field(default_factory=lambda: random.Random(7))

    @property
    def client_id(self) -> UUID:
        """Return the client whose figures are looked at."""
        return self.campaigns[0].client_id

    @property
    def mine(self) -> list[UUID]:
        """Return the client's campaigns."""
        return [one.id for one in self.campaigns if one.client_id == self.client_id]

    async def prepare(self) -> None:
        """Make clients, lists, agents and the first version of the form."""
        self.clock.set_to(BEGINS)
        usual = {"wrap_up_s": 0.3, "retry": RETRY, "max_attempts": 6, "hopper_size": 200}
        usual["transfer_targets"] = [
            {"code": one, "name": one, "endpoint": f"PJSIP/agent-{one}"} for one in CLERKS
        ]
        kinds: list[tuple[str, dict[str, Any], int]] = [
            ("a", {"mode": "predictive", "form": "survey", "max_ratio": 3}, 30),
            ("b", {"mode": "power", "dial_ratio": 1.7, "form": "survey"}, 25),
            ("c", {"mode": "progressive", "form": "survey"}, 25),
            ("other", {"mode": "progressive"}, 5),
        ]
        share = (self.calls * 2) // 5
        first = 0
        for name, settings, agents in kinds:
            leads = numbers(share if name != "other" else share // 5, first)
            self.patient |= frozenset(leads[::PATIENT_EVERY])
            first += len(leads)
            await self._make(name, usual | settings, leads, agents)
        await self.publish(0)

    async def _make(
        self, name: str, settings: dict[str, Any], leads: list[str], agents: int
    ) -> None:
        async with transaction(self.place.sessions) as session:
            now = self.clock.now()
            owner = None if name == "other" or not self.campaigns else self.client_id
            made = await make_campaign(
                session, now, leads=leads, agents=agents, settings=settings, client_id=owner,
                agent_endpoint=f"PJSIP/agent-{name}-{{n}}",
            )  # fmt: skip
            self.campaigns.append(made)
            await session.execute(
                text("UPDATE disposition SET refuses = true WHERE code = 'refused'")
            )
            await self._second_list(session, made)
            await self._more_caller_ids(session, made)
            if owner is None and name != "other":
                change = SettingsChange(
                    zone=ZONE,
                    csat_question="happy",
                    csat_from=7,
                    service_level_s=1,
                    hour_rate=RATE,
                    minute_tariff=TARIFF,
                )
                await change_terms(session, made.client_id, change, user_id=None, clock=self.clock)

    async def _second_list(self, session: AsyncSession, made: MadeCampaign) -> None:
        """Move every third contact to a list of its own."""
        old = await session.get_one(ContactList, made.list_id)
        more = ContactList(
            **{**old.model_dump(exclude={"id"}), "name": f"More of {made.id.hex[-4:]}"}
        )
        session.add(more)
        await session.flush()
        facts = {"new": more.id, "old": made.list_id, "c": made.id}
        for statement in (
            "UPDATE contact SET list_id = :new WHERE list_id = :old AND source_row % 3 = 0",
            "INSERT INTO campaign_list (campaign_id, list_id) VALUES (:c, :new)",
            "INSERT INTO lane (campaign_id, lane, list_id, priority, quota_cell)"
            " VALUES (:c, 4, :new, 0, 0)",
            "UPDATE lead SET lane = 4 WHERE campaign_id = :c AND contact_id IN"
            " (SELECT id FROM contact WHERE list_id = :new)",
        ):
            used = {name: value for name, value in facts.items() if f":{name}" in statement}
            await session.execute(text(statement), used)

    async def _more_caller_ids(self, session: AsyncSession, made: MadeCampaign) -> None:
        for last in range(2):
            e164 = f"+7495{made.id.int % 100_000:05}{last:02}"
            row = CallerId(client_id=made.client_id, e164=e164)
            session.add(row)
            await session.flush()
            session.add(CampaignCallerId(campaign_id=made.id, caller_id_id=row.id))

    async def publish(self, number: int) -> None:
        """Publish a version of the form."""
        owner: dict[str, Any] = {
            "client_id": self.client_id, "user_id": None, "clock": self.clock,
        }  # fmt: skip
        async with transaction(self.place.sessions) as session:
            await publishing.save_draft(session, FORMS[number], **owner)
            await publishing.publish(session, "survey", **owner)
        self.told["versions"] += 1

    async def roll_up(self) -> None:
        """Do what the background worker does every minute."""
        deps = BackgroundDeps(dialer_settings.load(), self.place.sessions, self.clock)
        self.told["days rolled up"] += await sweep_reports({"deps": deps})

    async def count(self, where: str = "true", table: str = "attempt") -> int:
        """Return how many rows there are."""
        async with self.place.sessions() as session:
            found = await session.execute(
                text(" ".join(("SELECT count(*) FROM", table, "WHERE", where)))
            )
            return int(found.scalar_one())

    async def correct(self) -> None:
        """Correct results, as whoever finds a mistake later does."""
        for wrong, right in (("sale", "refused"), ("refused", "sale")):
            async with self.place.sessions() as session:
                found = await session.execute(_FINISHED, {"wrong": wrong})
                calls = [(row.id, row.client_id) for row in found]
            for call, client_id in calls:
                self.told["corrected"] += await self._correct(call, client_id, wrong, right)

    async def _correct(self, call: UUID, client_id: UUID, wrong: str, right: str) -> int:
        """Correct one result as a supervisor does; what is about to be dialled again is left."""
        wish = Correction(right, wrong, "Heard again")
        try:
            async with transaction(self.place.sessions) as session:
                await correcting.correct(
                    session, call, wish, client_id=client_id, user_id=None, clock=self.clock
                )
        except Conflict:
            return 0
        return 1
