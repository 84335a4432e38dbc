"""Erasure on request: a person's data go from every table and disk, and a receipt stays."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.law import suppressions
from campaigns.lists.erasure.erasers import ERASERS, Subject
from campaigns.lists.erasure.subject_key import subject_hash, subject_key
from campaigns.lists.models import ErasureReceipt
from campaigns.lists.provenance import find_contact
from campaigns.tenancy import audit
from dialer.clock import Clock
from dialer.errors import Conflict, Invalid
from dialer.settings import Settings

#: Where suppressions by an erasure came from, and their reason.
SOURCE, REASON = "erasure", "erased"


class OnTheLine(Conflict):
    """The person is being called at this moment."""

    code = "being_dialled"
    message = "This person is being called at this moment: try again in a minute."


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

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return those of an installation; its key is made on first use."""
        key = subject_key(settings.run_dir / settings.instance / "erasure.key")
        return cls(key, settings.recordings(), settings.raw_recordings())


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
_ALL_NUMBERS = "SELECT DISTINCT e164 FROM phone WHERE contact_id = ANY(:ids)"
# A family's telephone stays with those of the family who did not ask.
_NUMBERS = """
    SELECT DISTINCT p.e164 FROM phone p WHERE p.contact_id = ANY(:ids) AND NOT EXISTS (
        SELECT FROM phone o WHERE o.e164 = p.e164 AND o.client_id = :client_id
          AND o.contact_id <> ALL(:ids))
"""
# The same keys as whoever opens attempts takes.
_LOCK_NUMBERS = "SELECT pg_advisory_xact_lock(k) FROM unnest(CAST(:keys AS bigint[])) AS k"
_BUSY = """
    SELECT count(*) FROM (
        SELECT state FROM lead WHERE contact_id = ANY(:ids) ORDER BY id FOR UPDATE
    ) l WHERE l.state IN ('claimed', 'dialing')
"""
_LIVE = """
    SELECT count(*) FROM attempt WHERE client_id = :client_id AND ended_at IS NULL
      AND (contact_id = ANY(:ids) OR e164 = ANY(:numbers))
"""


async def erase(
    session: AsyncSession,
    who: Who,
    *,
    client_id: UUID,
    reason: str,
    user_id: UUID | None,
    clock: Clock,
    vault: Vault,
    keep_suppressed: bool = True,
) -> ErasureReceipt:
    """Erase a person from all of a client's tables and recordings, in the caller's transaction.

    The person is every contact with the number or key, and every other contact with the same key.
    The person's numbers go on the client's do-not-call list, unless ``keep_suppressed`` is False: an
    erased person who comes back in next month's file would be called again otherwise. A request
    about somebody who is not known gets its receipt too. Files that are staged are not searched; they
    go by themselves.

    Raises:
        ContactNotFound: no such contact of this client.
        Invalid: no reason was given.
        OnTheLine: the person is being called at this moment.
        ChangedMeanwhile: somebody changed the person's numbers at this moment.
    """
    if not reason.strip():
        raise Invalid("Say why the data are erased, such as the request's date.")
    await _hold_numbers(session, who, client_id)
    subject = await _find(session, who, client_id, clock, vault)
    await _require_idle(session, subject)
    counts: dict[str, int] = {}
    if keep_suppressed:
        counts["suppression"] = await _suppress(session, subject, user_id, clock)
    for table, eraser in ERASERS.items():
        counts[table] = await eraser(session, subject)
    return await _receipt(session, subject, who, reason.strip(), counts, user_id)


def digest_of(receipt: ErasureReceipt) -> str:
    """Return the SHA-256 over everything a receipt says."""
    said = {
        "id": str(receipt.id),
        "client_id": str(receipt.client_id),
        "subject_hash": receipt.subject_hash,
        "reason": receipt.reason,
        "erased_by": str(receipt.erased_by) if receipt.erased_by else None,
        "erased_at": receipt.erased_at.isoformat(),
        "counts": receipt.counts,
    }
    text_ = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text_.encode()).hexdigest()


async def _hold_numbers(session: AsyncSession, who: Who, client_id: UUID) -> None:
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


async def _suppress(
    session: AsyncSession, subject: Subject, user_id: UUID | None, clock: Clock
) -> int:
    """Keep the numbers from being called ever after."""
    done = await suppressions.suppress(
        session,
        client_id=subject.client_id,
        e164s=subject.numbers,
        reason=REASON,
        source=SOURCE,
        user_id=user_id,
        clock=clock,
    )
    return done.added


async def _receipt(
    session: AsyncSession,
    subject: Subject,
    who: Who,
    reason: str,
    counts: dict[str, int],
    user_id: UUID | None,
) -> ErasureReceipt:
    """Store the receipt and its trace."""
    receipt = ErasureReceipt(
        client_id=subject.client_id,
        subject_hash=subject_hash(subject.key, who.subject()),
        reason=reason,
        erased_by=user_id,
        erased_at=subject.now,
        counts=dict(sorted(counts.items())),
        digest="",
    )
    receipt.digest = digest_of(receipt)
    session.add(receipt)
    await session.flush()
    await audit.record(
        session,
        client_id=subject.client_id,
        user_id=user_id,
        at=subject.now,
        action="person.erased",
        subject="erasure_receipt",
        subject_id=receipt.id,
        facts={"reason": receipt.reason, "counts": receipt.counts, "digest": receipt.digest},
    )
    return receipt


async def _find(
    session: AsyncSession, who: Who, client_id: UUID, clock: Clock, vault: Vault
) -> Subject:
    ids, keys = await _contacts(session, who, client_id, lock=_LOCK_CONTACTS)
    numbers: set[str] = await _column(session, _NUMBERS, client_id=client_id, ids=list(ids))
    if who.e164 is not None:
        numbers.add(who.e164)
    return Subject(
        client_id=client_id,
        contact_ids=tuple(sorted(ids)),
        numbers=tuple(sorted(numbers)),
        keys=tuple(sorted(keys)),
        key=vault.key,
        recordings=vault.recordings,
        raw_recordings=vault.raw_recordings,
        now=clock.now(),
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


async def _require_idle(session: AsyncSession, subject: Subject) -> None:
    ids, numbers = list(subject.contact_ids), list(subject.numbers)
    busy = (await session.execute(text(_BUSY), {"ids": ids})).scalar_one()
    facts = {"client_id": subject.client_id, "ids": ids, "numbers": numbers}
    live = (await session.execute(text(_LIVE), facts)).scalar_one()
    if busy or live:
        raise OnTheLine


async def _column(session: AsyncSession, query: str, **facts: object) -> set[Any]:
    return set((await session.execute(text(query), facts)).scalars())
