"""What loosens settings of law, by two persons: asked for, approved or refused in the browser."""

from collections.abc import Awaitable, Callable
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from api.auth import PageManagerDep, Permission, may
from api.deps import OutboxDep, Services, ServicesDep, SessionDep
from api.languages import language_of
from api.law_rows import place_name
from api.logins import logins_of
from api.setup import law_words
from api.templating import problem_words, render
from campaigns.accounts.permissions import require
from campaigns.commands import CommandName
from campaigns.law import emergencies, exemptions, law_changes
from campaigns.law.models import LawSubject
from campaigns.tenancy.limits import ClientWish, change_client
from campaigns.tenancy.models import Client
from campaigns.tenancy.tokens import Identity
from dialer.errors import OutdialError

router = APIRouter(prefix="/law/changes")

Reason = Annotated[str, Form(max_length=500)]


@router.get("")
async def law_changes_page(
    request: Request, who: PageManagerDep, session: SessionDep, services: ServicesDep
) -> Response:
    """Show what waits for a second person, what became of the rest, and the switches."""
    return await _show(request, who, session, services)


@router.post("/{change_id}/approve")
async def approve_law_change(
    request: Request,
    change_id: UUID,
    who: PageManagerDep,
    session: SessionDep,
    services: ServicesDep,
    outbox: OutboxDep,
) -> Response:
    """Approve what somebody else asked for; it is applied at once, and once."""

    async def approve() -> None:
        row = await law_changes.approve(
            session,
            change_id,
            client_id=who.client_id,
            user_id=who.user_id,
            clock=services.clock,
        )
        if row.subject is LawSubject.CAMPAIGN and row.subject_id is not None:
            outbox.tell(row.subject_id, CommandName.REFRESH)

    return await _do(request, who, session, services, approve)


@router.post("/{change_id}/refuse")
async def refuse_law_change(
    request: Request,
    change_id: UUID,
    who: PageManagerDep,
    session: SessionDep,
    services: ServicesDep,
    reason: Reason = "",
) -> Response:
    """Refuse a request with a reason, or take the own one back."""

    async def refuse() -> None:
        await law_changes.refuse(
            session,
            change_id,
            reason=reason,
            client_id=who.client_id,
            user_id=who.user_id,
            clock=services.clock,
        )

    return await _do(request, who, session, services, refuse)


@router.post("/two-persons")
async def set_two_persons(
    request: Request,
    who: PageManagerDep,
    session: SessionDep,
    services: ServicesDep,
    on: Annotated[bool, Form()],
    reason: Reason = "",
) -> Response:
    """Want two persons from now on; to want one again needs two."""

    async def turn() -> None:
        if on:
            wish = ClientWish(two_person_law=True)
            await change_client(session, who.client_id, wish, by=who.user_id, clock=services.clock)
            return
        await _ask(session, services, who, LawSubject.CLIENT, {"two_person_law": False}, reason)

    return await _do(request, who, session, services, turn)


@router.post("/emergencies")
async def turn_emergency_switch(
    request: Request,
    who: PageManagerDep,
    session: SessionDep,
    services: ServicesDep,
    switch: Annotated[str, Form(max_length=100)],
    on: Annotated[bool, Form()],
    reason: Reason = "",
) -> Response:
    """Declare an emergency at once; ask a second person to end one."""

    async def turn() -> None:
        two = (await session.get_one(Client, who.client_id)).two_person_law
        if not on and two:
            await _ask(session, services, who, LawSubject.EMERGENCY, {"switch": switch}, reason)
            return
        await emergencies.turn(
            session,
            switch,
            on=on,
            reason=reason,
            client_id=who.client_id,
            user_id=who.user_id,
            book=services.law.book,
            clock=services.clock,
        )

    return await _do(request, who, session, services, turn, administer=True)


@router.post("/exemptions")
async def propose_rule_exemption(
    request: Request,
    who: PageManagerDep,
    session: SessionDep,
    services: ServicesDep,
    rule: Annotated[str, Form(max_length=100)] = "",
    reason: Reason = "",
) -> Response:
    """Ask that a rule should not bind the client."""
    proposed = partial(
        exemptions.propose,
        session,
        client_id=who.client_id,
        rule_id=rule.strip(),
        reason=reason,
        user_id=who.user_id,
        book=services.law.book,
        clock=services.clock,
    )
    return await _do(request, who, session, services, proposed)


@router.post("/exemptions/{exemption_id}/{step}")
async def step_rule_exemption(
    request: Request,
    exemption_id: UUID,
    step: str,
    who: PageManagerDep,
    session: SessionDep,
    services: ServicesDep,
) -> Response:
    """Approve an exemption that another person proposed, or end one."""
    does = exemptions.approve if step == "approve" else exemptions.end
    done = partial(
        does,
        session,
        exemption_id,
        client_id=who.client_id,
        user_id=who.user_id,
        clock=services.clock,
    )
    return await _do(request, who, session, services, done, administer=step == "approve")


async def _ask(
    session: AsyncSession,
    services: Services,
    who: Identity,
    subject: LawSubject,
    wishes: dict[str, Any],
    reason: str,
) -> None:
    await law_changes.request(
        session,
        subject,
        None,
        wishes,
        reason=reason,
        client_id=who.client_id,
        user_id=who.user_id,
        clock=services.clock,
    )


async def _do(
    request: Request,
    who: Identity,
    session: AsyncSession,
    services: Services,
    does: Callable[[], Awaitable[object]],
    *,
    administer: bool = False,
) -> Response:
    """Await what a button does and lead back; say on the page why it could not be done."""
    try:
        if administer:
            require(who, Permission.ADMINISTER)
        await does()
    except OutdialError as error:
        await session.rollback()
        said = problem_words(language_of(request), error)
        return await _show(request, who, session, services, problem=said)
    return RedirectResponse("/law/changes", HTTPStatus.SEE_OTHER)


async def _show(
    request: Request,
    who: Identity,
    session: AsyncSession,
    services: Services,
    *,
    problem: str = "",
) -> Response:
    now, language = services.clock.now(), language_of(request)
    rows = await law_changes.find(session, client_id=who.client_id)
    turned = {row.switch: row for row in await emergencies.find(session)}
    known = emergencies.switches(services.law.book)
    others = await law_changes.others_who_may(
        session, LawSubject.CAMPAIGN, client_id=who.client_id, user_id=who.user_id
    )
    return render(
        request,
        "law/changes.html",
        http_code=HTTPStatus.CONFLICT if problem else HTTPStatus.OK,
        who=who,
        problem=problem,
        administers=may(who, Permission.ADMINISTER),
        changes=[(row, law_changes.state_of(row, now)) for row in rows],
        logins=await logins_of(session, client_id=who.client_id),
        others=others,
        client=await session.get_one(Client, who.client_id),
        lives_days=law_changes.LIVES_DAYS,
        least_reason=law_changes.LEAST_REASON,
        switches=[
            (switch, place_name(rule.jurisdiction, language), turned.get(switch))
            for switch, rule in sorted(known.items())
        ],
        exemptions=[
            (row, exemptions.state_of(row))
            for row in await exemptions.find(session, client_id=who.client_id)
        ],
        states=law_words.LAW_STATES,
        law_words=law_words,
    )
