"""The consent ledger: consents are recorded and withdrawn, never deleted or changed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.law.kinds import OPERATOR_CONTRACT, consent_kinds
from campaigns.law.waking import wake_campaigns, wake_numbers
from campaigns.tenancy import audit
from compliance.models import ConsentRecord
from compliance.rulebook.packs import RuleBook
from dialer.clock import Clock
from dialer.errors import Conflict, Invalid, NotFound
from dialer.ids import new_id

#: The clocks of two machines may differ by this much.
_CLOCK_SKEW = timedelta(minutes=5)
#: Rows stored by one statement.
_BATCH_ROWS = 1_000


class UnknownConsentKind(Invalid):
    """No rule knows the kind: it would open nothing, and nobody would notice."""

    code = "unknown_consent_kind"
    message = "No rule knows this kind of consent."


class NumberNeeded(Invalid):
    """A person consents for the own number; only a fact of the client itself has none."""

    code = "consent_needs_number"
    message = (
        "Say whose consent it is: give the number. "
        f"Only {OPERATOR_CONTRACT} is recorded for the whole client."
    )


class ConsentNotFound(NotFound):
    """The client's ledger has no such entry."""

    code = "consent_not_found"
    message = "There is no such consent in the ledger."


class AlreadyWithdrawn(Conflict):
    """The consent was withdrawn before."""

    code = "already_withdrawn"
    message = "This consent is withdrawn already."


@dataclass(frozen=True, slots=True)
class NewConsent:
    """One entry to be made."""

    e164: str | None  #: None: a fact of the client itself, such as its operator's contract
    kind: str
    granted_at: datetime
    proof: str  #: where the proof is: a file, a recording, a form's number
    scope: str = "*"  #: the subject it covers; ``*`` = everything of the client
    expires_at: datetime | None = None


def checked(consent: NewConsent, book: RuleBook, now: datetime) -> NewConsent:
    """Return the consent if it can be recorded; whose it is, is asked when it is.

    Raises:
        UnknownConsentKind: no rule knows the kind.
        Invalid: no proof, not granted yet, or over before it began.
    """
    known = consent_kinds(book)
    if consent.kind not in known:
        raise UnknownConsentKind(kind=consent.kind, known=sorted(known))
    if not consent.proof.strip():
        raise Invalid(
            "Say where the proof of the consent is: a consent that cannot be shown is none."
        )
    if consent.granted_at > now + _CLOCK_SKEW:
        raise Invalid("A consent cannot have been given in the future.")
    if consent.expires_at is not None and consent.expires_at <= consent.granted_at:
        raise Invalid("The consent would end before it began.")
    return consent


def _require_number(consent: NewConsent) -> None:
    if consent.e164 is None and consent.kind != OPERATOR_CONTRACT:
        raise NumberNeeded(kind=consent.kind)


async def record(
    session: AsyncSession,
    consent: NewConsent,
    *,
    client_id: UUID,
    user_id: UUID | None,
    book: RuleBook,
    clock: Clock,
) -> ConsentRecord:
    """Put one consent into the ledger; leads that waited for it are asked about again.

    Raises:
        UnknownConsentKind, Invalid: see ``checked``.
        NumberNeeded: a person's consent without the person's number.
    """
    now = clock.now()
    fit = checked(consent, book, now)
    _require_number(fit)
    row = ConsentRecord(**_columns(fit, client_id, user_id, now))
    session.add(row)
    await session.flush()
    facts = {"kind": row.kind, "scope": row.scope, "proof": row.proof}
    await audit.trace(session, row, "consent.recorded", facts, user_id=user_id, clock=clock)
    if row.e164 is None:
        await wake_campaigns(session, client_id, now=now)
    else:
        await wake_numbers(session, client_id, [row.e164], now=now)
    return row


async def record_many(
    session: AsyncSession,
    consents: Sequence[NewConsent],
    *,
    client_id: UUID,
    user_id: UUID | None,
    clock: Clock,
    proof_of_import: str,
) -> int:
    """Put checked consents into the ledger as one import; return how many.

    ``proof_of_import`` names the file in the audit log.

    Raises:
        NumberNeeded: a person's consent without the person's number.
    """
    for consent in consents:
        _require_number(consent)
    now, import_id = clock.now(), new_id()
    for start in range(0, len(consents), _BATCH_ROWS):
        part = consents[start : start + _BATCH_ROWS]
        ours = {"import_id": import_id}
        rows = [ours | {"id": new_id()} | _columns(one, client_id, user_id, now) for one in part]
        await session.exec(insert(ConsentRecord).values(rows))
        numbers = sorted({one.e164 for one in part if one.e164 is not None})
        await wake_numbers(session, client_id, numbers, now=now)
    if consents:
        await audit.record(
            session,
            client_id=client_id,
            user_id=user_id,
            at=now,
            action="consent.imported",
            subject="consent_record",
            subject_id=import_id,
            facts={"count": len(consents), "file": proof_of_import},
        )
    return len(consents)


def _columns(
    consent: NewConsent, client_id: UUID, user_id: UUID | None, now: datetime
) -> dict[str, Any]:
    return {
        "client_id": client_id,
        "e164": consent.e164,
        "kind": consent.kind,
        "scope": consent.scope or "*",
        "granted_at": consent.granted_at,
        "expires_at": consent.expires_at,
        "proof": consent.proof.strip(),
        "recorded_by": user_id,
        "recorded_at": now,
    }


async def withdraw(
    session: AsyncSession,
    consent_id: UUID,
    *,
    client_id: UUID,
    user_id: UUID | None,
    reason: str,
    clock: Clock,
) -> ConsentRecord:
    """End a consent from now on; the entry stays.

    Raises:
        ConsentNotFound: the client has no such entry.
        AlreadyWithdrawn: it ended before.
    """
    row = await session.get(ConsentRecord, consent_id, with_for_update=True)
    if row is None or row.client_id != client_id:
        raise ConsentNotFound(consent_id=str(consent_id))
    if row.withdrawn_at is not None:
        raise AlreadyWithdrawn(consent_id=str(consent_id))
    row.withdrawn_at = clock.now()
    facts = {"kind": row.kind, "scope": row.scope, "reason": reason}
    await audit.trace(session, row, "consent.withdrawn", facts, user_id=user_id, clock=clock)
    return row


async def withdraw_all(
    session: AsyncSession,
    e164: str,
    *,
    client_id: UUID,
    user_id: UUID | None,
    reason: str,
    clock: Clock,
    kinds: Iterable[str] = (),
) -> int:
    """End every live consent of a number (of some kinds); return how many there were."""
    statement = (
        select(ConsentRecord.id)
        .where(
            col(ConsentRecord.client_id) == client_id,
            col(ConsentRecord.e164) == e164,
            col(ConsentRecord.withdrawn_at).is_(None),
        )
        .order_by(col(ConsentRecord.id))
    )
    wanted = set(kinds)
    if wanted:
        statement = statement.where(col(ConsentRecord.kind).in_(wanted))
    ids = (await session.exec(statement)).all()
    for consent_id in ids:
        await withdraw(
            session, consent_id, client_id=client_id, user_id=user_id, reason=reason, clock=clock
        )
    return len(ids)


async def find(
    session: AsyncSession, *, client_id: UUID, e164: str | None = None, limit: int = 500
) -> Sequence[ConsentRecord]:
    """Return the ledger's entries, the newest first; of a number with the client's own facts."""
    statement = select(ConsentRecord).where(col(ConsentRecord.client_id) == client_id)
    if e164 is not None:
        number = or_(col(ConsentRecord.e164) == e164, col(ConsentRecord.e164).is_(None))
        statement = statement.where(number)
    newest = statement.order_by(col(ConsentRecord.id).desc()).limit(limit)
    return (await session.exec(newest)).all()
