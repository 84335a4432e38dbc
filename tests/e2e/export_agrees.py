"""A campaign's exported files and the plain counts: one row for each contact, what became of it."""

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import openpyxl
from httpx import AsyncClient

from campaigns.delivery import making
from campaigns.delivery.results_file import write_results
from dialer.clock import Clock
from dialer.db import SessionFactory
from tests.plain_counts import PlainCounts

#: By these columns rows are counted; the SQL says what each must say of a lead.
_COLUMNS = {
    "list": "(SELECT x.name FROM contact_list x JOIN contact c ON c.list_id = x.id"
    " WHERE c.id = l.contact_id)",
    "attempts": "(SELECT count(*) FROM attempt a WHERE a.lead_id = l.id)",
    "last_outcome": "last.outcome",
    "disposition": "last.disposition",
    "result": "l.result",
    "agent": "(SELECT g.name FROM agent g JOIN agent_session s ON s.agent_id = g.id"
    " WHERE s.id = last.agent_session_id)",
    "dialled_phone": "last.e164",
    "talk_s": "round(extract(epoch FROM coalesce(last.left_at, last.ended_at) - last.connected_at), 1)",
    "form_version": "(SELECT v.number FROM form_version v WHERE v.id = held.form_version_id)",
    "interview_ending": "held.ending",
}  # fmt: skip
_DUE = f"""
SELECT {", ".join(f"{sql} AS {name}" for name, sql in _COLUMNS.items())}
FROM lead l
LEFT JOIN LATERAL (SELECT * FROM attempt a WHERE a.lead_id = l.id
                   ORDER BY a.started_at DESC, a.id DESC LIMIT 1) AS last ON true
LEFT JOIN LATERAL (SELECT i.* FROM interview i JOIN interview_call k ON k.interview_id = i.id
                   JOIN attempt a ON a.id = k.attempt_id WHERE a.lead_id = l.id
                   ORDER BY i.started_at DESC, i.id DESC LIMIT 1) AS held ON true
WHERE l.campaign_id = :campaign
"""  # noqa: S608 - our own constants


async def pick_every_column(api: AsyncClient, campaign: UUID) -> None:
    """Freeze a layout as a manager does who wants all columns: operators' names are in none by itself."""
    base = f"/api/v1/campaigns/{campaign}"
    columns = (await api.get(f"{base}/export-columns")).json()
    picks = [{"column": one["name"]} for one in columns]
    draft = await api.put(f"{base}/export-layouts/draft", json={"columns": picks})
    assert draft.status_code == 200, draft.text
    frozen = await api.post(f"{base}/export-layouts/freeze")
    assert frozen.status_code < 300, frozen.text


async def download(
    api: AsyncClient,
    sessions: SessionFactory,
    folder: Path,
    clock: Clock,
    campaign: UUID,
    kind: str,
) -> bytes:
    """Ask for a file, have a worker write it, and download it as a client does."""
    asked = await api.post(f"/api/v1/campaigns/{campaign}/exports", json={"format": kind})
    assert asked.status_code == 202, asked.text
    export_id = asked.json()["id"]
    assert await making.make(sessions, folder, UUID(export_id), clock=clock, write=write_results)
    got = await api.get(f"/api/v1/exports/{export_id}/file")
    assert got.status_code == 200, got.text
    return got.content


def csv_rows(content: bytes) -> list[dict[str, str]]:
    """Read a CSV file."""
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def workbook_rows(content: bytes) -> list[dict[str, str]]:
    """Read a workbook's first sheet; every cell as a text."""
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    headings, *rows = book["Results"].iter_rows(values_only=True)
    return [
        {str(name): _text(cell) for name, cell in zip(headings, row, strict=True)} for row in rows
    ]


def _text(value: Any) -> str:
    if value is None:
        return ""
    return format(Decimal(str(value)).normalize(), "f") if _is_number(value) else str(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal)


def _plainly(name: str, value: Any) -> str:
    """Return a cell as a text that both kinds of files have; a guard against formulas is taken off."""
    said = "" if value is None else str(value)
    if name in ("attempts", "talk_s", "form_version") and said:
        return format(Decimal(said).normalize(), "f")
    return said.removeprefix("'")


async def compare_rows(
    plain: PlainCounts, campaign: UUID, rows: Sequence[Mapping[str, str]]
) -> tuple[int, list[str]]:
    """Compare a file's rows with the database, row by row, whatever their order."""
    due = Counter(
        tuple(_plainly(name, row[name]) for name in _COLUMNS)
        for row in await plain.rows(_DUE, campaign=campaign)
    )
    found = Counter(tuple(_plainly(name, row[name]) for name in _COLUMNS) for row in rows)
    wrong = [f"file has {row} {n} times too often" for row, n in (found - due).items()]
    wrong += [f"file misses {row} {n} times" for row, n in (due - found).items()]
    return len(rows) * len(_COLUMNS), wrong
