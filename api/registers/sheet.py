"""How a register looks on its page: words, sorts, buttons, fields. Types, and one way to draw them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any
from uuid import UUID

from fastapi.responses import Response

from api.registers.desk import Asked, listed
from api.templating import render
from campaigns.registers.finding import Found, Shown, Wanted, find_rows
from campaigns.registers.register import Register
from dialer.errors import Conflict, OutdialError


@dataclass(frozen=True, slots=True)
class Button:
    """Something that is done with the ticked rows."""

    code: str
    words: str
    kind: str = "plain"  #: or ``stop``
    shown: frozenset[Shown] = frozenset({Shown.USED, Shown.ALL})  #: in which lists


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form."""

    name: str
    label: str
    note: str = ""
    kind: str = "text"  #: ``text``, ``number``, ``date``, ``tick`` or ``select``
    choices: tuple[tuple[str, str], ...] = ()
    needed: bool = False
    only_new: bool = False
    usual: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One register's page."""

    register: Register
    path: str
    title: str
    lead: str  #: what it is for, one sentence
    empty: str  #: what to do while there is nothing
    find: str
    sorts: tuple[tuple[str, str], ...]
    buttons: tuple[Button, ...]
    fields: tuple[Field, ...]
    new: str
    make: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A small word beside a row."""

    words: str
    kind: str = ""
    until: Any = None  #: an instant that is shown with it


@dataclass(frozen=True, slots=True)
class Line:
    """One row as the list shows it."""

    id: UUID
    name: str
    under: str = ""
    marks: Sequence[Mark] = ()
    note: str = ""
    can_change: bool = True
    is_away: bool = False


@dataclass(frozen=True, slots=True)
class Typed:
    """A form that was sent and refused: what was typed, and what is wrong with each field."""

    given: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)


def code_of(problem: OutdialError | None) -> HTTPStatus:
    """Return the code of an answer with a problem on it."""
    if problem is None:
        return HTTPStatus.OK
    conflict = isinstance(problem, Conflict)
    return HTTPStatus.CONFLICT if conflict else HTTPStatus.UNPROCESSABLE_ENTITY


async def rows_of(asked: Asked, sheet: Sheet, wanted: Wanted) -> Found:
    """Return the rows that were looked for."""
    return await find_rows(asked.session, sheet.register, wanted, client_id=asked.who.client_id)


def draw(
    asked: Asked,
    sheet: Sheet,
    found: Found,
    lines: Sequence[Line],
    wanted: Wanted,
    *,
    can_change: bool,
    flash: Mapping[str, Any],
    problem: OutdialError | None = None,
    typed: Typed | None = None,
    template: str = "registers/list.html",
    **more: Any,
) -> Response:
    """Return the page of a list."""
    return render(
        asked.request,
        template,
        http_code=code_of(problem),
        path=sheet.path,
        who=asked.who,
        sheet=sheet,
        lines=lines,
        can_change=can_change,
        typed=typed or Typed(),
        **{
            **listed(sheet.path, found, wanted),
            "problem": asked.words_of(problem) if problem else "",
            **more,
            **flash,
        },
    )


def draw_one(
    asked: Asked,
    sheet: Sheet,
    line: Line,
    typed: Typed,
    *,
    can_change: bool,
    flash: Mapping[str, Any],
    problem: OutdialError | None = None,
    template: str = "registers/one.html",
    **more: Any,
) -> Response:
    """Return the page of one row."""
    return render(
        asked.request,
        template,
        http_code=code_of(problem),
        path=f"{sheet.path}/{line.id}",
        who=asked.who,
        sheet=sheet,
        line=line,
        fields=[one for one in sheet.fields if not one.only_new],
        shown_as=Shown.PUT_AWAY if line.is_away else Shown.USED,
        can_change=can_change,
        problem=asked.words_of(problem) if problem else "",
        typed=typed,
        **{**more, **flash},
    )


def with_choices(sheet: Sheet, name: str, choices: Sequence[tuple[str, str]]) -> Sheet:
    """Return a page whose field offers these choices."""
    fields = tuple(
        replace(one, choices=tuple(choices)) if one.name == name else one for one in sheet.fields
    )
    return replace(sheet, fields=fields)
