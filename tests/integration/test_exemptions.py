"""Exemptions take two persons and a reason; emergencies stop calls until they are over."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from campaigns.law import emergencies, exemptions
from campaigns.law.emergencies import UnknownSwitch
from campaigns.law.exemptions import (
    ExemptionNotFound,
    ExemptionOpen,
    ExemptionOver,
    ReasonTooShort,
    SecondPersonNeeded,
    state_of,
)
from campaigns.leads.asking import load_client_law
from campaigns.leads.models import Lead
from campaigns.tenancy import bootstrap
from campaigns.tenancy.limits import NeedsSecondPerson
from campaigns.tenancy.models import AuditEntry, Role
from compliance.models import RuleExemption
from compliance.rulebook.packs import RuleNotFound
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from dialer.errors import Forbidden, Invalid
from tests.factories import make_campaign, make_client, numbers
from tests.world import LAW

RULE, REASON, SWITCH = "ru-auto-ban", "Counsel's opinion no. 12", "us-la-emergency"


class Office:
    """A client with its people."""

    def __init__(self, sessions: SessionFactory, clock: FrozenClock, client_id: UUID) -> None:
        self.sessions, self.clock, self.client_id = sessions, clock, client_id
        self.people = 0

    async def person(self, role: Role) -> UUID:
        """Add a user and return its id."""
        self.people += 1
        async with transaction(self.sessions) as session:
            login = f"{role.value}-{self.people}-{self.client_id.hex[-6:]}"
            user = await bootstrap.create_user(
                session, client_id=self.client_id, login=login, role=role, clock=self.clock
            )
            return user.id

    async def propose(self, user_id: UUID, **facts: Any) -> RuleExemption:
        """Propose an exemption."""
        given: dict[str, Any] = {
            "rule_id": RULE,
            "reason": REASON,
            "user_id": user_id,
            "book": LAW.book,
        }
        async with transaction(self.sessions) as session:
            return await exemptions.propose(
                session, client_id=self.client_id, clock=self.clock, **(given | facts)
            )

    async def approve(self, row: RuleExemption, user_id: UUID) -> RuleExemption:
        """Approve one."""
        async with transaction(self.sessions) as session:
            return await exemptions.approve(
                session, row.id, client_id=self.client_id, user_id=user_id, clock=self.clock
            )

    async def end(self, row: RuleExemption, user_id: UUID | None) -> RuleExemption:
        """End one."""
        async with transaction(self.sessions) as session:
            return await exemptions.end(
                session, row.id, client_id=self.client_id, user_id=user_id, clock=self.clock
            )

    async def exempted(self) -> frozenset[str]:
        """Return the rules that do not bind."""
        async with self.sessions() as session:
            return (await load_client_law(session, self.client_id, LAW)).exempted

    async def turn(
        self,
        switch: str,
        *,
        on: bool,
        user_id: UUID | None,
        reason: str = REASON,
        agreed: bool = False,
    ) -> None:
        """Turn a switch."""
        async with transaction(self.sessions) as session:
            await emergencies.turn(
                session,
                switch,
                on=on,
                reason=reason,
                client_id=self.client_id,
                user_id=user_id,
                book=LAW.book,
                clock=self.clock,
                agreed=agreed,
            )


@pytest.fixture
async def office(sessions: SessionFactory, clock: FrozenClock) -> Office:
    async with transaction(sessions) as session:
        return Office(sessions, clock, (await make_client(session, clock.now())).id)


@pytest.fixture
async def other_office(sessions: SessionFactory, clock: FrozenClock) -> Office:
    async with transaction(sessions) as session:
        return Office(sessions, clock, (await make_client(session, clock.now())).id)


async def test_two_persons_switch_a_rule_off_and_one_on_again(office: Office) -> None:
    row = await office.propose(await office.person(Role.MANAGER))
    assert (state_of(row), await office.exempted()) == ("proposed", frozenset())
    row = await office.approve(row, await office.person(Role.ADMIN))
    assert (state_of(row), await office.exempted()) == ("in_force", frozenset({RULE}))
    row = await office.end(row, await office.person(Role.MANAGER))
    assert (state_of(row), await office.exempted()) == ("ended", frozenset())
    async with office.sessions() as session:
        mine = select(AuditEntry).where(col(AuditEntry.subject_id) == row.id)
        trace = (await session.exec(mine.order_by(col(AuditEntry.id)))).all()
    assert [entry.action.split(".")[1] for entry in trace] == ["proposed", "approved", "ended"]
    assert len({entry.user_id for entry in trace}) == 3


async def test_nobody_approves_alone(office: Office, other_office: Office) -> None:
    admin = await office.person(Role.ADMIN)
    row = await office.propose(admin)
    stranger = await other_office.person(Role.ADMIN)
    for somebody, error in (
        (admin, SecondPersonNeeded),
        (await office.person(Role.MANAGER), SecondPersonNeeded),
        (stranger, Forbidden),
    ):
        with pytest.raises(error):
            await office.approve(row, somebody)
    with pytest.raises(ExemptionNotFound):
        await other_office.approve(row, stranger)
    assert await office.exempted() == frozenset()


async def test_the_database_refuses_one_person_too(office: Office) -> None:
    admin = await office.person(Role.ADMIN)
    row = await office.propose(admin)
    async with office.sessions() as session:
        kept = await session.get_one(RuleExemption, row.id)
        kept.approved_by, kept.approved_at = admin, office.clock.now()
        with pytest.raises(IntegrityError):
            await session.flush()


async def test_a_proposal_needs_a_rule_a_reason_and_a_right(office: Office) -> None:
    manager = await office.person(Role.MANAGER)
    with pytest.raises(RuleNotFound):
        await office.propose(manager, rule_id="ru-no-such-rule")
    with pytest.raises(ReasonTooShort):
        await office.propose(manager, reason="  because ")
    with pytest.raises(Forbidden):
        await office.propose(await office.person(Role.AGENT))
    await office.propose(manager)
    with pytest.raises(ExemptionOpen):
        await office.propose(manager)


async def test_what_is_over_stays_over(office: Office) -> None:
    manager, admin = await office.person(Role.MANAGER), await office.person(Role.ADMIN)
    row = await office.propose(manager)
    await office.end(row, manager)
    with pytest.raises(ExemptionOver):
        await office.approve(row, admin)
    with pytest.raises(ExemptionOver):
        await office.end(row, manager)
    await office.propose(manager)  # another one may follow
    async with office.sessions() as session:
        assert len(await exemptions.find(session, client_id=office.client_id)) == 2


async def _emergencies(office: Office) -> frozenset[str]:
    async with office.sessions() as session:
        return (await load_client_law(session, office.client_id, LAW)).emergencies


async def test_an_emergency_stops_every_client(office: Office, other_office: Office) -> None:
    admin = await office.person(Role.ADMIN)
    await office.turn(SWITCH, on=True, user_id=admin)
    assert await _emergencies(other_office) == {SWITCH}
    stranger = await other_office.person(Role.ADMIN)
    with pytest.raises(Forbidden):
        await other_office.turn(SWITCH, on=False, user_id=stranger)
    with pytest.raises(NeedsSecondPerson):
        await office.turn(SWITCH, on=False, user_id=admin)
    await office.turn(SWITCH, on=False, user_id=admin, agreed=True)
    assert await _emergencies(other_office) == frozenset()


async def test_the_operators_switch_is_turned_off_by_the_operator(office: Office) -> None:
    await office.turn(SWITCH, on=True, user_id=None)
    with pytest.raises(Forbidden):
        await office.turn(SWITCH, on=False, user_id=await office.person(Role.ADMIN))
    await office.turn(SWITCH, on=False, user_id=None)
    assert await _emergencies(office) == frozenset()


async def test_only_known_switches_with_a_reason_are_turned(office: Office) -> None:
    with pytest.raises(UnknownSwitch):
        await office.turn("us-atlantis", on=True, user_id=None)
    with pytest.raises(Invalid):
        await office.turn(SWITCH, on=True, user_id=None, reason=" ")


async def test_when_it_is_over_the_waiting_leads_are_asked_about_again(office: Office) -> None:
    async with transaction(office.sessions) as session:
        made = await make_campaign(
            session, office.clock.now(), leads=numbers(1), client_id=office.client_id
        )
        lead = await session.get_one(Lead, made.lead_ids[0])
        lead.next_attempt_at, lead.waiting_reason = None, "emergency"
    await office.turn(SWITCH, on=True, user_id=None)
    async with office.sessions() as session:
        assert (await session.get_one(Lead, made.lead_ids[0])).next_attempt_at is None
    await office.turn(SWITCH, on=False, user_id=None)
    async with office.sessions() as session:
        assert (await session.get_one(Lead, made.lead_ids[0])).next_attempt_at is not None
