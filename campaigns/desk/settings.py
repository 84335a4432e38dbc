"""What a campaign can set of its operators' desk: stored under ``desk`` in the campaign's settings."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

#: A contact list has at most a few hundred columns.
MOST_FIELDS = 500
MOST_PAUSES = 20

#: Reasons for a break that a campaign starts with.
DEFAULT_PAUSES = ("break", "lunch", "training", "meeting", "technical")


class FieldAccess(StrEnum):
    """What an agent may do with one of the contact's own columns."""

    HIDDEN = "hidden"  #: it is not shown
    LOCKED = "locked"  #: it is shown
    EDITABLE = "editable"  #: it is shown and can be corrected


class Colour(StrEnum):
    """The colour by which agents of several campaigns know whose call it is."""

    BLUE = "blue"
    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    VIOLET = "violet"
    TEAL = "teal"


class DeskSettings(BaseModel):
    """The desk of a campaign's agents."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    colour: Colour = Colour.BLUE
    greeting: Annotated[str, Field(max_length=1000)] = ""  #: what the agent says first
    fields: Annotated[dict[str, FieldAccess], Field(max_length=MOST_FIELDS)] = Field(
        default_factory=dict
    )  #: by the heading of the list's column
    other_fields: FieldAccess = FieldAccess.LOCKED  #: of columns that are not named
    pauses: Annotated[
        tuple[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")], ...],
        Field(max_length=MOST_PAUSES),
    ] = DEFAULT_PAUSES  #: the reasons for a break, in their order
    successes_per_hour: Annotated[float, Field(gt=0, le=1000)] | None = None  #: an agent's target

    def access(self, heading: str) -> FieldAccess:
        """Return what agents may do with a column."""
        return self.fields.get(heading, self.other_fields)
