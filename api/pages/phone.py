"""The telephone in an agent's browser: who has it, its password (once), and the page that tests devices.

``phone.js`` asks in JSON. Taking the telephone makes the former page's password worthless; the epoch tells
that page so, in whatever browser it is.
"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel.ext.asyncio.session import AsyncSession

from api.auth import PageCallTakerDep
from api.deps import OutboxDep, ServicesDep, SessionDep
from api.templating import render
from campaigns.agents import phone_orders, phones
from campaigns.agents.models import Agent
from campaigns.agents.phone_models import AgentPhone
from campaigns.agents.phones import PhoneInUse
from campaigns.commands import CommandName
from dialer.db import transaction
from dialer.errors import Unauthenticated, Unavailable

router = APIRouter(prefix="/desk/phone")


class PhonesNotSetUp(Unavailable):
    """Nobody said where browsers register."""

    code = "phones_not_set_up"
    message = "Telephones in the browser are not set up: set OUTDIAL_PHONE_WEBSOCKET_URL."


class PhoneTold(BaseModel):
    """What a page may know at any time."""

    kind: str  #: ``browser``, or ``elsewhere``: the agent has a telephone of his or her own
    endpoint: str
    epoch: int  #: of the page that has the telephone; 0: nobody
    mine: bool  #: this browser has it
    on_shift: bool


class TakeIn(BaseModel):
    """A page wants the telephone."""

    model_config = ConfigDict(extra="forbid")

    from_others: bool = False  #: also if another browser uses it now


class PhoneGiven(BaseModel):
    """With what a page registers. The password is told here and nowhere else, and only once."""

    websocket: str
    user: str
    password: str = Field(repr=False)
    realm: str
    epoch: int


class CameIn(BaseModel):
    """A page has registered and holds no leg."""

    model_config = ConfigDict(extra="forbid")

    epoch: int


class CameTold(BaseModel):
    """Whether somebody will call the page now."""

    on_shift: bool


@router.get("/check")
async def check_page(request: Request, who: PageCallTakerDep) -> Response:
    """Show the page on which devices are chosen and tested."""
    return render(request, "phone/check.html", who=who)


@router.get("")
async def show_phone(who: PageCallTakerDep, session: SessionDep) -> PhoneTold:
    """Tell who has the telephone."""
    agent = await phones.own_agent(session, who.user_id, client_id=who.client_id)
    phone = await phones.find(session, agent)
    return PhoneTold(
        kind="browser" if phones.user_of(agent) else "elsewhere",
        endpoint=agent.endpoint,
        epoch=phone.epoch if phone is not None and phone.removed_at is None else 0,
        mine=phone is not None and phone.browser_id == who.session_id,
        on_shift=await phones.open_shift(session, agent) is not None,
    )


class Taking:
    """One page's wish for the telephone."""

    def __init__(self, services: ServicesDep, who: PageCallTakerDep) -> None:
        """Ask for ``who``."""
        self.services, self.who = services, who

    @property
    def browser_id(self) -> UUID:
        """Return the session of the page's browser.

        Raises:
            Unauthenticated: this is none of a browser.
        """
        if self.who.session_id is None:
            raise Unauthenticated
        return self.who.session_id

    async def who_has_it(self) -> tuple[Agent, AgentPhone | None]:
        """Return the agent and who has the telephone."""
        async with transaction(self.services.sessions, whose=self.who.whose) as session:
            agent = await phones.own_agent(session, self.who.user_id, client_id=self.who.client_id)
            return agent, await phones.find(session, agent)

    async def require_free(self, agent: Agent, phone: AgentPhone | None) -> None:
        """Refuse to take the telephone from another browser that is there.

        Raises:
            PhoneInUse: its page is registered.
            PhonesAway: nobody could tell.
        """
        user = phones.user_of(agent)
        if user is None or not phones.held_elsewhere(phone, self.browser_id):
            return
        if await phone_orders.is_online(self.services.redis, user):
            raise PhoneInUse

    async def take(self, session: AsyncSession, agent: Agent, websocket: str) -> PhoneGiven:
        """Take it: the row is held until Asterisk knows the new password."""
        given = phones.fresh_credentials(agent)
        epoch = await phones.take(
            session, agent, self.browser_id, by=self.who.user_id, clock=self.services.clock
        )
        await phone_orders.push(self.services.redis, given.user, given.digest)
        return PhoneGiven(
            websocket=websocket,
            user=given.user,
            password=given.password,
            realm=phones.REALM,
            epoch=epoch,
        )


@router.post("")
async def take_phone(body: TakeIn, taking: Annotated[Taking, Depends()]) -> PhoneGiven:
    """Give the page the telephone, with a fresh password."""
    services = taking.services
    websocket = services.settings.phone_websocket_url
    agent, phone = await taking.who_has_it()
    phones.fresh_credentials(agent)  # refuses who has another telephone
    if websocket is None:
        raise PhonesNotSetUp
    if not body.from_others:
        await taking.require_free(agent, phone)
    async with transaction(services.sessions, whose=taking.who.whose) as session:
        return await taking.take(session, agent, websocket)


@router.post("/came")
async def phone_came(
    body: CameIn, who: PageCallTakerDep, session: SessionDep, outbox: OutboxDep
) -> CameTold:
    """Have the page's leg dialled at once: it has registered and holds none."""
    agent = await phones.own_agent(session, who.user_id, client_id=who.client_id)
    await phones.require_epoch(session, agent, body.epoch)
    shift = await phones.open_shift(session, agent)
    if shift is not None:
        outbox.tell(shift.campaign_id, CommandName.PHONE_CAME, session_id=str(shift.id))
    return CameTold(on_shift=shift is not None)
