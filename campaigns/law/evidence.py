"""Evidence: what was decided about a number or in a period, with the receipts, as a file and a manifest."""

import csv
import io
import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from sqlalchemy import Row
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.law.evidence_sql import SECTIONS
from campaigns.law.instants import instant_text
from campaigns.lists.columns.cells import guarded
from compliance.facts import Law
from dialer.clock import Clock
from dialer.errors import Invalid
from dialer.phone import masked

#: Rows fetched at a time.
_FETCH_ROWS = 500
_COLUMNS = ("record", "at", "number", "campaign", "id", "summary", "facts")
_EVER = (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC))


class EvidenceFormat(StrEnum):
    """How the records are written."""

    JSONL = "jsonl"  #: one JSON object a line
    CSV = "csv"  #: ``facts`` as JSON in a cell; no cell is a formula


@dataclass(frozen=True, slots=True)
class Scope:
    """About what: one number, a period, or both."""

    client_id: UUID
    e164: str | None = None
    since: datetime | None = None
    until: datetime | None = None  #: exclusive

    def __post_init__(self) -> None:
        """Refuse a question without bounds.

        Raises:
            Invalid: neither a number nor a beginning, or a period that ends before it begins.
        """
        if self.e164 is None and self.since is None:
            raise Invalid("Name a number, or the beginning of a period.")
        if self.since is not None and self.until is not None and self.until <= self.since:
            raise Invalid("The period ends before it begins.")


@dataclass(slots=True)
class _Tally:
    """What the receipts that were written name."""

    records: dict[str, int] = field(default_factory=dict)
    packs: set[str] = field(default_factory=set)
    tzdata: set[str] = field(default_factory=set)
    lists: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def note(self, kind: str, facts: Mapping[str, Any]) -> None:
        self.records[kind] = self.records.get(kind, 0) + 1
        receipt = facts.get("decision") or {}
        self.packs |= {receipt["packs"]} if receipt.get("packs") else set()
        self.tzdata |= {receipt["tzdata"]} if receipt.get("tzdata") else set()
        for code, version in (receipt.get("dnc") or {}).items():
            self.lists[code].add(version)


class _Sheet:
    """Writes records and counts their bytes and digest."""

    def __init__(self, out: IO[bytes], form: EvidenceFormat) -> None:
        self._out, self._form = out, form
        self.digest, self.bytes = sha256(), 0
        if form is EvidenceFormat.CSV:
            self._write(_cells(_COLUMNS))

    def add(self, kind: str, row: Row[Any]) -> None:
        record = {
            "record": kind,
            "at": instant_text(row.at),
            "number": row.number,
            "campaign": row.campaign,
            "id": str(row.id),
            "summary": row.summary,
        }
        if self._form is EvidenceFormat.JSONL:
            self._write(json.dumps(record | {"facts": row.facts}, ensure_ascii=False) + "\n")
        else:
            facts = json.dumps(row.facts, ensure_ascii=False)
            self._write(_cells((*record.values(), facts)))

    def _write(self, line: str) -> None:
        data = line.encode()
        self._out.write(data)
        self.digest.update(data)
        self.bytes += len(data)


def _cells(values: tuple[str, ...]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow([guarded(value) for value in values])
    return line.getvalue()


async def write_evidence(
    session: AsyncSession,
    scope: Scope,
    out: IO[bytes],
    *,
    law: Law,
    clock: Clock,
    form: EvidenceFormat = EvidenceFormat.JSONL,
) -> dict[str, Any]:
    """Write the records to ``out`` as they are read, and return the manifest.

    Records: attempts and kept refusals with their receipts, consents, suppressions, exemptions,
    do-not-call lists, and changes of these from the audit log.
    """
    since, until = scope.since or _EVER[0], scope.until or _EVER[1]
    facts = {
        "client_id": scope.client_id,
        "number": scope.e164,
        "masked": masked(scope.e164) if scope.e164 else None,
        "since": since,
        "until": until,
    }
    sheet, tally = _Sheet(out, form), _Tally()
    for kind, statement in SECTIONS.items():
        used = {name: facts[name] for name in statement.compile().params}
        rows = await session.stream(statement, used, execution_options={"yield_per": _FETCH_ROWS})
        async for row in rows:
            sheet.add(kind, row)
            tally.note(kind, row.facts)
    return {
        "client_id": str(scope.client_id),
        "number": scope.e164,
        "since": instant_text(scope.since) if scope.since else None,
        "until": instant_text(scope.until) if scope.until else None,
        "made_at": instant_text(clock.now()),
        "format": form.value,
        "sha256": sheet.digest.hexdigest(),
        "bytes": sheet.bytes,
        "records": tally.records,
        "packs": sorted(tally.packs),
        "packs_in_force": law.book.digest,
        "tzdata": sorted(tally.tzdata),
        "dnc_versions": {code: sorted(named) for code, named in sorted(tally.lists.items())},
    }


async def export(
    session: AsyncSession,
    scope: Scope,
    out: Path,
    *,
    law: Law,
    clock: Clock,
    form: EvidenceFormat = EvidenceFormat.JSONL,
) -> dict[str, Any]:
    """Write the evidence to a file and its manifest beside it (``.manifest.json``); return the manifest.

    The file gets its name when it is whole.

    Raises:
        Invalid: the file cannot be written.
    """
    part = out.with_name(f"{out.name}.part")
    try:
        with part.open("wb") as file:
            manifest = await write_evidence(session, scope, file, law=law, clock=clock, form=form)
        manifest = {"file": out.name, **manifest}
        part.replace(out)
        text = json.dumps(manifest, indent=1, ensure_ascii=False)
        out.with_name(f"{out.name}.manifest.json").write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise Invalid(f"The file cannot be written: {error.strerror}.", file=str(out)) from error
    finally:
        part.unlink(missing_ok=True)
    return manifest
