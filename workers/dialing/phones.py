"""Browsers' telephones: a dialing worker makes them known to Asterisk, and forgotten when they are over."""

import asyncio
from uuid import UUID

import structlog
from redis.exceptions import RedisError

from campaigns.accounts.sessions import Limits
from campaigns.agents import phone_orders, phones
from campaigns.agents.phone_orders import PhoneOrder
from campaigns.agents.phones import REALM, Idle
from campaigns.supervising import followed
from campaigns.supervising import phones as supervisor_phones
from campaigns.supervising.phones import IdleSupervisor
from dialer.agent import events as ev
from dialer.ari import phones as ari
from dialer.ari.errors import AriRefused, AriUnavailable
from dialer.ari.phones import PushedPhone
from dialer.db import transaction
from workers.dialing.away import DATABASE_AWAY
from workers.dialing.deps import DialingDeps
from workers.dialing.floor import Floor

log = structlog.get_logger()

_ASTERISK_AWAY = (AriRefused, AriUnavailable)
#: Idle telephones are looked for this often.
SWEEP_EVERY_S = 10.0
_LOOK_S = 1
_REDIS_AGAIN_S = 0.5


class PhoneKeeper:
    """Does what pages wish about their telephones, and removes those that are over. Of all clients."""

    def __init__(self, deps: DialingDeps) -> None:
        """Work with a worker's services."""
        self._deps = deps

    async def run(self) -> None:
        """Work for ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._serve())
            group.create_task(self._sweep_for_ever())

    async def _serve(self) -> None:
        while True:
            try:
                order = await phone_orders.next_order(self._deps.redis, _LOOK_S)
                if order is not None:
                    await self._obey(order)
            except (RedisError, OSError) as error:
                log.warning("phones.redis_away", error=type(error).__name__)
                await asyncio.sleep(_REDIS_AGAIN_S)

    async def _obey(self, order: dict[str, str]) -> None:
        """Do one wish and answer it; a wish without an id is nobody's."""
        order_id, redis = order.get("id", ""), self._deps.redis
        try:
            online = await self._do(order)
        except _ASTERISK_AWAY as error:
            log.warning("phone.not_done", wish=order.get("do", ""), error=error.code)
            await phone_orders.answer(redis, order_id, ok=False, error=error.code)
        except (KeyError, ValueError) as error:
            log.warning("phones.order_not_understood", error=type(error).__name__)
            await phone_orders.answer(redis, order_id, ok=False, error="not_understood")
        else:
            await phone_orders.answer(redis, order_id, ok=True, online=online)

    async def _do(self, order: dict[str, str]) -> bool:
        user, ari_at = order["user"], self._deps.ari
        match PhoneOrder(order["do"]):
            case PhoneOrder.PUSH:
                await ari.push_phone(ari_at, PushedPhone(user, REALM, order["digest"]))
                return False
            case PhoneOrder.LOOK:
                return await ari.is_online(ari_at, user)

    async def _sweep_for_ever(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_EVERY_S)
            try:
                await self.sweep()
            except (*_ASTERISK_AWAY, *DATABASE_AWAY) as error:
                log.warning("phones.not_swept", error=type(error).__name__)

    async def sweep(self) -> int:
        """Remove the telephones that nobody needs any more and return how many went.

        Raises:
            AriRefused, AriUnavailable: Asterisk could not be asked; the rest stays for the next time.
        """
        settings, now = self._deps.settings, self._deps.clock.now()
        limits = Limits(settings.session_idle_s, settings.session_lives_s)
        removed = 0
        async with transaction(self._deps.sessions) as session:
            for one in await phones.idle(session, limits, now):
                if await self._remove(one):
                    await phones.mark_removed(session, one.agent_id, now)
                    removed += 1
            await followed.end_orphans(session, now)
            for other in await supervisor_phones.idle(session, limits, now):
                if await self._remove(other):
                    await supervisor_phones.mark_removed(session, other.user_id, now)
                    removed += 1
        if removed:
            log.info("phones.removed", count=removed)
        return removed

    async def _remove(self, one: Idle | IdleSupervisor) -> bool:
        if not one.signed_out and await ari.is_online(self._deps.ari, one.user):
            return False  # its page is open: the agent tests the devices, or is about to begin
        await ari.remove_phone(self._deps.ari, one.user)
        return True


def came(floor: Floor, facts: dict[str, object]) -> None:
    """Bring an agent's leg back at once: the page has registered and holds none."""
    try:
        session_id = UUID(str(facts.get("session_id")))
    except ValueError:
        log.warning("phones.message_not_understood")
        return
    floor.feed_agent(session_id, ev.PhoneCame(floor.clock.now()))
