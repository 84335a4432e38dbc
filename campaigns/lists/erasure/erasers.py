"""Erasers: for each table that knows of persons, how one person's data go. A new table joins the list.

What stays is that something was there: a call without its number, a closed lead, a proof of consent
under a keyed mark.
"""
# ruff: noqa: S608 - put together from constants only

import asyncio
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.lists.erasure import (
    deliveries,
    files,
    kept_recordings,
    mentions,
    portal,
    quality,
    reports,
)
from campaigns.lists.erasure.subject import Eraser, Subject
from campaigns.lists.erasure.subject_key import mark_of
from dialer.call.recorded import greeting_name, piece_names, raw_name
from dialer.db import affected

_HIS_ATTEMPTS = "client_id = :client_id AND (contact_id = ANY(:ids) OR e164 = ANY(:numbers))"
_HIS_SAMPLES = (
    "client_id = :client_id AND (e164 = ANY(:numbers)"
    " OR lead_id IN (SELECT id FROM lead WHERE contact_id = ANY(:ids)))"
)
_HIS_CONSENTS = "client_id = :client_id AND e164 = ANY(:numbers)"
#: A cell holds one of the person's numbers in whatever dress, or is one of the person's keys.
_TELLS = """
    EXISTS (
        SELECT FROM jsonb_array_elements_text({cells}) AS cell WHERE cell = ANY(:keys)
           OR regexp_replace(cell, '[^0-9]', '', 'g') LIKE ANY(:patterns)
    )
"""


async def recordings(session: AsyncSession, subject: Subject) -> int:
    """Delete the files of the person's calls; the attempts name them, so this comes before those.

    The files go before the commit: after a crash between the two the erasure is asked for again. The
    other way round a voice could stay behind a receipt that says it went.
    """
    found = await session.execute(
        text(f"SELECT id, recording, recording_raw FROM attempt WHERE {_HIS_ATTEMPTS}"),
        subject.facts(_HIS_ATTEMPTS),
    )
    rows = found.all()
    files = [
        folder / Path(name).name
        for attempt_id, recording, raw in rows
        for folder, name in (
            (subject.recordings, recording or f"{attempt_id}.wav"),
            (subject.raw_recordings, raw or raw_name(attempt_id)),
            (subject.raw_recordings, greeting_name(attempt_id)),
        )
    ]
    pieces = [piece_names(attempt_id) for attempt_id, _, _ in rows]
    kept = await kept_recordings.destroy_keys(session, subject, _HIS_ATTEMPTS)
    return kept + await asyncio.to_thread(_deleted_with, files, subject.raw_recordings, pieces)


async def attempts(session: AsyncSession, subject: Subject) -> int:
    """Keep that there was a call, and not with whom."""
    changes = ", recording = NULL, recording_raw = NULL"
    return await _marked(session, subject, "attempt", _HIS_ATTEMPTS, changes)


async def refusal_samples(session: AsyncSession, subject: Subject) -> int:
    """Keep that the gate refused, and not whom."""
    return await _marked(session, subject, "refusal_sample", _HIS_SAMPLES)


async def consents(session: AsyncSession, subject: Subject) -> int:
    """Keep the proofs under the mark: they may be needed to answer for calls that were made.

    Source: GDPR art. 17(3)(e).
    """
    return await _marked(session, subject, "consent_record", _HIS_CONSENTS)


async def callbacks(session: AsyncSession, subject: Subject) -> int:
    """Empty the notes, and take back what was promised."""
    return await _run(
        session,
        """
        UPDATE callback SET note = '', closed_at = coalesce(closed_at, :now),
               state = CASE WHEN state = 'open' THEN 'cancelled' ELSE state END
        WHERE lead_id IN (SELECT id FROM lead WHERE contact_id = ANY(:ids))
        """,
        {"ids": subject.ids, "now": subject.now},
    )


async def attempt_notes(session: AsyncSession, subject: Subject) -> int:
    """Delete what agents wrote about the person's calls; before the attempts lose their numbers."""
    return await _run(
        session,
        f"""
        DELETE FROM attempt_note WHERE client_id = :client_id
          AND attempt_id IN (SELECT id FROM attempt WHERE {_HIS_ATTEMPTS})
        """,
        subject.facts(_HIS_ATTEMPTS),
    )


async def contact_edits(session: AsyncSession, subject: Subject) -> int:
    """Delete what was corrected in the person's fields: both values are the person's."""
    return await _run(
        session, "DELETE FROM contact_edit WHERE contact_id = ANY(:ids)", {"ids": subject.ids}
    )


async def leads(session: AsyncSession, subject: Subject) -> int:
    """Close what is open, and forget the numbers and keys."""
    return await _run(
        session,
        """
        UPDATE lead SET result = CASE WHEN state = 'done' THEN result ELSE 'erased' END, state = 'done',
               next_attempt_at = NULL, reserved_for = NULL, e164 = '', person_key = NULL
        WHERE contact_id = ANY(:ids)
        """,
        {"ids": subject.ids},
    )


async def contact_changes(session: AsyncSession, subject: Subject) -> int:
    """Forget what imports changed: an undo leaves the erased contact alone.

    Of refused rows that were mended the text goes; they stay counted.
    """
    gone = await _run(
        session, "DELETE FROM contact_change WHERE contact_id = ANY(:ids)", {"ids": subject.ids}
    )
    tells = _TELLS.format(cells="x.before -> 'refused' -> 'original'")
    emptied = await _run(
        session,
        f"""
        UPDATE contact_change x SET before = jsonb_set(x.before, '{{refused,original}}', '[]')
        FROM list_import i WHERE i.id = x.import_id AND i.client_id = :client_id
          AND x.before ? 'refused' AND {tells}
        """,
        subject.facts(_TELLS + ":client_id"),
    )
    return gone + emptied


async def refused_rows(session: AsyncSession, subject: Subject) -> int:
    """Empty the refused rows that hold the person's number or key; they stay counted."""
    tells = _TELLS.format(cells="original")
    return await _run(
        session,
        f"""
        UPDATE refused_row SET original = '[]', detail = 'The row was erased.'
        WHERE client_id = :client_id AND {tells}
        """,
        subject.facts(_TELLS + ":client_id"),
    )


async def interviews(session: AsyncSession, subject: Subject) -> int:
    """Delete the person's interviews with all answers: results without a name may still tell who it was."""
    return await _run(
        session, "DELETE FROM interview WHERE contact_id = ANY(:ids)", {"ids": subject.ids}
    )


async def phones(session: AsyncSession, subject: Subject) -> int:
    """Delete the contacts' numbers."""
    return await _run(
        session, "DELETE FROM phone WHERE contact_id = ANY(:ids)", {"ids": subject.ids}
    )


async def contacts(session: AsyncSession, subject: Subject) -> int:
    """Empty the contacts; the rows stay, so the list's counts stay true."""
    return await _run(
        session,
        """
        UPDATE contact SET name = '', fields = '{}', external_key = NULL, language = NULL,
               region = NULL, zone = NULL, owner = NULL, tags = '{}', priority = 0, erased_at = :now
        WHERE id = ANY(:ids) AND erased_at IS NULL
        """,
        {"ids": subject.ids, "now": subject.now},
    )


#: By table, in the order in which they run: what names others goes after them.
ERASERS: dict[str, Eraser] = {
    "segment": mentions.mentions_in("segment", "filter", "name"),
    "campaign": mentions.mentions_in("campaign", "settings", "state_reason"),
    "contact_list": mentions.mentions_in("contact_list", "name", "file_name"),
    "list_import": mentions.mentions_in("list_import", "options", "name", "file_name"),
    "callback_mention": mentions.mentions_in("callback", "note"),
    "note_mention": mentions.mentions_in("attempt_note", "text"),
    "audit_entry": mentions.audit_entries,
    "attempt_receipt": mentions.attempt_receipts,
    "refusal_receipt": mentions.refusal_receipts,
    "consent_proof": mentions.consent_proofs,
    "consent_mention": mentions.mentions_in("consent_record", "proof"),
    "suppression_reason": mentions.suppression_reasons,
    "export": files.exports,
    "original_file": files.original_files(_TELLS.format(cells="original")),
    "report_run_file": reports.tables,
    "delivery": deliveries.files,
    "delivered_result": deliveries.digests,
    "result_verdict": deliveries.words,
    **quality.ERASERS,
    "sampled_result": portal.words,
    "client_request": portal.requests,
    "request_mention": mentions.mentions_in("client_request", "note", "answer"),
    "recording": recordings,
    "attempt_note": attempt_notes,
    "attempt": attempts,
    "refusal_sample": refusal_samples,
    "consent_record": consents,
    "callback": callbacks,
    "lead": leads,
    "contact_change": contact_changes,
    "contact_edit": contact_edits,
    "refused_row": refused_rows,
    "interview": interviews,
    "phone": phones,
    "contact": contacts,
}

#: Tables that hold numbers and are left as they are, and why.
KEPT = {
    "suppression": "nobody may call the number again; asked for without, it is not added",
    "caller_id": "the client's own numbers",
    "event": "ids and codes alone: numbers and names are looked up when it is told",
    "event_waiting": "the same, until it has its position",
    "lead_claim": "whoever is about to be dialled is not erased then",
    "report_case": "counts a lead among others; of whom, only the lead could tell",
    "report_case_change": "the same, until the lead is counted anew",
    "preview": "says that a lead was shown and how it ended; of whom, only the lead could tell",
}


async def _run(session: AsyncSession, statement: str, facts: dict[str, Any]) -> int:
    done = await session.execute(text(statement), facts)
    return affected(done)


async def _marked(
    session: AsyncSession, subject: Subject, table: str, whose: str, changes: str = ""
) -> int:
    """Put marks in place of the numbers in the rows of a table."""
    found = await session.execute(
        text(f"SELECT DISTINCT e164 FROM {table} WHERE {whose} AND e164 LIKE '+%'"),
        subject.facts(whose),
    )
    numbers = list(found.scalars())
    marks = [mark_of(subject.key, number) for number in numbers]
    return await _run(
        session,
        f"""
        UPDATE {table} SET e164 = m.mark {changes}
        FROM unnest(CAST(:found AS varchar[]), CAST(:marks AS varchar[])) AS m(number, mark)
        WHERE e164 = m.number AND {whose}
        """,
        {**subject.facts(whose), "found": numbers, "marks": marks},
    )


def _deleted_with(files: list[Path], folder: Path, patterns: list[str]) -> int:
    """Delete files, and those of a folder that fit a pattern; a call in pieces counts once."""
    for pattern in patterns:
        _deleted(list(folder.glob(pattern)))
    return _deleted(files)


def _deleted(files: list[Path]) -> int:
    there = [path for path in files if path.is_file()]
    for path in there:
        path.unlink(missing_ok=True)
    return len(there)
