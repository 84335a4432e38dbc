"""Requests of a client about a person: do not call, erase. Nothing here commits.

Nobody is called while a request waits: the number is suppressed in the transaction that asks. An erasure is
looked at by a manager of the call centre first, since it cannot be taken back.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.law import suppressions
from campaigns.law.suppressions import LiveCall
from campaigns.lists.erasure.erasing import erase
from campaigns.lists.erasure.person import Vault, Who
from campaigns.portal.due import term_of
from campaigns.portal.errors import (
    AnswerMissing,
    NobodyNamed,
    RequestClosed,
    RequestNotFound,
    TooManyPeople,
)
from campaigns.portal.models import ClientRequest
from campaigns.portal.words import RequestKind, RequestState
from campaigns.tenancy.audit import trace
from dialer import phone
from dialer.clock import Clock

#: Numbers of one form.
MOST_AT_ONCE = 100
#: Numbers of a request say their country.
_NO_REGION = "ZZ"
#: Where suppressions by a request came from.
SOURCE = "portal"
_MOST_SHOWN = 200


async def ask(
    session: AsyncSession,
    kind: RequestKind,
    numbers: Sequence[str],
    *,
    external_key: str = "",
    note: str = "",
    client_id: UUID,
    user_id: UUID,
    clock: Clock,
) -> tuple[list[ClientRequest], tuple[LiveCall, ...]]:
    """Keep requests, one a person, and suppress their numbers; return them and calls to be cancelled.

    Raises:
        InvalidPhone: a text is no number with its country code.
        NobodyNamed: neither numbers nor, for an erasure, a key.
        TooManyPeople: more than ``MOST_AT_ONCE``.
    """
    people = {one.e164: one.region for one in (phone.parse(n, _NO_REGION) for n in numbers)}
    key = external_key.strip() if kind is RequestKind.ERASURE else ""
    if not people and not key:
        raise NobodyNamed
    if len(people) > MOST_AT_ONCE:
        raise TooManyPeople(numbers=len(people))
    stopped = await suppressions.suppress(
        session, client_id=client_id, e164s=people, reason=kind.value, source=SOURCE,
        user_id=user_id, clock=clock,
    )  # fmt: skip
    rows = []
    for e164, region, named in [*((one, at, None) for one, at in people.items()), ("", "", key)]:
        if not e164 and not named:
            continue
        term = term_of(kind, region)
        row = ClientRequest(
            client_id=client_id, kind=kind, e164=e164, external_key=named or None,
            note=note.strip(), asked_at=clock.now(), asked_by=user_id,
            due_at=term.due(clock.now()), law=term.source,
        )  # fmt: skip
        rows.append(await _kept(session, row, user_id, clock))
    return rows, stopped.live_calls


async def _kept(
    session: AsyncSession, row: ClientRequest, user_id: UUID, clock: Clock
) -> ClientRequest:
    session.add(row)
    await session.flush()
    facts = {"kind": row.kind.value, "due_at": row.due_at.isoformat(), "law": row.law}
    await trace(session, row, "client_request.asked", facts, user_id=user_id, clock=clock)
    if row.kind is RequestKind.DO_NOT_CALL:
        row.receipt = {"suppressed": True}
        await _close(session, row, RequestState.DONE, "", user_id=user_id, clock=clock)
    return row


async def carry_out(
    session: AsyncSession, row: ClientRequest, *, user_id: UUID, clock: Clock, vault: Vault
) -> ClientRequest:
    """Erase the person as asked; the request keeps the receipt and forgets who it was.

    Raises:
        RequestClosed: it was worked on.
        OnTheLine, FilesBeingMade, ChangedMeanwhile: see ``erase``; try again.
    """
    _require_open(row)
    receipt = await erase(
        session,
        Who(e164=row.e164 or None, external_key=row.external_key),
        client_id=row.client_id,
        reason=f"The client's request of {row.asked_at:%Y-%m-%d}",
        user_id=user_id,
        clock=clock,
        vault=vault,
    )
    await session.refresh(row)
    row.e164, row.external_key, row.note = "", None, ""
    row.receipt = {"id": str(receipt.id), "digest": receipt.digest, "counts": receipt.counts}
    return await _close(session, row, RequestState.DONE, "", user_id=user_id, clock=clock)


async def refuse(
    session: AsyncSession, row: ClientRequest, answer: str, *, user_id: UUID, clock: Clock
) -> ClientRequest:
    """Refuse a request with a reason that the client reads; the number stays suppressed.

    Raises:
        RequestClosed: it was worked on.
        AnswerMissing: nobody said why.
    """
    _require_open(row)
    if not answer.strip():
        raise AnswerMissing
    said = answer.strip()
    return await _close(session, row, RequestState.REFUSED, said, user_id=user_id, clock=clock)


async def find(
    session: AsyncSession, request_id: UUID, *, client_id: UUID, lock: bool = True
) -> ClientRequest:
    """Return a client's request, locked until the transaction ends.

    Raises:
        RequestNotFound: no such request, or it is another client's.
    """
    statement = select(ClientRequest).where(
        col(ClientRequest.id) == request_id, col(ClientRequest.client_id) == client_id
    )
    row = (await session.exec(statement.with_for_update() if lock else statement)).first()
    if row is None:
        raise RequestNotFound(request_id=request_id)
    return row


async def requests_of(
    session: AsyncSession, client_id: UUID, *, is_open: bool | None = None
) -> Sequence[ClientRequest]:
    """Return a client's requests: open ones by their due date, then the newest first."""
    statement = select(ClientRequest).where(col(ClientRequest.client_id) == client_id)
    opened = col(ClientRequest.state) == RequestState.OPEN
    if is_open is not None:
        statement = statement.where(opened if is_open else ~opened)
    order = (col(ClientRequest.due_at),) if is_open else (opened.desc(),)
    statement = statement.order_by(*order, col(ClientRequest.id).desc()).limit(_MOST_SHOWN)
    return (await session.exec(statement)).all()


def _require_open(row: ClientRequest) -> None:
    if row.state is not RequestState.OPEN:
        raise RequestClosed


async def _close(
    session: AsyncSession,
    row: ClientRequest,
    state: RequestState,
    answer: str,
    *,
    user_id: UUID,
    clock: Clock,
) -> ClientRequest:
    row.state, row.answer = state, answer
    row.closed_at, row.closed_by = clock.now(), user_id
    session.add(row)
    await session.flush()
    facts = {"kind": row.kind.value, "receipt": row.receipt.get("id")}
    await trace(session, row, f"client_request.{state}", facts, user_id=user_id, clock=clock)
    return row
