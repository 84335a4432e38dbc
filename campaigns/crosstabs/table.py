"""The table: counts, shares with their intervals, bases, and which columns differ. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from string import ascii_uppercase

from campaigns.crosstabs.respondents import Alike, Category, Missing, Variable
from campaigns.crosstabs.statistics import Base, Interval, is_higher, wilson

#: The key of the column, or row, of all.
TOTAL = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """Respondents who said both; shares are weighted, 0..1, None of an empty base."""

    count: int  #: unweighted
    weighted: float
    of_column: float | None
    of_row: float | None
    of_total: float | None
    interval: Interval | None  #: of ``of_column``
    higher_than: str = ""  #: letters of columns whose share is lower, with 95 % confidence


@dataclass(frozen=True, slots=True)
class Column:
    """A heading, its letter and its base: those with a value of both variables."""

    category: Category
    letter: str
    base: Base


@dataclass(frozen=True, slots=True)
class Crosstab:
    """A table of two variables; the first column is that of all."""

    rows: Variable
    columns: tuple[Column, ...]
    lines: tuple[tuple[Category, tuple[Cell, ...]], ...]
    all_base: Base  #: everybody, with or without a value
    missing: tuple[tuple[str, Missing, int], ...]  #: variable, why, respondents; unweighted
    is_compared: bool  #: False: the columns overlap, or there is one only


def cross(respondents: Sequence[Alike], rows: Variable, columns: Variable | None) -> Crosstab:
    """Return the table of the first variable of respondents by their second one.

    Args:
        respondents: ``said[0]`` is of ``rows``, ``said[1]`` of ``columns`` if there are any.
        rows: Down.
        columns: Across; None: only everybody.
    """
    wanted = 1 if columns is None else 2
    valid = [one for one in respondents if all(said.values for said in one.said[:wanted])]
    heads = _columns(valid, columns)
    apart = columns is not None and not columns.is_multiple and len(heads) > 2
    total = heads[0].base.weighted
    lines = []
    for category in rows.categories:
        inside = [one for one in valid if category.code in one.said[0].values]
        row_weight = _base(inside).weighted
        cells = [_cell(_base(_in(inside, head)), head.base, row_weight, total) for head in heads]
        lines.append((category, _lettered(cells, heads) if apart else tuple(cells)))
    return Crosstab(
        rows, heads, tuple(lines), _base(respondents), _missing(respondents, rows, columns), apart
    )


def _base(respondents: Iterable[Alike]) -> Base:
    return Base.of((one.count, one.weight) for one in respondents)


def _in(respondents: Iterable[Alike], column: Column) -> list[Alike]:
    code = column.category.code
    return [one for one in respondents if code == TOTAL or code in one.said[1].values]


def _columns(valid: Sequence[Alike], columns: Variable | None) -> tuple[Column, ...]:
    heads = [Column(Category(TOTAL, ""), "", _base(valid))]
    for at, category in enumerate(columns.categories if columns else ()):
        inside = _base(one for one in valid if category.code in one.said[1].values)
        heads.append(Column(category, letter_of(at), inside))
    return tuple(heads)


def letter_of(at: int) -> str:
    """Return the name of a column: A to Z, then AA, AB and on."""
    before, last = divmod(at, len(ascii_uppercase))
    return (ascii_uppercase[before - 1] if before else "") + ascii_uppercase[last]


def _cell(both: Base, column: Base, row_weight: float, total: float) -> Cell:
    share = _share(both.weighted, column.weighted)
    return Cell(
        count=both.count,
        weighted=both.weighted,
        of_column=share,
        of_row=_share(both.weighted, row_weight),
        of_total=_share(both.weighted, total),
        interval=None if share is None else wilson(share, column.effective),
    )


def _share(part: float, whole: float) -> float | None:
    return min(1.0, part / whole) if whole > 0 else None


def _lettered(cells: Sequence[Cell], heads: Sequence[Column]) -> tuple[Cell, ...]:
    """Give each cell the letters of the columns whose share is lower; the column of all is left out."""
    told = [cells[0]]
    for at, cell in enumerate(cells[1:], start=1):
        lower = [
            heads[other].letter
            for other in range(1, len(cells))
            if other != at and _is_higher(cell, heads[at], cells[other], heads[other])
        ]
        told.append(
            Cell(
                cell.count,
                cell.weighted,
                cell.of_column,
                cell.of_row,
                cell.of_total,
                cell.interval,
                " ".join(lower),
            )
        )
    return tuple(told)


def _is_higher(one: Cell, head: Column, other: Cell, other_head: Column) -> bool:
    if one.of_column is None or other.of_column is None:
        return False
    return is_higher(one.of_column, head.base.effective, other.of_column, other_head.base.effective)


def _missing(
    respondents: Sequence[Alike], rows: Variable, columns: Variable | None
) -> tuple[tuple[str, Missing, int], ...]:
    found: dict[tuple[str, Missing], int] = {}
    variables = [one for one in (rows, columns) if one is not None]
    for one in respondents:
        for variable, said in zip(variables, one.said, strict=False):
            if said.missing is not None:
                key = (variable.key, said.missing)
                found[key] = found.get(key, 0) + one.count
    order = list(Missing)
    keys = [one.key for one in variables]
    return tuple(
        (key, why, count)
        for (key, why), count in sorted(
            found.items(), key=lambda item: (keys.index(item[0][0]), order.index(item[0][1]))
        )
    )
