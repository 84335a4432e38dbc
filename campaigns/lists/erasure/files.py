"""Files in which an erased person stands: exports go, the client's own files lose the person's rows."""

import asyncio
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.delivery.exports import stored_path
from campaigns.delivery.models import Export
from campaigns.delivery.refresh.originals import Original, original
from campaigns.delivery.words import ExportState
from campaigns.leads.models import Lead
from campaigns.lists.erasure.subject import Eraser, Subject
from campaigns.lists.models import ListImport, OriginalFile
from dialer.errors import Invalid
from dialer.ids import new_id

_ROWS = """
    SELECT list_id, source_row FROM contact WHERE id = ANY(:ids)
    UNION
    SELECT i.list_id, x.source_row FROM contact_change x JOIN list_import i ON i.id = x.import_id
    WHERE x.contact_id = ANY(:ids)
    UNION
    SELECT list_id, source_row FROM refused_row WHERE client_id = :client_id AND {tells}
    ORDER BY list_id, source_row
"""


async def exports(session: AsyncSession, subject: Subject) -> int:
    """Delete the files of every campaign the person was enrolled in; what is under way begins anew."""
    mine = select(Lead.campaign_id).where(col(Lead.contact_id).in_(subject.ids))
    found = select(Export).where(
        col(Export.client_id) == subject.client_id,
        col(Export.campaign_id).in_(mine),
        col(Export.state).in_((ExportState.DONE, ExportState.RUNNING)),
    )
    rows = (await session.exec(found.with_for_update())).all()
    for row in rows:
        is_done = row.state is ExportState.DONE
        row.state = ExportState.GONE if is_done else ExportState.WAITING
        session.add(row)
        if subject.exports is not None:
            stored_path(subject.exports, row).unlink(missing_ok=True)
    await session.flush()
    return len(rows)


def original_files(tells: str) -> Eraser:
    """Return the eraser of the person's rows in the clients' kept files.

    ``tells`` is the condition under which a refused row is the person's: such a row is in a file, too.
    """
    statement = text(_ROWS.format(tells=tells))

    async def erase(session: AsyncSession, subject: Subject) -> int:
        facts = subject.facts(_ROWS + tells)
        by_list: dict[UUID, list[int]] = {}
        for list_id, row in await session.execute(statement, facts):
            by_list.setdefault(list_id, []).append(row)
        changed = 0
        for list_id, rows in by_list.items():
            changed += await _in_list(session, subject, list_id, rows)
        return changed

    return erase


async def _in_list(
    session: AsyncSession, subject: Subject, list_id: UUID, rows: Sequence[int]
) -> int:
    found = await session.exec(
        select(OriginalFile, ListImport)
        .join(ListImport, col(ListImport.id) == col(OriginalFile.import_id))
        .where(
            col(OriginalFile.list_id) == list_id, col(OriginalFile.client_id) == subject.client_id
        )
        .order_by(col(OriginalFile.first_row))
        .with_for_update(of=OriginalFile)
    )
    files = found.all()
    changed = 0
    for at, (file, import_) in enumerate(files):
        end = files[at + 1][0].first_row if at + 1 < len(files) else None
        upto = file.first_row + import_.rows_in if end is None else end
        mine = [
            row for row in rows if file.first_row <= row < upto and row not in set(file.dropped)
        ]
        if mine and subject.uploads is not None:
            await _rewrite(session, subject.uploads, file, import_, mine)
            changed += 1
    return changed


async def _rewrite(
    session: AsyncSession, uploads: Path, file: OriginalFile, import_: ListImport, rows: list[int]
) -> None:
    """Put a file without the rows in the place of the one with them; one that cannot be read goes."""
    known = original(file, import_, uploads)
    name = f"{new_id().hex}.upload"
    try:
        await asyncio.to_thread(_without_rows, known, uploads / name, rows)
    except (Invalid, OSError):
        (uploads / name).unlink(missing_ok=True)
        await session.delete(file)
    else:
        file.stored_as, file.dropped = name, sorted({*file.dropped, *rows})
        session.add(file)
    # Before the commit, as recordings: afterwards a crash could leave what the receipt says has gone.
    known.path.unlink(missing_ok=True)
    await session.flush()


def _without_rows(known: Original, target: Path, rows: list[int]) -> None:
    if known.format not in ("csv", "xlsx"):
        raise Invalid("Rows of such a file cannot be taken out.", format=known.format)
    with closing(known.opened(target, only_changed=False)) as new:
        for row in rows:
            new.drop(known.place_of(row))
        new.finish()
