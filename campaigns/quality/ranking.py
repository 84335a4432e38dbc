"""The order of a board: who has enough behind the figure is ranked, equal figures share a place. Pure."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TypeVar

Row = TypeVar("Row")


def ranked(
    rows: Sequence[Row],
    value: Callable[[Row], Decimal | None],
    count: Callable[[Row], int],
    *,
    least: int,
) -> list[tuple[int | None, Row]]:
    """Return rows, the highest value first, with their places; None: too few counted, listed last.

    Equal values share the better place and the next place is left out: 1, 2, 2, 4.
    """
    places: list[tuple[int | None, Row]] = []
    fit = [
        (found, row) for row in rows if (found := value(row)) is not None and count(row) >= least
    ]
    fit.sort(key=lambda pair: pair[0], reverse=True)
    for index, (found, row) in enumerate(fit):
        same = index > 0 and fit[index - 1][0] == found
        places.append((places[-1][0] if same else index + 1, row))
    placed = {id(row) for _, row in places}
    return places + [(None, row) for row in rows if id(row) not in placed]
