"""Targets and alarm limits of the wall: a client's own, changed by a campaign where it wants others."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from campaigns.wall.words import AlarmCode

Share = Annotated[float, Field(gt=0, le=1)]
Seconds = Annotated[float, Field(ge=1, le=86_400)]


class WallSettings(BaseModel):
    """Everything the wall compares with; the defaults are ours."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    service_level_s: Annotated[float, Field(gt=0, le=600)] = (
        20.0  #: the N of the service level; Source: usual values are 20-60 s
    )
    service_level_target: Share = 0.8
    forms_per_hour: Annotated[float, Field(gt=0, le=100_000)] | None = None  #: of the campaign
    connecting_limit_s: Seconds = 60.0  #: an agent whose telephone does not answer
    ready_limit_s: Seconds = 600.0  #: an agent who gets no call
    talk_limit_s: Seconds = 1800.0
    wrap_up_limit_s: Seconds = 300.0
    pause_limit_s: Seconds = 1800.0
    no_agents_s: Seconds = 60.0  #: so long nobody takes calls
    budget_share: Share = 0.9  #: of the abandoned share's ceiling
    trunk_failure_share: Share = 0.3  #: of a trunk's recent calls that it could not carry
    cause_shift: Share = 0.35  #: of the recent calls that end otherwise than the day's
    caller_id_share: Share = 0.5  #: recent answer rate of a caller ID to its rate of the day
    least_calls: Annotated[int, Field(ge=5, le=10_000)] = 40  #: fewer say nothing about a rate
    list_left_share: Share = 0.05  #: of the contacts that are still to be called
    worker_away_s: Seconds = 15.0
    disk_full_share: Share = 0.9


class WallOverrides(BaseModel):
    """What a client, or a campaign of it, wants otherwise than the defaults; None: as it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    service_level_s: Annotated[float, Field(gt=0, le=600)] | None = None
    service_level_target: Share | None = None
    forms_per_hour: Annotated[float, Field(gt=0, le=100_000)] | None = None
    connecting_limit_s: Seconds | None = None
    ready_limit_s: Seconds | None = None
    talk_limit_s: Seconds | None = None
    wrap_up_limit_s: Seconds | None = None
    pause_limit_s: Seconds | None = None
    no_agents_s: Seconds | None = None
    budget_share: Share | None = None
    trunk_failure_share: Share | None = None
    cause_shift: Share | None = None
    caller_id_share: Share | None = None
    least_calls: Annotated[int, Field(ge=5, le=10_000)] | None = None
    list_left_share: Share | None = None
    worker_away_s: Seconds | None = None
    disk_full_share: Share | None = None
    silent: Annotated[tuple[AlarmCode, ...], Field(max_length=len(AlarmCode))] | None = (
        None  #: alarms that are not raised
    )


class ClientWall(WallOverrides):
    """The same for a client."""


def resolved(*layers: WallOverrides) -> WallSettings:
    """Return the settings in force: later layers win over earlier ones where they say something."""
    values: dict[str, Any] = {}
    for layer in layers:
        values |= layer.model_dump(exclude_none=True, exclude={"silent"})
    return WallSettings.model_validate(values)


def silenced(*layers: WallOverrides) -> frozenset[AlarmCode]:
    """Return the alarms that are not raised: the last layer that says something says it all."""
    for layer in reversed(layers):
        if layer.silent is not None:
            return frozenset(layer.silent)
    return frozenset()
