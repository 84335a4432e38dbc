"""A delivery plan as people give it."""

from typing import Annotated
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, field_validator

from campaigns.delivery.deliveries.schedule import MINUTES_A_DAY
from campaigns.delivery.deliveries.targets import Target
from campaigns.delivery.deliveries.words import FileFormat, ScheduleKind


class PlanIn(BaseModel):
    """A plan as people give it."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    name: Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]+$")]
    #: of the campaign's frozen layouts; without one the newest at the time of each delivery
    layout_number: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    formats: Annotated[tuple[FileFormat, ...], Field(min_length=1)]
    schedule: ScheduleKind
    at_minute: Annotated[int, Field(ge=0, lt=MINUTES_A_DAY)] = 0
    zone: str = "UTC"
    target: Target
    link_days: Annotated[int, Field(ge=1, le=90)] = 7
    keep_days: Annotated[int, Field(ge=1, le=3650)] = 90

    @field_validator("zone")
    @classmethod
    def _is_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("give the name of a time zone, such as Europe/Kyiv")
        return value

    @field_validator("formats")
    @classmethod
    def _each_once(cls, value: tuple[FileFormat, ...]) -> tuple[FileFormat, ...]:
        return tuple(dict.fromkeys(value))
