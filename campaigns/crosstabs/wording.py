"""The words a cross-table is printed in: whoever asks for it gives them."""

from pydantic import BaseModel, ConfigDict, Field

from campaigns.crosstabs.respondents import Missing


class TableWords(BaseModel):
    """Every word of ours that a printed cross-table needs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    total: str = "Total"
    column: str = "Column"
    version: str = "Form version"  #: a variable without a label of its own
    nobody: str = "Nobody who completed the form so has answered both."
    lines: dict[str, str] = Field(default_factory=dict)  #: of a cell
    bases: dict[str, str] = Field(default_factory=dict)
    missing: dict[Missing, str] = Field(default_factory=dict)
    notes: tuple[str, ...] = ()  #: what a reader must know of the figures
    design_effect: str = "Design effect (Kish)"
    weights_between: str = "Weights between"
    at_limit: str = "Respondents at a limit"
    furthest: str = "Furthest from a target"

    def line(self, name: str) -> str:
        """Return the words of a line of a cell, or of a base."""
        return self.lines.get(name) or self.bases.get(name, name)

    def why(self, missing: Missing) -> str:
        """Return why there is no value."""
        return self.missing.get(missing, missing.value)
