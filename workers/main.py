"""The two arq processes: ``dialing`` owns live calls, ``background`` does everything that may wait.

arq brings the queues, retries and crons; signals are handled here, because a dialing worker must hand
its calls over before it goes.
"""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from socket import gethostname
from typing import Any
from uuid import UUID, uuid4

import structlog
from arq.connections import create_pool
from arq.worker import Worker, func
from prometheus_client import start_http_server
from redis.asyncio import Redis

from compliance.dnc.shelf import DncShelf
from compliance.law import load_law
from dialer.ari.connection import AriEndpoint
from dialer.clock import SystemClock
from dialer.db import SessionFactory, make_engine, make_sessions
from dialer.errors import ConfigurationError
from dialer.jobs import (
    BACKGROUND_QUEUE,
    DIALING_QUEUE,
    JobName,
    JobQueue,
    dump_job,
    load_job,
    redis_settings,
)
from dialer.memory import keep_what_is_loaded
from dialer.settings import Settings
from workers import background
from workers.deps import BackgroundDeps
from workers.dialing.deps import DialingDeps
from workers.dialing.supervisor import Supervisor
from workers.jobs import deliveries, events, saved_reports
from workers.jobs.selections import AT_ONCE
from workers.jobs.simulated_network import SimulatedNetwork

log = structlog.get_logger()

#: A dialing worker's transactions take milliseconds; one that is idle this long is frozen.
FROZEN_S = 5


def ari_endpoint(settings: Settings) -> AriEndpoint:
    """Return where Asterisk is.

    Raises:
        ConfigurationError: the address or the password is not set.
    """
    if settings.ari_url is None or settings.ari_password is None:
        raise ConfigurationError(
            "Set OUTDIAL_ARI_URL and OUTDIAL_ARI_PASSWORD: no Asterisk is known."
        )
    return AriEndpoint(
        settings.ari_url, settings.ari_user, settings.ari_password.get_secret_value()
    )


@asynccontextmanager
async def dialing_deps(settings: Settings) -> AsyncIterator[DialingDeps]:
    """Open what a dialing worker needs, and close it again."""
    async with _database(settings, idle_in_transaction_s=FROZEN_S) as sessions:
        redis = Redis.from_url(settings.redis())
        jobs = await JobQueue.open(settings.redis())
        try:
            yield DialingDeps(
                worker_id=f"{gethostname()}-{uuid4().hex[:8]}",
                settings=settings,
                sessions=sessions,
                redis=redis,
                jobs=jobs,
                clock=SystemClock(),
                ari=ari_endpoint(settings),
                law=load_law(settings.rule_packs_dir),
                shelf=DncShelf(settings.dnc_lists()),
            )
        finally:
            await jobs.close()
            await redis.aclose()


@asynccontextmanager
async def _database(
    settings: Settings, *, idle_in_transaction_s: int | None = None
) -> AsyncIterator[SessionFactory]:
    engine = make_engine(
        settings.database(),
        pool_size=settings.db_pool_size,
        idle_in_transaction_s=idle_in_transaction_s,
    )
    try:
        yield make_sessions(engine)
    finally:
        await engine.dispose()


async def adopt_campaign(ctx: dict[str, Any], campaign_id: str) -> None:
    """A campaign was started: look for it now instead of at the next round."""
    supervisor: Supervisor = ctx["supervisor"]
    supervisor.look(UUID(campaign_id))


async def run_dialing(settings: Settings) -> None:
    """Run a dialing worker until SIGTERM or SIGINT."""
    if settings.metrics_port:
        start_http_server(settings.metrics_port, addr="127.0.0.1")
    async with dialing_deps(settings) as deps:
        supervisor = Supervisor(deps)
        worker = await _worker(
            settings,
            DIALING_QUEUE,
            [func(adopt_campaign, name=JobName.ADOPT_CAMPAIGN.value, keep_result=0)],
            {"supervisor": supervisor},
        )
        log.info("worker.started", kind="dialing", worker_id=deps.worker_id)
        adopting = asyncio.create_task(supervisor.run())
        await _until_told_to_stop(worker, adopting)
        await supervisor.drain()
        await adopting
        await worker.close()
        log.info("worker.stopped", kind="dialing", worker_id=deps.worker_id)


async def run_background(settings: Settings) -> None:
    """Run a background worker until SIGTERM or SIGINT."""
    if settings.metrics_port:
        start_http_server(settings.metrics_port, addr="127.0.0.1")
    async with _database(settings) as sessions:
        deps = BackgroundDeps(settings, sessions, SystemClock())
        network = SimulatedNetwork(settings)
        worker = await _worker(
            settings,
            BACKGROUND_QUEUE,
            background.functions(),
            {
                "deps": deps,
                "selections": asyncio.Semaphore(AT_ONCE),
                "network": network,
                **deliveries.rooms(),
                **events.rooms(),
                **saved_reports.rooms(),
            },
            crons=background.crons(),
        )
        log.info("worker.started", kind="background")
        await _until_told_to_stop(worker)
        await worker.close()
        await network.stop()
        log.info("worker.stopped", kind="background")


async def _worker(
    settings: Settings,
    queue: str,
    functions: list[Any],
    ctx: dict[str, Any],
    crons: list[Any] | None = None,
) -> Worker:
    pool = await create_pool(
        redis_settings(settings.redis()),
        job_serializer=dump_job,
        job_deserializer=load_job,
        default_queue_name=queue,
    )
    return Worker(
        functions=functions,
        cron_jobs=crons,
        queue_name=queue,
        redis_pool=pool,
        ctx=ctx,
        handle_signals=False,
        job_serializer=dump_job,
        job_deserializer=load_job,
        keep_result=0,
        poll_delay=0.25,
        max_tries=5,
    )


async def _until_told_to_stop(worker: Worker, *also: asyncio.Task[None]) -> None:
    """Run arq's loop again and again (Redis may go away) until a signal or until ``also`` fails."""
    keep_what_is_loaded()
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    jobs = asyncio.create_task(_serve_jobs(worker))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({stopping, jobs, *also}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    jobs.cancel()
    with suppress(asyncio.CancelledError):
        await jobs


async def _serve_jobs(worker: Worker) -> None:
    while True:
        try:
            await worker.async_run()
        except (OSError, ConnectionError) as error:
            log.warning("queue.away", error=type(error).__name__)
            await asyncio.sleep(1)
