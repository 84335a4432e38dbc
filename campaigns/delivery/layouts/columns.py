"""A layout: the columns of a campaign's files, in order, with their codebook. Values only."""

from collections.abc import Sequence
from typing import Any

import msgspec

from campaigns.delivery.words import ColumnKind, ColumnSource
from campaigns.forms.words import NoAnswer
from dialer.errors import Invalid

#: Columns of a file at most: a spreadsheet has no more. Source: ECMA-376 as Excel implements it.
MOST_COLUMNS = 16_384
LONGEST_NAME = 300

#: Numbers of what stands in the place of an answer, in files whose choices are numbers.
MISSING = {NoAnswer.BLANK: -97, NoAnswer.DONT_KNOW: -98, NoAnswer.REFUSED: -99}
MISSING_LABELS = {
    NoAnswer.BLANK: "passed over",
    NoAnswer.DONT_KNOW: "don't know",
    NoAnswer.REFUSED: "refused",
}


class BadLayout(Invalid):
    """The columns cannot be used; ``facts`` say which."""

    code = "bad_layout"
    message = "These columns cannot be used."


class Value(msgspec.Struct, frozen=True):
    """One line of a column's codebook."""

    code: str
    label: str
    number: int  #: in files whose choices are numbers


class Column(msgspec.Struct, frozen=True, omit_defaults=True):
    """One column of a file."""

    name: str  #: its heading
    source: ColumnSource
    key: str
    kind: ColumnKind = ColumnKind.TEXT
    part: str = ""
    label: str = ""  #: what it means, for people: the question's words
    values: tuple[Value, ...] = ()
    versions: tuple[int, ...] = ()  #: of the form, where the question is of this kind; none: all
    no_answers: bool = False  #: a person may have said nothing to it

    @property
    def identity(self) -> tuple[str, ...]:
        """Return what tells it from others, whatever it is called."""
        return (self.source, self.key, self.part, *map(str, self.versions))


class Layout(msgspec.Struct, frozen=True, omit_defaults=True):
    """The columns of a campaign's files."""

    columns: tuple[Column, ...]
    form: str = ""  #: code of the form whose answers are among them

    def as_json(self) -> dict[str, Any]:
        """Return what is stored; ``read`` reads it again."""
        stored: dict[str, Any] = msgspec.to_builtins(self)
        return stored

    @classmethod
    def read(cls, stored: Any) -> "Layout":
        """Return a stored layout."""
        return msgspec.convert(stored, cls)

    @property
    def names(self) -> list[str]:
        """Return the headings in order."""
        return [column.name for column in self.columns]


class Pick(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A column that somebody wants, and under which name; empty: the proposed one."""

    column: str  #: its proposed name
    name: str = ""


def picked(proposed: Layout, picks: Sequence[Pick]) -> Layout:
    """Return the picked columns in the order of the picks, with their new names.

    Raises:
        BadLayout: none is picked, one does not exist, or two have one name.
    """
    known = {column.name: column for column in proposed.columns}
    unknown = [pick.column for pick in picks if pick.column not in known]
    if unknown:
        raise BadLayout("There is no such column.", columns=unknown)
    chosen = tuple(
        msgspec.structs.replace(known[pick.column], name=_clean(pick.name) or pick.column)
        for pick in picks
    )
    return checked(Layout(chosen, proposed.form))


def checked(layout: Layout) -> Layout:
    """Return the layout if files can have its columns.

    Raises:
        BadLayout: none, too many, or two of one name.
    """
    names = layout.names
    if not names:
        raise BadLayout("Pick a column: a file has at least one.")
    if len(names) > MOST_COLUMNS:
        raise BadLayout("These are too many columns for one file.", most=MOST_COLUMNS)
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise BadLayout("Two columns have the same name: give one another.", columns=doubled)
    if any(len(name) > LONGEST_NAME for name in names):
        raise BadLayout("The name of a column is too long.", most=LONGEST_NAME)
    return layout


def _clean(name: str) -> str:
    return " ".join(name.replace("\0", "").split())
