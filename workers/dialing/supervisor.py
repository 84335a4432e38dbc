"""Which campaigns this worker runs: it adopts what runs and has no living owner."""

import asyncio
from contextlib import suppress
from uuid import UUID

import structlog
from redis.exceptions import RedisError
from sqlalchemy import text

from dialer.errors import OutdialError
from workers.dialing import metrics
from workers.dialing.away import DATABASE_AWAY
from workers.dialing.deps import DialingDeps
from workers.dialing.lease import Lease
from workers.dialing.notices import show_failure
from workers.dialing.phones import PhoneKeeper
from workers.dialing.runner import CampaignRunner, EndReason

log = structlog.get_logger()

AWAY = (*DATABASE_AWAY, RedisError)
#: After a runner failed, its campaign is left alone this long, so that a fault is not a busy loop.
FAILED_PAUSE_S = 3.0

# A paused campaign keeps its owner: its agents stay signed in and its live calls go on. A stopped one
# needs an owner while something of it is live.
_NEEDY = text(
    """
    SELECT c.id FROM campaign c
    WHERE c.state IN ('running', 'paused')
       OR (c.state IN ('stopped', 'finished')
           AND (EXISTS (SELECT FROM attempt a WHERE a.campaign_id = c.id AND a.ended_at IS NULL)
                OR EXISTS (SELECT FROM agent_session s
                           WHERE s.campaign_id = c.id AND s.ended_at IS NULL)))
    """
)


class Supervisor:
    """Runs the campaign runners of one process."""

    def __init__(self, deps: DialingDeps) -> None:
        """Own nothing yet."""
        self._deps = deps
        self._runners: dict[UUID, CampaignRunner] = {}
        self._tasks: dict[UUID, asyncio.Task[None]] = {}
        self._look = asyncio.Event()
        self._draining = False

    def look(self, campaign_id: UUID | None = None) -> None:
        """Look for campaigns soon; tell the runner of ``campaign_id`` to look as well."""
        runner = self._runners.get(campaign_id) if campaign_id else None
        if runner is not None:
            runner.look()
        self._look.set()

    async def run(self) -> None:
        """Adopt campaigns until drained; meanwhile serve the telephones of browsers."""
        phones = asyncio.create_task(PhoneKeeper(self._deps).run())
        try:
            await self._adopt_for_ever(phones)
        finally:
            phones.cancel()
            with suppress(asyncio.CancelledError):
                await phones

    async def _adopt_for_ever(self, phones: asyncio.Task[None]) -> None:
        while not self._draining:
            if phones.done():
                phones.result()  # it never ends by itself: a fault ends the worker
            self._look.clear()
            try:
                await self._beat()
                await self._adopt()
            except AWAY as error:
                log.warning("supervisor.waits", error=type(error).__name__)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._deps.settings.adopt_every_s):
                    await self._look.wait()

    async def drain(self) -> None:
        """Shut down gracefully: no new calls, then hand over, or let the live calls end.

        With another dialing worker alive, everything live is left to it at once (its conversations do
        not notice). Alone, this worker waits for its calls, up to the grace period.
        """
        self._draining = True
        self._look.set()
        for runner in self._runners.values():
            runner.drain()
        if not await self._others_alive():
            with suppress(TimeoutError):
                async with asyncio.timeout(self._deps.settings.shutdown_grace_s):
                    for runner in list(self._runners.values()):
                        await runner.without_calls()
        for runner in self._runners.values():
            runner.hand_over()
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=10)
        with suppress(RedisError):
            await self._deps.redis.delete(self._heartbeat)

    @property
    def _heartbeat(self) -> str:
        return f"outdial:worker:dialing:{self._deps.worker_id}"

    async def _beat(self) -> None:
        lease_ms = int(self._deps.settings.lease_s * 1000)
        await self._deps.redis.set(self._heartbeat, "alive", px=lease_ms)

    async def _others_alive(self) -> bool:
        try:
            keys = [key async for key in self._deps.redis.scan_iter("outdial:worker:dialing:*")]
        except RedisError:
            return False
        return any(key.decode() != self._heartbeat for key in keys)

    async def _adopt(self) -> None:
        async with self._deps.sessions() as session:
            rows = await session.execute(_NEEDY)
            needy = [row.id for row in rows]
        for campaign_id in needy:
            if campaign_id in self._tasks or self._draining:
                continue
            lease = Lease(campaign_id, self._deps.worker_id, self._deps.settings.lease_s)
            if await lease.take(self._deps.redis):
                self._start(lease)

    def _start(self, lease: Lease) -> None:
        runner = CampaignRunner(self._deps, lease)
        self._runners[lease.campaign_id] = runner
        task = asyncio.create_task(self._run(runner, lease))
        self._tasks[lease.campaign_id] = task
        metrics.CAMPAIGNS_OWNED.set(len(self._tasks))
        metrics.TAKEOVERS.inc()

    async def _run(self, runner: CampaignRunner, lease: Lease) -> None:
        reason: EndReason | None = None
        try:
            reason = await runner.run()
        except Exception as error:  # noqa: BLE001 - outermost loop: one campaign's fault must not stop the others
            await self._tell_failure(lease.campaign_id, error)
            await asyncio.sleep(FAILED_PAUSE_S)
        finally:
            if reason is not EndReason.OWNERSHIP_LOST:
                with suppress(RedisError):
                    await lease.release(self._deps.redis)
            self._runners.pop(lease.campaign_id, None)
            self._tasks.pop(lease.campaign_id, None)
            metrics.CAMPAIGNS_OWNED.set(len(self._tasks))
            if reason is EndReason.OWNERSHIP_LOST:
                log.info("campaign.lost", campaign_id=str(lease.campaign_id))

    async def _tell_failure(self, campaign_id: UUID, error: Exception) -> None:
        """Say in the log and on the board why a campaign cannot be run."""
        known = _known_error(error)
        if known is not None:
            log.error("campaign.cannot_run", code=known.code, reason=known.detail)
            why = known.detail
        else:
            log.error("campaign.runner_failed", campaign_id=str(campaign_id), exc_info=error)
            why = f"the campaign's runner failed ({type(error).__name__}); it is started again"
        with suppress(RedisError):
            await show_failure(self._deps.redis, campaign_id, why)


def _known_error(error: BaseException) -> OutdialError | None:
    """Return the error of ours inside whatever groups the task group wrapped it in."""
    if isinstance(error, OutdialError):
        return error
    inner = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
    return next((found for found in map(_known_error, inner) if found is not None), None)
