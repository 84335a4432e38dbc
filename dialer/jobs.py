"""Background jobs: names and JSON payloads. arq stays behind this file.

arq is in maintenance only; what the rest of the code sees is ``JobQueue.enqueue(name, **payload)``.
Jobs are enqueued after the transaction that made them necessary; a periodic sweep heals what a crash
between the two lost.
"""

import json
from enum import StrEnum
from typing import Any

from arq.connections import ArqRedis, RedisSettings, create_pool

DIALING_QUEUE = "outdial:queue:dialing"
BACKGROUND_QUEUE = "outdial:queue:background"


class JobName(StrEnum):
    """Every job there is."""

    ADOPT_CAMPAIGN = "adopt_campaign"  #: a campaign was started: take it now
    FINISH_RECORDING = "finish_recording"
    IMPORT_LIST = "import_list"  #: an import was committed: write it
    MAKE_EXPORT = "make_export"  #: an export was asked for: write its file


_QUEUE_OF = {
    JobName.ADOPT_CAMPAIGN: DIALING_QUEUE,
    JobName.FINISH_RECORDING: BACKGROUND_QUEUE,
    JobName.IMPORT_LIST: BACKGROUND_QUEUE,
    JobName.MAKE_EXPORT: BACKGROUND_QUEUE,
}


def dump_job(value: dict[str, Any]) -> bytes:
    """Serialize a job as JSON: a queue must not be able to run pickled code."""
    return json.dumps(value, default=str).encode()


def load_job(raw: bytes) -> dict[str, Any]:
    """Read a job back."""
    loaded: dict[str, Any] = json.loads(raw)
    return loaded


def redis_settings(url: str) -> RedisSettings:
    """Return arq's connection settings for a Redis URL."""
    settings = RedisSettings.from_dsn(url)
    settings.conn_retries = 20
    settings.conn_retry_delay = 1
    return settings


class JobQueue:
    """Where entry points leave work for the workers."""

    def __init__(self, pool: ArqRedis) -> None:
        """Wrap an open pool."""
        self._pool = pool

    @classmethod
    async def open(cls, redis_url: str) -> "JobQueue":
        """Connect to Redis."""
        pool = await create_pool(
            redis_settings(redis_url), job_serializer=dump_job, job_deserializer=load_job
        )
        return cls(pool)

    async def enqueue(self, name: JobName, *, key: str | None = None, **payload: str) -> None:
        """Leave a job; a job with the same ``key`` that still waits is not doubled."""
        arguments: dict[str, Any] = dict(payload)
        await self._pool.enqueue_job(
            name.value, _queue_name=_QUEUE_OF[name], _job_id=key, **arguments
        )

    async def close(self) -> None:
        """Close the pool."""
        await self._pool.aclose()
