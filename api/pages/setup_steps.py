"""The other buttons of the set-up page: checks with their fixes, undo, copy, tables, virtual agents."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from api.auth import PageManagerDep
from api.deps import OutboxDep, ServicesDep, SessionDep
from api.languages import language_of
from api.pages.campaign_setup import show_settings
from api.setup.doing import add_list
from api.setup.rules import BadTable, lines_of, rules_of
from api.setup.view import complete_settings
from api.templating import problem_words, translate
from campaigns import lifecycle
from campaigns.commands import CommandName
from campaigns.setup.copying import copy_campaign
from campaigns.setup.dispositions import find_lines, replace_dispositions
from campaigns.setup.history import undo
from campaigns.setup.lights import lights
from campaigns.setup.saving import save
from campaigns.setup.virtual import SIMULATED_TRUNK, call_in, make_simulated_trunk, send_home
from dialer.errors import NotFound, OutdialError

router = APIRouter(prefix="/campaigns/{campaign_id}")


@router.post("/settings/fix/{code}")
async def fix_light(
    request: Request,
    campaign_id: UUID,
    code: str,
    who: PageManagerDep,
    session: SessionDep,
    services: ServicesDep,
    outbox: OutboxDep,
) -> Response:
    """Mend a red light as its button says."""

    async def mend() -> None:
        campaign = await lifecycle.find(session, campaign_id, client_id=who.client_id)
        found = await lights(session, campaign, now=services.clock.now(), law=services.law)
        fix = next((dict(one.fix) for one in found if one.code == code and one.fix), None)
        if fix is None:
            raise NotFound  # somebody else has mended it
        if "list" in fix:
            await add_list(session, campaign_id, UUID(fix["list"]), who, services.clock)
            return
        trunk = fix.pop("trunk", None)
        await save(
            session,
            campaign_id,
            settings=fix,
            trunk=trunk,
            reason=f"To mend a red light: {code}.",
            client_id=who.client_id,
            clock=services.clock,
            by=who.user_id,
        )

    return await _done(request, campaign_id, who, session, services, outbox, mend, "fixed")


@router.post("/settings/simulated-trunk")
async def use_simulated_trunk(
    request: Request,
    campaign_id: UUID,
    who: PageManagerDep,
    session: SessionDep,
    services: ServicesDep,
    outbox: OutboxDep,
) -> Response:
    """Give a campaign the trunk to the simulated carrier, where this installation has one."""

    async def give() -> None:
        if services.settings.simulated_carrier_port is None:
            raise NotFound
        await make_simulated_trunk(session)
        await lifecycle.update(
            session,
            campaign_id,
            client_id=who.client_id,
            clock=services.clock,
            by=who.user_id,
            trunk=SIMULATED_TRUNK,
        )

    return await _done(request, campaign_id, who, session, services, outbox, give, "fixed")


@router.post("/settings/undo")
async def undo_last_change(
    request: Request,
    campaign_id: UUID,
    who: PageManagerDep,
    session: SessionDep,
    services: ServicesDep,
    outbox: OutboxDep,
) -> Response:
    """Take the last change of settings back."""

    async def take_back() -> None:
        await undo(
            session, campaign_id, client_id=who.client_id, clock=services.clock, by=who.user_id
        )

    return await _done(request, campaign_id, who, session, services, outbox, take_back, "undone")


@router.post("/settings/retries")
async def save_retry_rules(
    request: Request,
    campaign_id: UUID,
    who: PageManagerDep,
    session: SessionDep,
    services: ServicesDep,
    outbox: OutboxDep,
) -> Response:
    """Save the table of retry rules."""
    form = await request.form()

    async def keep() -> None:
        campaign = await lifecycle.find(session, campaign_id, client_id=who.client_id)
        rules = rules_of(form, complete_settings(campaign))
        await save(
            session,
            campaign_id,
            settings={"retry": rules},
            reason="",
            client_id=who.client_id,
            clock=services.clock,
            by=who.user_id,
        )

    return await _done(request, campaign_id, who, session, services, outbox, keep, "saved")


@router.post("/settings/dispositions")
async def save_dispositions(
    request: Request,
    campaign_id: UUID,
    who: PageManagerDep,
    session: SessionDep,
    services: ServicesDep,
    outbox: OutboxDep,
) -> Response:
    """Save the table of dispositions."""
    form = await request.form()

    async def keep() -> None:
        before = await find_lines(session, campaign_id, client_id=who.client_id)
        await replace_dispositions(
            session,
            campaign_id,
            lines_of(form, before),
            client_id=who.client_id,
            clock=services.clock,
            by=who.user_id,
        )

    return await _done(request, campaign_id, who, session, services, outbox, keep, "saved")


@router.post("/settings/virtual-agents")
async def set_virtual_agents(
    request: Request,
    campaign_id: UUID,
    who: PageManagerDep,
    session: SessionDep,
    services: ServicesDep,
    outbox: OutboxDep,
    agents: Annotated[int, Form(ge=0, le=1000)] = 0,
    start: Annotated[str, Form(max_length=5)] = "",
) -> Response:
    """Call virtual agents in (0: send them home), and start the campaign when asked to."""
    whose: dict[str, Any] = {"client_id": who.client_id, "by": who.user_id, "clock": services.clock}

    async def call() -> None:
        if not agents:
            await send_home(session, campaign_id, **whose)
            return
        await call_in(session, campaign_id, agents, **whose)
        if start:
            await lifecycle.start(session, campaign_id, law=services.law, **whose)
            outbox.adopt(campaign_id)

    return await _done(request, campaign_id, who, session, services, outbox, call, "crew")


@router.post("/settings/copy")
async def copy_this_campaign(
    request: Request,
    campaign_id: UUID,
    who: PageManagerDep,
    session: SessionDep,
    services: ServicesDep,
    name: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Make a draft like this campaign, and lead to it."""
    try:
        made = await copy_campaign(
            session,
            campaign_id,
            name.strip(),
            client_id=who.client_id,
            clock=services.clock,
            by=who.user_id,
        )
    except OutdialError as error:
        await session.rollback()
        said = problem_words(language_of(request), error)
        campaign = await lifecycle.find(session, campaign_id, client_id=who.client_id)
        return await show_settings(request, session, services, who, campaign, problem=said)
    return RedirectResponse(f"/campaigns/{made.id}/settings?done=copied", HTTPStatus.SEE_OTHER)


async def _done(
    request: Request,
    campaign_id: UUID,
    who: PageManagerDep,
    session: SessionDep,
    services: ServicesDep,
    outbox: OutboxDep,
    does: Callable[[], Awaitable[None]],
    done: str,
) -> Response:
    """Do what a button says and lead back to the page; say there why it could not be done."""
    language = language_of(request)
    try:
        await does()
    except (OutdialError, BadTable) as error:
        await session.rollback()
        said = (
            problem_words(language, error)
            if isinstance(error, OutdialError)
            else translate(language, str(error))
        )
        campaign = await lifecycle.find(session, campaign_id, client_id=who.client_id)
        return await show_settings(request, session, services, who, campaign, problem=said)
    outbox.tell(campaign_id, CommandName.REFRESH)
    return RedirectResponse(f"/campaigns/{campaign_id}/settings?done={done}", HTTPStatus.SEE_OTHER)
