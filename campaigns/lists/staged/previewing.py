"""Preview: the first rows of a staged file, and what its columns are taken for."""

import asyncio
from collections.abc import Mapping as ReadOnlyDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from campaigns.lists.columns.fields import ColumnField
from campaigns.lists.columns.mapping import Mapping, NoPhoneColumn
from campaigns.lists.models import ListImport
from campaigns.lists.reading.tables import OpenTable
from campaigns.lists.staged.preparing import proposed_mapping
from campaigns.lists.staged.staging import opened
from campaigns.lists.staged.uploads import UploadFolder

#: Rows a person sees of a file.
PREVIEW_ROWS = 20
#: Rows from which a column's samples are taken, and how many of them are shown.
_SAMPLED_ROWS = 500
_SAMPLES = 5


@dataclass(frozen=True, slots=True)
class PreviewColumn:
    """A column and what it is taken for."""

    name: str
    field: str  #: a :class:`campaigns.lists.columns.fields.ColumnField`
    kind: str | None  #: of a phone column
    type: str | None  #: of a custom column
    samples: tuple[str, ...]  #: the first different texts in it


@dataclass(frozen=True, slots=True)
class Preview:
    """What a person sees before anything is imported."""

    shape: ReadOnlyDict[str, Any]  #: format, encoding, separator, sheets…
    columns: tuple[PreviewColumn, ...]
    rows: tuple[tuple[str, ...], ...]
    is_mapped: bool  #: some column holds phones


async def preview(folder: UploadFolder, row: ListImport) -> Preview:
    """Return the first rows of a staged import and what its columns are taken for.

    Raises:
        UploadGone: the file is not there any more.
    """
    table = await opened(folder, row)
    head = await asyncio.to_thread(lambda: next(table.batches(_SAMPLED_ROWS), []))
    entries = {one["column"]: one for one in row.mapping.get("columns", ())}
    columns = tuple(
        PreviewColumn(
            name,
            entries.get(name, {}).get("field", "custom"),
            entries.get(name, {}).get("kind"),
            entries.get(name, {}).get("type"),
            _samples(head, at),
        )
        for at, name in enumerate(table.columns)
    )
    return Preview(
        row.shape, columns, tuple(tuple(cells) for cells in head[:PREVIEW_ROWS]), bool(row.mapping)
    )


def changed_mapping(
    table: OpenTable, changes: ReadOnlyDict[str, str], base: ReadOnlyDict[str, Any] | None = None
) -> dict[str, Any]:
    """Return a mapping as proposed (or ``base``) but for some columns: heading -> ``field[:detail]``.

    The detail is the kind of a phone column (``phone:mobile``) or the type of a custom one
    (``custom:date``).

    Raises:
        MappingFault: an unknown column, field, kind or type; no phone column.
    """
    columns = table.columns
    if base is None:
        try:
            base = proposed_mapping(table).as_json(columns)
        except NoPhoneColumn:
            base = {}
    entries = {one["column"]: one for one in base.get("columns", ())}
    for name, said in changes.items():
        field, _, detail = (part.strip() for part in said.partition(":"))
        entries[name] = {"column": name, "field": field}
        if detail:
            entries[name]["kind" if field == ColumnField.PHONE else "type"] = detail
    return Mapping.from_json({"columns": list(entries.values())}, columns).as_json(columns)


def _samples(rows: Sequence[Sequence[str]], at: int) -> tuple[str, ...]:
    filled = dict.fromkeys(cells[at].strip() for cells in rows)
    filled.pop("", None)
    return tuple(filled)[:_SAMPLES]
