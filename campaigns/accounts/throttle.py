"""How often somebody may try: counted in Redis, so that all processes count together.

An attempt is counted before it is checked and taken back when it was right: a hundred at once are a
hundred. Waits grow and have an end; nothing is locked for good. Attempts that must wait are not counted,
so nobody can prolong another's wait by trying.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from math import ceil
from uuid import UUID

from redis.asyncio import Redis

from dialer.clock import Clock
from dialer.errors import OutdialError

_PREFIX = "outdial:tries:"
_DEVICE = "outdial:device:"

#: How long a browser in which somebody signed in is known, seconds.
DEVICE_LIVES_S = 90 * 24 * 3600

#: Of an IPv6 address the part that one customer has. Source: RFC 6177, section 2.
_IPV6_PREFIX = 64


class TooManyTries(OutdialError):
    """Somebody has to wait before the next try; ``facts["wait_s"]`` says how long."""

    code = "too_many_tries"
    message = "There were too many attempts. Wait a little and try again."

    def __init__(self, wait_s: int) -> None:
        """Keep the wait, whole seconds."""
        super().__init__(wait_s=wait_s)
        self.wait_s = wait_s


@dataclass(frozen=True, slots=True)
class Limit:
    """How many failures are free, and how the waits grow: doubled each time, up to the longest."""

    free: int
    first_wait_s: float
    longest_wait_s: float = 900.0
    forget_s: float = 3600.0  #: after so long without a failure all is forgotten


ACCOUNT = Limit(free=5, first_wait_s=5)
DEVICE = Limit(free=5, first_wait_s=5)
#: A whole office may come from one address.
ADDRESS = Limit(free=30, first_wait_s=10)
#: A code has a million values, so its failures are remembered for a day.
CODE = Limit(free=5, first_wait_s=10, forget_s=24 * 3600)


@dataclass(frozen=True, slots=True)
class Bucket:
    """Attempts that are counted together."""

    key: str
    limit: Limit
    shared: bool = False  #: others' failures stay when one person was right


#: Ask all buckets; count in all of them, or in none and return the longest wait, milliseconds.
_TAKE = """
local now, wait = tonumber(ARGV[1]), 0
for _, key in ipairs(KEYS) do
  local till = tonumber(redis.call('HGET', key, 'till') or '0')
  if till - now > wait then wait = till - now end
end
if wait > 0 then return wait end
for i, key in ipairs(KEYS) do
  local free, first = tonumber(ARGV[4 * i - 2]), tonumber(ARGV[4 * i - 1])
  local longest, forget = tonumber(ARGV[4 * i]), tonumber(ARGV[4 * i + 1])
  if now - tonumber(redis.call('HGET', key, 'at') or '0') > forget then redis.call('DEL', key) end
  local over = redis.call('HINCRBY', key, 'n', 1) - free
  local pause = 0
  if over >= 0 then pause = math.min(first * 2 ^ math.min(over, 30), longest) end
  redis.call('HSET', key, 'at', now, 'till', now + pause)
  redis.call('PEXPIRE', key, forget + longest)
end
return 0
"""
#: Take one failure back where others' failures stay.
_RETURN = """
if redis.call('EXISTS', KEYS[1]) == 1 then
  if redis.call('HINCRBY', KEYS[1], 'n', -1) <= 0 then redis.call('DEL', KEYS[1])
  else redis.call('HSET', KEYS[1], 'till', 0) end
end
return 0
"""


class Throttle:
    """Counts attempts."""

    def __init__(self, redis: Redis, clock: Clock) -> None:
        """Count in ``redis``, by ``clock``."""
        self._redis = redis
        self._clock = clock
        self._take = redis.register_script(_TAKE)
        self._return = redis.register_script(_RETURN)

    async def take(self, buckets: Sequence[Bucket]) -> None:
        """Count an attempt, before it is checked.

        Raises:
            TooManyTries: it must wait; it is not counted, and must not be checked.
        """
        arguments: list[str] = [str(self._now_ms())]
        for bucket in buckets:
            limit = bucket.limit
            waits = (limit.first_wait_s, limit.longest_wait_s, limit.forget_s)
            arguments += [str(limit.free), *(str(round(wait * 1000)) for wait in waits)]
        keys = [bucket.key for bucket in buckets]
        wait_ms = int(await self._take(keys=keys, args=arguments))
        if wait_ms > 0:
            raise TooManyTries(ceil(wait_ms / 1000))

    async def give_back(self, buckets: Sequence[Bucket]) -> None:
        """Forget the failures before an attempt that was right; of shared ones only this attempt."""
        for bucket in buckets:
            if bucket.shared:
                await self._return(keys=[bucket.key])
            else:
                await self._redis.delete(bucket.key)

    async def buckets_of(self, login: str, address: str, device: str | None) -> list[Bucket]:
        """Return where a sign-in counts.

        A browser in which this person signed in before counts by itself: whatever strangers do to the
        account from elsewhere, its owner gets in. Source: OWASP, "Slow Down Online Guessing Attacks with
        Device Cookies".
        """
        if device and await self._redis.exists(_device_key(login, device)):
            return [Bucket(f"{_PREFIX}device:{_digest(device, login)}", DEVICE)]
        return [
            account_bucket(login),
            Bucket(f"{_PREFIX}address:{_network(address)}", ADDRESS, shared=True),
        ]

    async def remember(self, login: str, device: str) -> None:
        """Know this browser from now on."""
        life = timedelta(seconds=DEVICE_LIVES_S)
        await self._redis.set(_device_key(login, device), "1", ex=life)

    async def forget(self, buckets: Sequence[Bucket]) -> None:
        """Take all failures back, as an administrator does."""
        for bucket in buckets:
            await self._redis.delete(bucket.key)

    def _now_ms(self) -> int:
        return int(self._clock.now().timestamp() * 1000)


def account_bucket(login: str) -> Bucket:
    """Return where failures of a login count, whether there is such a user or not."""
    return Bucket(f"{_PREFIX}account:{_digest(login)}", ACCOUNT)


def code_bucket(user_id: UUID) -> Bucket:
    """Return where failures of somebody's second factor count."""
    return Bucket(f"{_PREFIX}code:{user_id}", CODE)


def own_bucket(user_id: UUID) -> Bucket:
    """Return where failures count of a person who is signed in and shows the password again."""
    return Bucket(f"{_PREFIX}own:{user_id}", ACCOUNT)


def _device_key(login: str, device: str) -> str:
    return f"{_DEVICE}{_digest(device, login)}"


def _digest(*parts: str) -> str:
    return sha256("\0".join(parts).encode()).hexdigest()


def _network(address: str) -> str:
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(known, ipaddress.IPv6Address) and known.ipv4_mapped is None:
        return str(ipaddress.ip_network((known, _IPV6_PREFIX), strict=False))
    mapped = known.ipv4_mapped if isinstance(known, ipaddress.IPv6Address) else None
    return str(mapped or known)
