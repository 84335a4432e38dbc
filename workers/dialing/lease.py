"""Who owns a campaign: a lease in Redis for speed, a fence in PostgreSQL for truth.

The lease says that the owner is alive; it expires when the owner falls silent. The fence rises with
every change of owner, and only the newest fence may open attempts. Redis may be emptied at any moment:
the owner writes its lease again, or finds another's there and stops.
"""

from dataclasses import dataclass
from uuid import UUID

from redis.asyncio import Redis
from sqlalchemy import text

from campaigns.commands import lease_key
from dialer.db import SessionFactory, transaction

_RENEW = """
local holder = redis.call('get', KEYS[1])
if not holder then
  redis.call('set', KEYS[1], ARGV[1], 'PX', ARGV[2])
  return 1
end
if holder == ARGV[1] then
  redis.call('pexpire', KEYS[1], ARGV[2])
  return 1
end
return 0
"""

_RELEASE = """
if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end
return 0
"""


@dataclass(frozen=True, slots=True)
class Lease:
    """One worker's claim on one campaign."""

    campaign_id: UUID
    worker_id: str
    lasts_s: float

    @property
    def _key(self) -> str:
        return lease_key(self.campaign_id)

    @property
    def _lasts_ms(self) -> int:
        return int(self.lasts_s * 1000)

    async def take(self, redis: Redis) -> bool:
        """Take the lease if nobody holds it."""
        taken = await redis.set(self._key, self.worker_id, nx=True, px=self._lasts_ms)
        return bool(taken)

    async def renew(self, redis: Redis) -> bool:
        """Hold the lease for another while; False when another worker has it."""
        renew = redis.register_script(_RENEW)
        held = await renew(keys=[self._key], args=[self.worker_id, self._lasts_ms])
        return bool(held)

    async def release(self, redis: Redis) -> None:
        """Let the lease go, if it is ours."""
        await redis.register_script(_RELEASE)(keys=[self._key], args=[self.worker_id])


async def raise_fence(sessions: SessionFactory, campaign_id: UUID, worker_id: str) -> int:
    """Become the newest owner and return the fence that proves it."""
    async with transaction(sessions) as session:
        row = await session.execute(
            text(
                "UPDATE campaign SET fence = fence + 1, owner = :worker_id"
                " WHERE id = :campaign_id RETURNING fence"
            ),
            {"campaign_id": campaign_id, "worker_id": worker_id},
        )
        return int(row.scalar_one())
