"""Keys of authenticators: sealed when made, read when older, brought under a new key."""

import pytest

from campaigns.accounts import factor_keys, factors, totp
from campaigns.accounts.models import SecondFactor
from campaigns.tenancy import bootstrap
from campaigns.tenancy.models import Role
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from dialer.errors import ConfigurationError
from dialer.sealing import KeyRing, Unsealable, new_key
from tests.factories import make_client
from tests.world import SECRET_KEY


async def test_an_authenticators_key_is_nowhere_in_the_clear(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    async with transaction(sessions) as session:
        client = await make_client(session, clock.now())
        olga, old = [
            await bootstrap.create_user(
                session, client_id=client.id, login=login, role=Role.ADMIN, clock=clock
            )
            for login in ("olga", "old")
        ]
        with pytest.raises(ConfigurationError):
            await factors.prepare(session, olga, clock, None)
        secret = await factors.prepare(session, olga, clock, SECRET_KEY)
        assert await factors.prepare(session, olga, clock, SECRET_KEY) == secret
        plain = totp.as_base32(bytes(range(20)))
        session.add(
            SecondFactor(user_id=old.id, client_id=client.id, secret=plain, created_at=clock.now())
        )
    fresh = new_key()
    ring = KeyRing.parse(f"{fresh} {SECRET_KEY}")
    async with transaction(sessions) as session:
        stored = (await session.get_one(SecondFactor, olga.id)).secret
        assert secret not in stored
        assert await factors.prepare(session, old, clock, SECRET_KEY) == plain, "as it was before"
        assert await factor_keys.reseal_all(session, ring) == 2
        assert await factor_keys.reseal_all(session, ring) == 0
    async with transaction(sessions) as session:
        assert plain not in (await session.get_one(SecondFactor, old.id)).secret
        for user, key in ((olga, secret), (old, plain)):
            assert await factors.prepare(session, user, clock, fresh) == key
            with pytest.raises(Unsealable):
                await factors.prepare(session, user, clock, SECRET_KEY)
