"""Erasure on request: a person's data go from every table and disk, and a receipt stays."""

import hashlib
import json
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.law import suppressions
from campaigns.lists.erasure import deliveries, mentions
from campaigns.lists.erasure.erasers import ERASERS
from campaigns.lists.erasure.person import Vault, Who, find_subject, hold_numbers
from campaigns.lists.erasure.subject import Subject
from campaigns.lists.erasure.subject_key import subject_hash
from campaigns.lists.erasure.traces import Traces
from campaigns.lists.models import ErasureReceipt
from campaigns.tenancy import audit
from dialer.clock import Clock
from dialer.errors import Conflict, Invalid

#: Where suppressions by an erasure came from, and their reason.
SOURCE, REASON = "erasure", "erased"


class OnTheLine(Conflict):
    """The person is being called at this moment."""

    code = "being_dialled"
    message = "This person is being called at this moment: try again in a minute."


# Whom an agent only reads is not being called: the last look before a call finds the erasure.
_BUSY = """
    SELECT count(*) FROM (
        SELECT id, state FROM lead WHERE contact_id = ANY(:ids) ORDER BY id FOR UPDATE
    ) l WHERE l.state = 'dialing' OR EXISTS (
        SELECT FROM lead_claim k JOIN campaign g ON g.id = k.campaign_id
        WHERE k.lead_id = l.id AND g.state = 'running' AND NOT EXISTS (
            SELECT FROM preview v WHERE v.lead_id = k.lead_id AND v.ended_at IS NULL
              AND v.wish IS DISTINCT FROM 'dial'))
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
        FilesBeingMade: files with the person are being made at this moment.
        ChangedMeanwhile: somebody changed the person's numbers at this moment.
    """
    if not reason.strip():
        raise Invalid("Say why the data are erased, such as the request's date.")
    await hold_numbers(session, who, client_id)
    subject = await find_subject(session, who, client_id, clock, vault)
    await mentions.hold(session, subject)
    await _require_idle(session, subject)
    await deliveries.hold(session, subject)
    counts: dict[str, int] = {}
    if keep_suppressed:
        counts["suppression"] = await _suppress(session, subject, user_id, clock)
    for table, eraser in ERASERS.items():
        counts[table] = await eraser(session, subject)
    said = Traces(subject).unnamed(reason.strip())
    return await _receipt(session, subject, who, said, counts, user_id, clock)


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
    clock: Clock,
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
    facts = {"reason": receipt.reason, "counts": receipt.counts, "digest": receipt.digest}
    await audit.trace(session, receipt, "person.erased", facts, user_id=user_id, clock=clock)
    return receipt


async def _require_idle(session: AsyncSession, subject: Subject) -> None:
    ids, numbers = list(subject.contact_ids), list(subject.numbers)
    busy = (await session.execute(text(_BUSY), {"ids": ids})).scalar_one()
    facts = {"client_id": subject.client_id, "ids": ids, "numbers": numbers}
    live = (await session.execute(text(_LIVE), facts)).scalar_one()
    if busy or live:
        raise OnTheLine
