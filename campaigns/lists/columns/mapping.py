"""Mapping: what each column of a file is for, as proposed from headings and cells, or as a person said."""

import hashlib
import json
from collections.abc import Mapping as ReadOnlyDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from campaigns.lists.columns.column_words import field_of, kind_of
from campaigns.lists.columns.fields import (
    NAME_PARTS,
    REPEATABLE,
    ColumnField,
    ColumnUse,
    ValueType,
)
from campaigns.lists.columns.phone_columns import phone_columns
from campaigns.lists.columns.values import guess_type
from campaigns.states import PhoneKind
from dialer.errors import Invalid

__all__ = [
    "ColumnField",
    "ColumnUse",
    "Mapping",
    "MappingFault",
    "NoPhoneColumn",
    "ValueType",
    "headings_digest",
    "propose",
]

#: Rows that are looked at to tell what a column holds.
SAMPLE_ROWS = 500


class NoPhoneColumn(Invalid):
    """No column of the file holds phone numbers."""

    code = "no_phone_column"
    message = "No column with phone numbers was found. Name its heading “Phone”."


class MappingFault(Invalid):
    """A mapping that a person gave does not fit the file."""

    code = "mapping_fault"
    message = "The mapping of the columns does not fit the file."


@dataclass(frozen=True, slots=True)
class Mapping:
    """What the columns are for. The first phone column is dialled first."""

    uses: tuple[ColumnUse, ...]

    @property
    def phone_columns(self) -> tuple[int, ...]:
        """Return the phone columns' positions in the order of dialling."""
        return self.positions(ColumnField.PHONE)

    @property
    def name_columns(self) -> tuple[int, ...]:
        """Return the columns that make the name, joined with a blank; empty when nobody is named."""
        parts = tuple(sorted(use.column for use in self.uses if use.field in NAME_PARTS))
        return self.positions(ColumnField.NAME) or parts or self.positions(ColumnField.COMPANY)

    def positions(self, field: ColumnField) -> tuple[int, ...]:
        """Return the positions of the columns that give ``field``."""
        return tuple(use.column for use in self.uses if use.field is field)

    def position(self, field: ColumnField) -> int | None:
        """Return the position of the one column that gives ``field``, if any."""
        return next(iter(self.positions(field)), None)

    def as_json(self, columns: Sequence[str]) -> dict[str, Any]:
        """Return the mapping by headings, to be stored or shown; :meth:`from_json` reads it."""
        return {
            "columns": [
                {"column": columns[use.column], "field": use.field.value}
                | ({"kind": use.kind.value} if use.kind else {})
                | ({"type": use.value_type.value} if use.field is ColumnField.CUSTOM else {})
                for use in self.uses
            ]
        }

    @classmethod
    def from_json(cls, data: ReadOnlyDict[str, Any], columns: Sequence[str]) -> Self:
        """Read what :meth:`as_json` wrote or a person gave; columns not named are kept as custom text.

        Raises:
            MappingFault: an unknown column, field, kind or type; a column named twice; two columns
                for one field; no phone column.
        """
        entries = data.get("columns")
        if not isinstance(entries, list):
            raise MappingFault("A mapping is a list of columns.")
        uses = [_use(entry, columns) for entry in entries]
        named = {use.column for use in uses}
        rest = [ColumnUse(at, ColumnField.CUSTOM) for at in range(len(columns)) if at not in named]
        return cls(validated([*uses, *rest], columns))


def validated(uses: Sequence[ColumnUse], columns: Sequence[str]) -> tuple[ColumnUse, ...]:
    """Return ``uses`` when they fit the file.

    Raises:
        MappingFault: they do not; the sentence says what is wrong.
    """
    seen: set[int] = set()
    given: dict[ColumnField, int] = {}
    for use in uses:
        if not 0 <= use.column < len(columns):
            raise MappingFault("The file has no such column.", column=use.column)
        heading = columns[use.column]
        if use.column in seen:
            raise MappingFault(f"The column “{heading}” is mapped twice.", column=heading)
        if use.field in given and use.field not in REPEATABLE:
            raise MappingFault(
                f"Both “{columns[given[use.field]]}” and “{heading}” are mapped to {use.field}.",
                column=heading,
            )
        seen.add(use.column)
        given[use.field] = use.column
    if ColumnField.PHONE not in given:
        raise MappingFault("One column at least must hold phone numbers.")
    return tuple(uses)


def propose(columns: Sequence[str], sample_rows: Sequence[Sequence[str]]) -> Mapping:
    """Return what the columns are for, by their headings and the first rows.

    A heading that says "phone" is believed when some of its cells agree (or when no column's cells
    do). Without such a heading the cells decide. Types of the client's own columns are guessed from
    their cells.

    Raises:
        NoPhoneColumn: neither headings nor cells tell of a phone.
    """
    rows = sample_rows[:SAMPLE_ROWS]
    phones = phone_columns(columns, rows)
    if not phones:
        raise NoPhoneColumn(columns=list(columns))
    uses = [ColumnUse(at, ColumnField.PHONE, kind_of(columns[at])) for at in phones]
    taken: set[ColumnField] = set()
    for at, heading in enumerate(columns):
        if at in phones:
            continue
        field = field_of(heading)
        if field in taken and field not in REPEATABLE:
            field = ColumnField.CUSTOM
        taken.add(field)
        kind = ValueType.TEXT
        if field is ColumnField.CUSTOM:
            kind = guess_type([row[at] for row in rows])
        uses.append(ColumnUse(at, field, value_type=kind))
    return Mapping(tuple(uses))


def headings_digest(columns: Sequence[str]) -> str:
    """Return the SHA-256 under which a client's mapping of these headings is remembered."""
    return hashlib.sha256(json.dumps(list(columns), ensure_ascii=False).encode()).hexdigest()


def _use(entry: Any, columns: Sequence[str]) -> ColumnUse:
    """Read one column of a stored or given mapping."""
    if not isinstance(entry, ReadOnlyDict) or entry.get("column") not in columns:
        name = entry.get("column") if isinstance(entry, ReadOnlyDict) else entry
        raise MappingFault(f"The file has no column “{name}”.", column=name)
    heading = entry["column"]
    try:
        field = ColumnField(entry.get("field", ColumnField.CUSTOM))
        kind = PhoneKind(entry["kind"]) if entry.get("kind") else None
        value_type = ValueType(entry.get("type", ValueType.TEXT))
    except ValueError as error:
        raise MappingFault(
            f"The column “{heading}” is mapped to something unknown.", column=heading
        ) from error
    return ColumnUse(list(columns).index(heading), field, kind, value_type)
