"""The person an erasure is about: every contact with the number or key, held until the commit."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.lists.erasure.subject import Subject
from campaigns.lists.erasure.subject_key import subject_key
from campaigns.lists.provenance import find_contact
from dialer.clock import Clock
from dialer.errors import Conflict, Invalid
from dialer.settings import Settings


class ChangedMeanwhile(Conflict):
    """The person's numbers were changed while they were looked for."""

    code = "changed_meanwhile"
    message = "This person's data were changed at this moment: try again."


@dataclass(frozen=True, slots=True)
class Who:
    """Whose data are to go: exactly one of these."""

    e164: str | None = None
    external_key: str | None = None  #: the client's own key of the person
    contact_id: UUID | None = None

    def __post_init__(self) -> None:
        """Refuse a request that names nobody, or somebody twice."""
        given = [one for one in (self.e164, self.external_key, self.contact_id) if one]
        if len(given) != 1:
            raise Invalid("Name the person by one thing: a number, a key or a contact.")

    def subject(self) -> str:
        """Return the text whose hash names the person on the receipt."""
        return self.e164 or self.external_key or str(self.contact_id)


@dataclass(frozen=True, slots=True)
class Vault:
    """Where recordings are, and the key under which the erased are remembered."""

    key: bytes
    recordings: Path
    raw_recordings: Path
    uploads: Path | None = None
    exports: Path | None = None
    deliveries: Path | None = None

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return those of an installation; its key is made on first use."""
        key = subject_key(settings.run_dir / settings.instance / "erasure.key")
        return cls(
            key,
            settings.recordings(),
            settings.raw_recordings(),
            settings.uploads(),
            settings.exports(),
            settings.deliveries(),
        )


_BY_NUMBER = """
    SELECT c.id FROM contact c WHERE c.client_id = :client_id AND EXISTS (
        SELECT FROM phone p WHERE p.contact_id = c.id AND p.e164 = :e164)
    ORDER BY c.id
"""
_BY_KEY = """
    SELECT id FROM contact WHERE client_id = :client_id AND external_key = ANY(:keys)
    ORDER BY id
"""
_LOCK_CONTACTS = " FOR UPDATE"
_KEYS = """
    SELECT DISTINCT external_key FROM contact WHERE id = ANY(:ids) AND external_key IS NOT NULL
"""
_NAMES = "SELECT DISTINCT name FROM contact WHERE id = ANY(:ids) AND name <> ''"
_ALL_NUMBERS = "SELECT DISTINCT e164 FROM phone WHERE contact_id = ANY(:ids)"
# A family's telephone stays with those of the family who did not ask.
_NUMBERS = """
    SELECT DISTINCT p.e164 FROM phone p WHERE p.contact_id = ANY(:ids) AND NOT EXISTS (
        SELECT FROM phone o WHERE o.e164 = p.e164 AND o.client_id = :client_id
          AND o.contact_id <> ALL(:ids))
"""
# The same keys as whoever opens attempts takes.
_LOCK_NUMBERS = "SELECT pg_advisory_xact_lock(k) FROM unnest(CAST(:keys AS bigint[])) AS k"


async def hold_numbers(session: AsyncSession, who: Who, client_id: UUID) -> None:
    """Keep calls to the person's numbers, shared ones too, from being opened until the commit.

    Whoever opens attempts locks the numbers first, then contacts and leads: so does an erasure. What
    is read here is not locked yet, so it is read again afterwards.

    Raises:
        ChangedMeanwhile: the person has got another number since it was read.
    """
    held = await _all_numbers(session, who, client_id, lock="")
    keys = sorted(int(number[1:]) for number in held)
    await session.execute(text(_LOCK_NUMBERS), {"keys": keys})
    if not await _all_numbers(session, who, client_id, lock=_LOCK_CONTACTS) <= held:
        raise ChangedMeanwhile


async def _all_numbers(session: AsyncSession, who: Who, client_id: UUID, *, lock: str) -> set[str]:
    ids, _ = await _contacts(session, who, client_id, lock=lock)
    numbers: set[str] = await _column(session, _ALL_NUMBERS, ids=list(ids))
    return numbers | {who.e164} if who.e164 is not None else numbers


async def find_subject(
    session: AsyncSession, who: Who, client_id: UUID, clock: Clock, vault: Vault
) -> Subject:
    """Return whose data go, with the contacts locked; the numbers must be held already."""
    ids, keys = await _contacts(session, who, client_id, lock=_LOCK_CONTACTS)
    numbers: set[str] = await _column(session, _NUMBERS, client_id=client_id, ids=list(ids))
    if who.e164 is not None:
        numbers.add(who.e164)
    return Subject(
        client_id=client_id,
        contact_ids=tuple(sorted(ids)),
        numbers=tuple(sorted(numbers)),
        keys=tuple(sorted(keys)),
        names=tuple(sorted(await _column(session, _NAMES, ids=list(ids)))),
        key=vault.key,
        recordings=vault.recordings,
        raw_recordings=vault.raw_recordings,
        now=clock.now(),
        uploads=vault.uploads,
        exports=vault.exports,
        deliveries=vault.deliveries,
    )


async def _contacts(
    session: AsyncSession, who: Who, client_id: UUID, *, lock: str
) -> tuple[set[UUID], set[str]]:
    """Return the person's contacts and the client's keys of the person."""
    ids: set[UUID] = set()
    keys = {who.external_key} if who.external_key else set[str]()
    if who.contact_id is not None:
        ids.add((await find_contact(session, who.contact_id, client_id=client_id)).id)
    if who.e164 is not None:
        ids |= await _column(session, _BY_NUMBER + lock, client_id=client_id, e164=who.e164)
    keys |= await _column(session, _KEYS, ids=list(ids))
    ids |= await _column(session, _BY_KEY + lock, client_id=client_id, keys=sorted(keys))
    return ids, keys


async def _column(session: AsyncSession, query: str, **facts: object) -> set[Any]:
    return set((await session.execute(text(query), facts)).scalars())
