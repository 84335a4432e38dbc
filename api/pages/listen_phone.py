"""The telephone in a supervisor's browser, as ``api/pages/phone.py`` gives it to agents."""

from fastapi import APIRouter
from pydantic import BaseModel

from api.auth import PageSteererDep
from api.deps import OutboxDep, ServicesDep, SessionDep
from api.pages.phone import CameIn, CameTold, PhoneGiven, PhonesNotSetUp, TakeIn
from campaigns.agents import phone_orders
from campaigns.agents.phones import REALM, PhoneInUse
from campaigns.commands import CommandName
from campaigns.supervising import monitoring, phones
from dialer.db import transaction
from dialer.errors import Forbidden

router = APIRouter(prefix="/listen/phone")


class SupervisorPhoneTold(BaseModel):
    """What a page may know at any time."""

    kind: str = "browser"
    epoch: int  #: of the page that has the telephone; 0: nobody
    mine: bool  #: this browser has it
    on_shift: bool  #: the supervisor listens to somebody


@router.get("")
async def show_supervisor_phone(who: PageSteererDep, session: SessionDep) -> SupervisorPhoneTold:
    """Tell who has the telephone."""
    phone = await phones.find(session, who.user_id, client_id=who.client_id)
    row = await monitoring.open_of(session, who.user_id, client_id=who.client_id)
    return SupervisorPhoneTold(
        epoch=phone.epoch if phone is not None and phone.removed_at is None else 0,
        mine=phone is not None and phone.browser_id == who.session_id,
        on_shift=row is not None,
    )


@router.post("")
async def take_supervisor_phone(
    body: TakeIn, who: PageSteererDep, services: ServicesDep
) -> PhoneGiven:
    """Give the page the telephone, with a fresh password.

    Raises:
        PhoneInUse: another browser's page is registered.
        PhonesNotSetUp, PhonesAway: it cannot be given.
    """
    websocket, browser_id = services.settings.phone_websocket_url, who.session_id
    if browser_id is None:
        raise Forbidden
    if websocket is None:
        raise PhonesNotSetUp
    given = phones.fresh_credentials(who.user_id)
    async with transaction(services.sessions, whose=who.whose) as session:
        phone = await phones.find(session, who.user_id, client_id=who.client_id)
    elsewhere = phone is not None and phone.removed_at is None and phone.browser_id != browser_id
    asks = elsewhere and not body.from_others
    if asks and await phone_orders.is_online(services.redis, given.user):
        raise PhoneInUse
    async with transaction(services.sessions, whose=who.whose) as session:
        epoch = await phones.take(
            session, who.user_id, browser_id, client_id=who.client_id, clock=services.clock
        )
        await phone_orders.push(services.redis, given.user, given.digest)
    return PhoneGiven(
        websocket=websocket,
        user=given.user,
        password=given.password,
        realm=REALM,
        epoch=epoch,
    )


@router.post("/came")
async def supervisor_phone_came(
    body: CameIn, who: PageSteererDep, session: SessionDep, outbox: OutboxDep
) -> CameTold:
    """Have the page's leg dialled at once: it has registered and holds none."""
    await phones.require_epoch(session, who.user_id, body.epoch, client_id=who.client_id)
    row = await monitoring.open_of(session, who.user_id, client_id=who.client_id)
    if row is not None:
        campaign_id = await monitoring.campaign_of(session, row)
        outbox.tell(campaign_id, CommandName.SUPERVISOR_CAME, monitoring_id=str(row.id))
    return CameTold(on_shift=row is not None)
