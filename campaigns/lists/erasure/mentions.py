"""Mentions: where a person is named in what others keep, or in what people wrote about the person."""
# ruff: noqa: S608 - put together from constants only

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.lists.erasure.subject import Eraser, Subject
from campaigns.lists.erasure.traces import ERASED, Traces
from dialer.db import affected

_MINE = "client_id = :client_id"
_HIS_CONSENTS = f"{_MINE} AND e164 = ANY(:numbers)"
_HIS_ATTEMPTS = f"{_MINE} AND (contact_id = ANY(:ids) OR e164 = ANY(:numbers))"
_HIS_LEADS = "lead_id IN (SELECT id FROM lead WHERE contact_id = ANY(:ids))"
_HIS_SAMPLES = f"{_MINE} AND (e164 = ANY(:numbers) OR {_HIS_LEADS})"
#: Entries about a record of the person's own.
_HIS_ENTRIES = f"""
    {_MINE} AND subject_id IN (
        SELECT id FROM consent_record WHERE {_HIS_CONSENTS}
        UNION ALL SELECT id FROM suppression WHERE {_HIS_CONSENTS}
        UNION ALL SELECT id FROM callback WHERE {_HIS_LEADS}
        UNION ALL SELECT id FROM attempt WHERE {_HIS_ATTEMPTS})
"""
#: Why a call's result was corrected tells what the person said, without any name.
_CORRECTIONS = f"""
    UPDATE audit_entry SET facts = facts || jsonb_build_object('reason', CAST(:erased AS text))
    WHERE {_MINE} AND subject = 'attempt' AND action = 'attempt.corrected'
      AND facts ->> 'reason' <> :erased
      AND subject_id IN (SELECT id FROM attempt WHERE {_HIS_ATTEMPTS})
"""


def _may_name(column: str) -> str:
    """Return the condition for rows of the client that may name the person: each is looked at."""
    return (
        f"{_MINE} AND ("
        f"regexp_replace(CAST({column} AS text), '[^0-9]', '', 'g') LIKE ANY(:patterns)"
        f" OR (cardinality(CAST(:keys AS text[])) > 0"
        f" AND CAST({column} AS text) LIKE '%external_key%'))"
    )


async def hold(session: AsyncSession, subject: Subject) -> None:
    """Lock the filters that name the person: whoever changes a campaign locks it before its leads."""
    for table, column in (("segment", "filter"), ("campaign", "settings")):
        found = _may_name(column)
        statement = f"SELECT id FROM {table} WHERE {found} ORDER BY id FOR UPDATE"
        await session.execute(text(statement), subject.facts(statement))


async def attempt_receipts(session: AsyncSession, subject: Subject) -> int:
    """Take the person out of what the gate's decisions rested on, such as a proof's place."""
    return await _own(session, subject, "attempt", "decision", _HIS_ATTEMPTS)


async def refusal_receipts(session: AsyncSession, subject: Subject) -> int:
    """Do the same in the kept refusals."""
    return await _own(session, subject, "refusal_sample", "decision", _HIS_SAMPLES)


async def consent_proofs(session: AsyncSession, subject: Subject) -> int:
    """Take the person out of where the proofs are; a mark tells who has the number that it fits."""
    return await _texts(session, subject, "consent_record", "proof", _HIS_CONSENTS)


async def suppression_reasons(session: AsyncSession, subject: Subject) -> int:
    """Take the person out of why nobody may call."""
    return await _texts(session, subject, "suppression", "reason", _HIS_CONSENTS)


async def audit_entries(session: AsyncSession, subject: Subject) -> int:
    """Keep what was done, by whom and when, and not to whom."""
    statement = _CORRECTIONS
    done = await session.execute(text(statement), {**subject.facts(statement), "erased": ERASED})
    own = affected(done) + await _own(session, subject, "audit_entry", "facts", _HIS_ENTRIES)
    return own + await _named(session, subject, "audit_entry", "facts")


def mentions_in(table: str, *columns: str) -> Eraser:
    """Return what takes the person out of columns of a table that is about others.

    A filter goes on to select everybody else.
    """

    async def eraser(session: AsyncSession, subject: Subject) -> int:
        found = [await _named(session, subject, table, column) for column in columns]
        return sum(found)

    return eraser


async def _own(session: AsyncSession, subject: Subject, table: str, column: str, whose: str) -> int:
    """Rewrite JSON that was written about the person."""
    change = partial(Traces(subject).without, own=True)
    return await _rewritten(session, subject, table, column, whose, change)


async def _named(session: AsyncSession, subject: Subject, table: str, column: str) -> int:
    """Rewrite JSON that may name the person."""
    whose = _may_name(column)
    return await _rewritten(session, subject, table, column, whose, Traces(subject).without)


async def _texts(
    session: AsyncSession, subject: Subject, table: str, column: str, whose: str
) -> int:
    change = Traces(subject).unnamed
    return await _rewritten(session, subject, table, column, whose, change)


async def _rewritten(
    session: AsyncSession,
    subject: Subject,
    table: str,
    column: str,
    whose: str,
    change: Callable[[Any], Any],
) -> int:
    """Store what ``change`` makes of a column where that is something else; return in how many rows."""
    statement = f"SELECT id, {column} FROM {table} WHERE {whose} ORDER BY id FOR UPDATE"
    rows = (await session.execute(text(statement), subject.facts(statement))).all()
    changed = [(row_id, new) for row_id, old in rows if (new := change(old)) != old]
    for row_id, new in changed:
        is_text = isinstance(new, str)
        value = new if is_text else json.dumps(new)
        kind = "varchar" if is_text else "jsonb"
        await session.execute(
            text(f"UPDATE {table} SET {column} = CAST(:value AS {kind}) WHERE id = :id"),
            {"value": value, "id": row_id},
        )
    return len(changed)
