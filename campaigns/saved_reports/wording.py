"""The words a report is printed in: whoever asks for it gives them, and a schedule keeps them."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from campaigns.crosstabs.wording import TableWords
from campaigns.reports.dimensions import Dimension


class MeasureWords(BaseModel):
    """What a measure is called, and how it is counted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    formula: str


class Wording(BaseModel):
    """Every word of ours that a printed report may need."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    language: str = "en"
    measures: dict[str, MeasureWords] = Field(default_factory=dict)
    dimensions: dict[Dimension, str] = Field(default_factory=dict)
    values: dict[Dimension, dict[str, str]] = Field(
        default_factory=dict
    )  #: where values have words
    unknown: str = "Not known"
    #: What calls without a value are called, where "not known" would be wrong.
    without: dict[Dimension, str] = Field(default_factory=dict)
    total: str = "Total"
    before: str = "Period before"
    filters: str = "Filters"
    made_at: str = "Made at"
    measures_sheet: str = "Measures"
    cut: str = "Only the first rows are printed; the workbook has all."

    chart_cut: str = "Only the first rows are drawn; the table has all."
    table: TableWords = Field(default_factory=TableWords)  #: of cross-tables

    def stored(self) -> dict[str, Any]:
        """Return the words as they are kept."""
        return self.model_dump(mode="json")

    def measure(self, key: str) -> MeasureWords:
        """Return the words of a measure."""
        return self.measures.get(key) or MeasureWords(name=key, formula="")
