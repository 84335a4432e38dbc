"""The files that a client takes home, reopened with usual libraries and compared with the tables."""

import csv
import io
import json
import math
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pyreadstat
from sqlalchemy import text

from dialer.db import SessionFactory

_ROWS = text(
    """
    SELECT c.source_row, c.fields, l.result, last.e164, last.disposition, i.ending,
           (SELECT count(*) FROM attempt a WHERE a.lead_id = l.id) AS attempts,
           (SELECT jsonb_object_agg(w.code, w.answer) FROM interview_answer w
            WHERE w.interview_id = i.id) AS answers
    FROM lead l JOIN contact c ON c.id = l.contact_id
    LEFT JOIN LATERAL (
        SELECT a.e164, a.disposition FROM attempt a
        WHERE a.lead_id = l.id ORDER BY a.started_at DESC LIMIT 1) last ON true
    LEFT JOIN LATERAL (
        SELECT v.id, v.ending FROM attempt a JOIN interview_call k ON k.attempt_id = a.id
        JOIN interview v ON v.id = k.interview_id
        WHERE a.lead_id = l.id ORDER BY v.started_at DESC LIMIT 1) i ON true
    ORDER BY c.source_row
    """
)
#: Reasons why there is no answer, as SPSS has them for choices; of numbers in another place.
_SILENCES = {"blank": -97, "dont_know": -98, "refused": -99}


async def rows_of(sessions: SessionFactory) -> list[dict[str, Any]]:
    """Return what the tables say of each contact of the only campaign."""
    async with sessions() as session:
        return [dict(row) for row in (await session.execute(_ROWS)).mappings()]


def cells_of(row: Mapping[str, Any]) -> dict[str, str]:
    """Return what the row of a contact must say, as text, by column; answers by the questions' codes."""
    said = {name: str(value) for name, value in row["fields"].items() if value}
    said |= {"row": str(row["source_row"]), "attempts": str(row["attempts"])}
    ours = {"result": "result", "dialled_phone": "e164", "disposition": "disposition"}
    ours |= {"interview_ending": "ending"}
    said |= {column: row[name] for column, name in ours.items() if row[name]}
    for code, answer in (row["answers"] or {}).items():
        said |= _answer(code, answer)
    return said


def _answer(code: str, answer: Mapping[str, Any]) -> dict[str, str]:
    silence, value = answer.get("no_answer"), answer.get("value") or ""
    if code == "q2":
        return {f"q2_{one}": silence or str(int(one in value)) for one in ("1", "2")}
    other = {f"{code}_other": answer["other"]} if answer.get("other") else {}
    return {code: silence or str(value)} | other


def compare_workbook(path: Path, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Compare each cell that the tables know; return the headings."""
    headings, *found = openpyxl.load_workbook(path)["Results"].iter_rows(values_only=True)
    names = [str(name) for name in headings]
    assert "agent" not in names, "who talked is the call centre's own"
    assert len(found) == len(rows)
    for cells, row in zip(found, rows, strict=True):
        shown = {name: _text(cell) for name, cell in zip(names, cells, strict=True)}
        wanted = cells_of(row)
        assert wanted.keys() <= shown.keys(), wanted.keys() - shown.keys()
        assert {name: shown[name] for name in wanted} == wanted
        silent = [name for name in shown if name.startswith("q") and name not in wanted]
        assert all(shown[name] == "" for name in silent), (row["source_row"], silent)
    return names


def _text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell)


def compare_spss(
    path: Path,
    names: Sequence[str],
    rows: Sequence[Mapping[str, Any]],
    labels: Mapping[str, Mapping[str, str]],
) -> None:
    """Compare each case; ``names`` are the workbook's headings, ``labels`` the options' words by question."""
    frame, meta = pyreadstat.read_sav(path, user_missing=True)
    assert len(meta.column_names) == len(names)
    assert len(frame) == len(rows)
    columns = dict(zip(names, meta.column_names, strict=True))
    for at, row in enumerate(rows):
        for name, wanted in cells_of(row).items():
            value = frame[columns[name]].iloc[at]
            if name in labels and wanted not in _SILENCES:
                shown = meta.variable_value_labels[columns[name]][value]
                assert shown == labels[name][wanted], (name, row["source_row"])
            elif isinstance(value, str):
                assert value == wanted.rstrip(" "), (name, row["source_row"])
            elif wanted in _SILENCES:
                assert value in (_SILENCES[wanted], _SILENCES[wanted] - 9_999_900), name
            else:
                assert math.isclose(value, float(wanted)), (name, row["source_row"])


def compare_refreshed(
    path: Path, original: Path, rows: Sequence[Mapping[str, Any]], column: str, code: str
) -> int:
    """Compare the client's file with the one that was sent; return how many rows were corrected."""
    with zipfile.ZipFile(path) as package:
        (name,) = (one for one in package.namelist() if one.endswith(original.name))
        refreshed = _table(package.read(name))
    before = _table(original.read_bytes())
    corrected = {
        row["source_row"]: row["answers"][code]["other"]
        for row in rows
        if (row["answers"] or {}).get(code, {}).get("other")
    }
    place = before[0].index(column)
    assert len(refreshed) == len(before)
    for at, (new, old) in enumerate(zip(refreshed, before, strict=True)):
        wanted = list(old)
        wanted[place] = corrected.get(at, old[place])
        assert new == wanted, at
    return len(corrected)


def _table(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("cp1251"), newline=""), delimiter=";"))


def first_password(said: str) -> str:
    """Return the password that the command line made for a new user."""
    return str(json.loads(said)["password"])
