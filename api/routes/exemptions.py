"""Exemptions from rules, by two administrators; switches of emergencies."""

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter

from api.auth import AdminDep, ManagerDep
from api.deps import ClockDep, LawDep, SessionDep
from api.errors import problems
from api.schemas.compliance import EmergencyIn, EmergencyOut, ExemptionIn, ExemptionOut
from campaigns.law import emergencies, exemptions
from campaigns.law.emergencies import UnknownSwitch
from campaigns.law.exemptions import (
    ExemptionNotFound,
    ExemptionOpen,
    ExemptionOver,
    ReasonTooShort,
    SecondPersonNeeded,
)
from compliance.models import RuleExemption
from compliance.rulebook.packs import RuleNotFound
from dialer.errors import Forbidden, Unauthenticated

router = APIRouter(
    prefix="/compliance", tags=["compliance"], responses=problems(Unauthenticated, Forbidden)
)


@router.post(
    "/exemptions",
    status_code=HTTPStatus.CREATED,
    responses=problems(RuleNotFound, ReasonTooShort, ExemptionOpen),
)
async def propose_exemption(
    body: ExemptionIn, who: AdminDep, session: SessionDep, law: LawDep, clock: ClockDep
) -> ExemptionOut:
    """Ask that a rule should not bind the client; another administrator approves."""
    row = await exemptions.propose(
        session,
        client_id=who.client_id,
        rule_id=body.rule,
        reason=body.reason,
        user_id=who.user_id,
        book=law.book,
        clock=clock,
    )
    return _shown(row)


@router.get("/exemptions")
async def list_exemptions(who: ManagerDep, session: SessionDep) -> list[ExemptionOut]:
    """Return the client's exemptions, ended ones too, the newest first."""
    return [_shown(row) for row in await exemptions.find(session, client_id=who.client_id)]


@router.post(
    "/exemptions/{exemption_id}/approve",
    responses=problems(ExemptionNotFound, ExemptionOver, SecondPersonNeeded),
)
async def approve_exemption(
    exemption_id: UUID, who: AdminDep, session: SessionDep, clock: ClockDep
) -> ExemptionOut:
    """Put an exemption in force that somebody else proposed."""
    row = await exemptions.approve(
        session, exemption_id, client_id=who.client_id, user_id=who.user_id, clock=clock
    )
    return _shown(row)


@router.post("/exemptions/{exemption_id}/end", responses=problems(ExemptionNotFound, ExemptionOver))
async def end_exemption(
    exemption_id: UUID, who: AdminDep, session: SessionDep, clock: ClockDep
) -> ExemptionOut:
    """Let the rule bind again."""
    row = await exemptions.end(
        session, exemption_id, client_id=who.client_id, user_id=who.user_id, clock=clock
    )
    return _shown(row)


def _shown(row: RuleExemption) -> ExemptionOut:
    return ExemptionOut(
        id=row.id,
        rule=row.rule_id,
        state=exemptions.state_of(row),
        reason=row.reason,
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        approved_by=row.approved_by,
        approved_at=row.approved_at,
        ended_at=row.ended_at,
    )


@router.get("/emergencies")
async def list_emergencies(who: ManagerDep, session: SessionDep, law: LawDep) -> list[EmergencyOut]:
    """Return the switches the rules know, and which are on."""
    del who
    turned = {row.switch: row for row in await emergencies.find(session)}
    return [
        EmergencyOut(
            switch=switch,
            on=switch in turned and turned[switch].is_on,
            reason=turned[switch].reason if switch in turned else "",
            rule=rule.id,
        )
        for switch, rule in sorted(emergencies.switches(law.book).items())
    ]


@router.put("/emergencies/{switch}", responses=problems(UnknownSwitch))
async def turn_emergency(
    switch: str,
    body: EmergencyIn,
    who: AdminDep,
    session: SessionDep,
    law: LawDep,
    clock: ClockDep,
) -> EmergencyOut:
    """Turn a switch; on, the calls it forbids stop, those of every client."""
    row = await emergencies.turn(
        session,
        switch,
        on=body.on,
        reason=body.reason,
        client_id=who.client_id,
        user_id=who.user_id,
        book=law.book,
        clock=clock,
    )
    rule = emergencies.switches(law.book)[switch]
    return EmergencyOut(switch=switch, on=row.is_on, reason=row.reason, rule=rule.id)
