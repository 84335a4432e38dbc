"""Second factors: set up, confirmed, asked for, recovered, taken off. Nothing here commits."""

import secrets
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from sqlalchemy import delete, update
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.accounts import factor_keys, totp
from campaigns.accounts.models import RecoveryCode, SecondFactor
from campaigns.tenancy.models import User
from dialer.clock import Clock
from dialer.db import affected
from dialer.errors import Conflict, Invalid

RECOVERY_CODES = 10
#: Random characters of a recovery code, 5 bits each: nobody guesses it, so a fast hash is enough.
_CODE_CHARACTERS = 16
_GROUP = 4
#: Source: RFC 4648, section 6: base32 has no 0, 1, 8 and 9.
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"


class FactorAlreadyOn(Conflict):
    """There is a second factor."""

    code = "factor_already_on"
    message = "The second factor is set up already."


class FactorOff(Conflict):
    """There is no second factor."""

    code = "factor_off"
    message = "Set up the second factor first."


class WrongCode(Invalid):
    """The code is not the present one, or was used before."""

    code = "wrong_code"
    message = "This code is not right, or was used already. Wait for the next one."


class Kind(StrEnum):
    """Which kind of code was shown."""

    CODE = "code"
    RECOVERY = "recovery"


@dataclass(frozen=True, slots=True)
class FactorState:
    """What a person's page shows."""

    is_on: bool
    recovery_left: int


async def state_of(session: AsyncSession, user: User) -> FactorState:
    """Return whether the second factor is on, and how many recovery codes are left."""
    factor = await _factor(session, user)
    left = (
        select(func.count())
        .select_from(RecoveryCode)
        .where(
            col(RecoveryCode.user_id) == user.id,
            col(RecoveryCode.client_id) == user.client_id,
            col(RecoveryCode.used_at).is_(None),
        )
    )
    is_on = factor is not None and factor.confirmed_at is not None
    return FactorState(is_on, (await session.exec(left)).one())


async def prepare(session: AsyncSession, user: User, clock: Clock, keys: str | None) -> str:
    """Return the key to put into an authenticator; the same one until it is confirmed.

    ``keys`` are those of ``Settings.keys()``: the authenticator's key is stored sealed.

    Raises:
        FactorAlreadyOn: one is confirmed; its key is not shown again.
        ConfigurationError: there are no keys: nothing is stored in the clear.
    """
    factor = await _factor(session, user)
    if factor is None:
        secret = totp.as_base32(secrets.token_bytes(totp.SECRET_BYTES))
        factor = SecondFactor(
            user_id=user.id,
            client_id=user.client_id,
            secret=factor_keys.seal(secret, user.id, keys),
            created_at=clock.now(),
        )
        session.add(factor)
        await session.flush()
    if factor.confirmed_at is not None:
        raise FactorAlreadyOn
    return factor_keys.open_key(factor.secret, user.id, keys)


async def confirm(
    session: AsyncSession, user: User, code: str, clock: Clock, keys: str | None
) -> list[str]:
    """Turn the second factor on with its first code, and return new recovery codes, shown once.

    Raises:
        FactorAlreadyOn: it is on.
        WrongCode: the authenticator has another key, or its clock is wrong by more than half a minute.
    """
    factor = await _factor(session, user, lock=True)
    if factor is None:
        raise WrongCode
    if factor.confirmed_at is not None:
        raise FactorAlreadyOn
    _use(factor, code, clock, keys)
    factor.confirmed_at = clock.now()
    return await _new_recovery(session, user)


async def show(
    session: AsyncSession, user: User, code: str, clock: Clock, keys: str | None
) -> Kind:
    """Use up a code of the authenticator or a recovery code.

    Raises:
        WrongCode: it is neither, or was used.
    """
    factor = await _factor(session, user, lock=True)  # two requests with one code: the second waits
    if factor is None or factor.confirmed_at is None:
        raise WrongCode
    plain = _plain(code)
    if len(plain) != _CODE_CHARACTERS:
        _use(factor, plain, clock, keys)
        await session.flush()
        return Kind.CODE
    done = await session.execute(
        update(RecoveryCode)
        .where(
            col(RecoveryCode.user_id) == user.id,
            col(RecoveryCode.client_id) == user.client_id,
            col(RecoveryCode.digest) == _digest(plain),
            col(RecoveryCode.used_at).is_(None),
        )
        .values(used_at=clock.now())
    )
    if not affected(done):
        raise WrongCode
    return Kind.RECOVERY


async def replace_recovery(session: AsyncSession, user: User) -> list[str]:
    """Return new recovery codes, shown once; the old ones are good for nothing from now on.

    Raises:
        FactorOff: there is no second factor.
    """
    factor = await _factor(session, user, lock=True)
    if factor is None or factor.confirmed_at is None:
        raise FactorOff
    return await _new_recovery(session, user)


async def _new_recovery(session: AsyncSession, user: User) -> list[str]:
    await _drop_recovery(session, user)
    plain = [_random_code() for _ in range(RECOVERY_CODES)]
    for code in plain:
        session.add(RecoveryCode(user_id=user.id, client_id=user.client_id, digest=_digest(code)))
    await session.flush()
    return [
        "-".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP)) for code in plain
    ]


def _random_code() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(_CODE_CHARACTERS))


async def drop(session: AsyncSession, user: User) -> bool:
    """Take the second factor and its recovery codes off; tell whether there was one."""
    await _drop_recovery(session, user)
    done = await session.execute(
        delete(SecondFactor).where(
            col(SecondFactor.user_id) == user.id, col(SecondFactor.client_id) == user.client_id
        )
    )
    return affected(done) > 0


async def _drop_recovery(session: AsyncSession, user: User) -> None:
    await session.execute(
        delete(RecoveryCode).where(
            col(RecoveryCode.user_id) == user.id, col(RecoveryCode.client_id) == user.client_id
        )
    )


async def _factor(session: AsyncSession, user: User, *, lock: bool = False) -> SecondFactor | None:
    statement = (
        select(SecondFactor)
        .where(col(SecondFactor.user_id) == user.id, col(SecondFactor.client_id) == user.client_id)
        .execution_options(populate_existing=True)
    )
    return (await session.exec(statement.with_for_update() if lock else statement)).first()


def _use(factor: SecondFactor, code: str, clock: Clock, keys: str | None) -> None:
    plain = factor_keys.open_key(factor.secret, factor.user_id, keys)
    secret, now_s = totp.from_base32(plain), clock.now().timestamp()
    step = totp.matching_step(secret, _plain(code), now_s, after=factor.last_step)
    if step is None:
        raise WrongCode
    factor.last_step = step


def _plain(code: str) -> str:
    """Return what a person typed, without the spaces and hyphens that make it readable."""
    return "".join(code.split()).replace("-", "").lower()


def _digest(code: str) -> str:
    return sha256(code.encode()).hexdigest()
