"""Cross-tables as the API says them. Shares are 0..1; null of an empty base."""

from pydantic import BaseModel

from campaigns.crosstabs.making import Made
from campaigns.crosstabs.respondents import Missing
from campaigns.crosstabs.table import Cell, Column


class BaseOut(BaseModel):
    """Respondents behind shares."""

    count: int
    weighted: float
    effective: float  #: Kish's effective base


class CrosstabColumnOut(BaseModel):
    """A heading; the first is that of all and has no letter."""

    code: str
    label: str
    letter: str
    base: BaseOut


class CrosstabCellOut(BaseModel):
    """A cell; ``low`` and ``high`` are Wilson's 95 % interval of ``of_column``."""

    count: int
    weighted: float
    of_column: float | None
    of_row: float | None
    of_total: float | None
    low: float | None
    high: float | None
    higher_than: list[str]


class CrosstabLineOut(BaseModel):
    """A row of the table."""

    code: str
    label: str
    cells: list[CrosstabCellOut]


class MissingOut(BaseModel):
    """Respondents without a value of a variable."""

    variable: str
    why: Missing
    count: int


class WeightsOut(BaseModel):
    """How the weighting came out."""

    least: float
    most: float
    trimmed: int
    off_by: float


class CrosstabOut(BaseModel):
    """A cross-table."""

    form: str
    rows: str
    columns: str
    heads: list[CrosstabColumnOut]
    lines: list[CrosstabLineOut]
    missing: list[MissingOut]
    design_effect: float
    weights: WeightsOut | None

    @classmethod
    def of(cls, made: Made) -> "CrosstabOut":
        """Return a table as the API says it."""
        table, asked = made.table, made.asked
        lines = [
            CrosstabLineOut(code=one.code, label=one.label, cells=[_cell(cell) for cell in cells])
            for one, cells in table.lines
        ]
        weights = None
        if made.weighted is not None:
            weights = WeightsOut(
                least=asked.limits.least,
                most=asked.limits.most,
                trimmed=made.weighted.trimmed,
                off_by=made.weighted.off_by,
            )
        return cls(
            form=asked.form,
            rows=asked.rows,
            columns=asked.columns,
            heads=[_head(one) for one in table.columns],
            lines=lines,
            missing=[MissingOut(variable=k, why=why, count=n) for k, why, n in table.missing],
            design_effect=table.all_base.design_effect,
            weights=weights,
        )


def _head(column: Column) -> CrosstabColumnOut:
    base = column.base
    return CrosstabColumnOut(
        code=column.category.code,
        label=column.category.label,
        letter=column.letter,
        base=BaseOut(count=base.count, weighted=base.weighted, effective=base.effective),
    )


def _cell(cell: Cell) -> CrosstabCellOut:
    return CrosstabCellOut(
        count=cell.count,
        weighted=cell.weighted,
        of_column=cell.of_column,
        of_row=cell.of_row,
        of_total=cell.of_total,
        low=cell.interval.low if cell.interval else None,
        high=cell.interval.high if cell.interval else None,
        higher_than=cell.higher_than.split(),
    )
