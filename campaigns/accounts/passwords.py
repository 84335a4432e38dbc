"""Passwords: what may be one, and how it is kept (argon2id)."""

import asyncio
import secrets
import string
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from campaigns.accounts.guessable import is_guessable
from dialer.errors import Invalid, Unavailable

LEAST_CHARACTERS = 12
#: Longer ones are refused: nobody types them, and hashing must not be made to work for long.
MOST_CHARACTERS = 200

#: Time, memory and lanes as the library has them. Source: RFC 9106, section 4, the second choice.
#: When a newer library has others, passwords are hashed anew at the next sign-in.
HASHER = PasswordHasher()

#: Hashes at once in a process: each takes 64 MiB and a core for some hundredths of a second.
_AT_ONCE = 2
#: Who comes when so many wait is told to come again: a flood must not fill the memory with waiters.
_MOST_WAITING = 50

_pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="argon2")
_waiting = 0


class WeakPassword(Invalid):
    """The password would be guessed."""

    code = "weak_password"
    message = (
        "This password would be guessed: it is made of common words, rows of keys or your own name."
    )


class ShortPassword(WeakPassword):
    """The password is too short."""

    code = "short_password"
    message = "A password has at least 12 characters. Several words are easy to remember."


class LongPassword(WeakPassword):
    """The password is too long."""

    code = "long_password"
    message = "A password has at most 200 characters."


@dataclass(frozen=True, slots=True)
class Checked:
    """Whether a password was the right one."""

    fits: bool
    renewed: str | None = None  #: the hash to keep from now on: the old one's parameters are old


def normalised(password: str) -> str:
    """Return the password as it is hashed: the same letters typed in two ways are the same password.

    Source: NIST SP 800-63B, section 5.1.1.2: NFKC before hashing.
    """
    return unicodedata.normalize("NFKC", password)


def check_strength(password: str, *own_words: str) -> None:
    """Refuse a password that is guessed early; ``own_words`` are the login and other known names.

    Raises:
        ShortPassword: it has fewer than 12 characters.
        LongPassword: it has more than 200.
        WeakPassword: it is made of what guessers try first.
    """
    text = normalised(password)
    if len(text) < LEAST_CHARACTERS:
        raise ShortPassword
    if len(text) > MOST_CHARACTERS:
        raise LongPassword
    if is_guessable(text, own_words):
        raise WeakPassword


def made_up() -> str:
    """Return a password for somebody's first sign-in: about 95 bits, four groups, no letters alike."""
    letters = "".join(sorted(set(string.ascii_lowercase + string.digits) - set("l1o0")))
    groups = ("".join(secrets.choice(letters) for _ in range(5)) for _ in range(4))
    return "-".join(groups)


async def hashed(password: str) -> str:
    """Return the hash to keep."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_pool, HASHER.hash, normalised(password))


async def check(kept: str | None, password: str) -> Checked:
    """Compare a password with the hash that is kept.

    Without one (no such user, no password yet) a hash of nobody's is compared all the same: the answer
    takes as long, so that nobody learns which logins there are.
    """
    global _waiting
    if _waiting >= _MOST_WAITING:
        raise Unavailable("Too many people sign in at the moment; try again.")
    _waiting += 1
    try:
        run = asyncio.get_running_loop().run_in_executor
        return await run(_pool, _check, kept, normalised(password)[: MOST_CHARACTERS + 1])
    finally:
        _waiting -= 1


def _check(kept: str | None, password: str) -> Checked:
    try:
        HASHER.verify(kept or _nobodys(), password)
    except (VerificationError, InvalidHashError):
        return Checked(fits=False)
    if kept is None:
        return Checked(fits=False)
    return Checked(True, HASHER.hash(password) if HASHER.check_needs_rehash(kept) else None)


@cache
def _nobodys() -> str:
    return HASHER.hash(secrets.token_urlsafe())
