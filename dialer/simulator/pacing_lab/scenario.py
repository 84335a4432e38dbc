"""What the laboratory simulates, as read from JSON. ``docs/pacing.md`` tells every key.

Keys of a campaign may stand at the top: of the only campaign, or for all that do not say otherwise.
"""

import json
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from dialer.simulator.pacing_lab.shapes import (
    Amd,
    AnswerRate,
    Callbacks,
    ClockJump,
    Duration,
    Law,
    ListOrder,
    NotNegative,
    Number,
    Outage,
    Pauses,
    Positive,
    Rate,
    Ring,
    Segment,
    Share,
    Shift,
    Stuck,
)

#: Longer days and larger floors are typing errors.
_MOST_HOURS, _MOST_AGENTS = 168.0, 5000


class BadScenario(ValueError):
    """A scenario that cannot be simulated: the message says which key is wrong and why."""


class Campaign(Struct, frozen=True, forbid_unknown_fields=True):
    """One campaign: its people, its rules."""

    answer_rate: Rate | AnswerRate
    name: str = ""
    weight: Positive = 1.0  #: share of the agents' time, in proportion to the other campaigns'
    from_h: NotNegative = 0.0  #: it dials from this hour
    to_h: Positive | None = None  #: to this one; None: to the end
    segments: tuple[Segment, ...] = ()
    list_order: ListOrder = ListOrder.MIXED
    list_size: Annotated[int, Meta(ge=1)] | None = None  #: None: it never ends
    ring: Ring = Ring()
    ring_limit_s: Positive = 25.0
    least_ring_s: NotNegative = 15.0  #: before it no ringing call may be cancelled
    fast_failures: Share = 0.0  #: of dials: busy or invalid, within seconds
    machines: Share = 0.0  #: of dials
    machine_talk_s: Positive = 6.0  #: an agent notices a machine after this
    amd: Amd | None = None
    talk: Duration = Duration(mean_s=60.0)
    wrap: Duration = Duration(mean_s=15.0, law=Law.GAMMA, cv=0.5)
    patience_s: Positive = 2.0  #: an answered person without an agent is abandoned after this
    target: Rate = 0.029  #: the abandoned share the controller aims at
    ceiling: Rate = 0.03  #: the share it must not exceed
    cancels: bool = True  #: calls past the least ring may be cancelled
    max_ratio: Annotated[float, Meta(ge=1.0)] | None = None
    least_agents: Number = 0  #: with fewer, predictive is progressive
    callbacks: Callbacks | None = None  #: promised calls that reserve agents
    policy: dict[str, Any] = {}  #: further fields of ``dialer.pacing.policy.PredictivePolicy``

    def __post_init__(self) -> None:
        """Refuse what contradicts itself."""
        if self.ring.least_s >= self.ring_limit_s:
            raise ValueError("`ring.least_s` must be below `ring_limit_s`")
        if not self.ring.least_s < self.ring.mean_s < self.ring_limit_s:
            raise ValueError("`ring.mean_s` must lie between `ring.least_s` and `ring_limit_s`")
        if self.fast_failures + self.machines > 1:
            raise ValueError("`fast_failures` and `machines` are more than all dials")
        if self.target > self.ceiling:
            raise ValueError("`target` must not exceed `ceiling`")
        if self.list_order is ListOrder.SEQUENTIAL and (not self.segments or not self.list_size):
            raise ValueError('`list_order` "sequential" needs `segments` and `list_size`')
        if self.amd is not None and self.amd.delay_s >= self.patience_s:
            raise ValueError("`amd.delay_s` leaves nothing of `patience_s`")
        if self.to_h is not None and self.to_h <= self.from_h:
            raise ValueError("`to_h` must be after `from_h`")

    @property
    def waits_s(self) -> float:
        """How long an answered person waits for an agent, after the analysis; seconds."""
        return self.patience_s - (self.amd.delay_s if self.amd is not None else 0.0)


class Scenario(Struct, frozen=True, forbid_unknown_fields=True):
    """A day in virtual time."""

    agents: Number | tuple[Shift, ...]
    campaigns: Annotated[tuple[Campaign, ...], Meta(min_length=1)]
    name: str = ""
    hours: Annotated[float, Meta(gt=0.0, le=_MOST_HOURS)] = 8.0
    tick_s: Positive = 1.0  #: the controllers are asked at every event, and this often
    lines: Number | None = None  #: calls at a time; None: any number
    calls_per_second: Positive | None = None
    pauses: Pauses | None = None
    leave_per_hour: NotNegative = 0.0  #: each agent's hazard of going home for the day
    stuck: Stuck | None = None
    outages: tuple[Outage, ...] = ()
    clock_jumps: tuple[ClockJump, ...] = ()
    lending: bool = True  #: a person about to wait may get a ready agent of another campaign
    history_days: Number = 0  #: days simulated before, whose learning is carried over

    def __post_init__(self) -> None:
        """Refuse what contradicts itself."""
        if self.tick_s > 1.0:
            raise ValueError("`tick_s` must be at most 1: a controller is asked once a second")
        if sum(shift.agents for shift in self.shifts) > _MOST_AGENTS:
            raise ValueError(f"more than {_MOST_AGENTS} agents")
        names = [campaign.name for campaign in self.campaigns]
        if len(set(names)) != len(names):
            raise ValueError("campaigns need different names")
        for shift in self.shifts:
            if shift.to_h is not None and shift.to_h <= shift.from_h:
                raise ValueError("a shift must end after it begins")
        for outage in self.outages:
            if outage.to_h <= outage.from_h:
                raise ValueError("an outage must end after it begins")

    @property
    def shifts(self) -> tuple[Shift, ...]:
        """Who is there, and when."""
        return (Shift(self.agents),) if isinstance(self.agents, int) else self.agents

    @property
    def seconds(self) -> float:
        """Length of the day."""
        return self.hours * 3600.0


_CAMPAIGN_KEYS = frozenset(Campaign.__struct_fields__) - {"name"}


def read(raw: Any) -> Scenario:
    """Return the scenario that plain JSON values describe.

    Raises:
        BadScenario: an unknown or missing key, a value outside its range, a contradiction.
    """
    if not isinstance(raw, dict):
        raise BadScenario("a scenario is an object")
    shared = {key: value for key, value in raw.items() if key in _CAMPAIGN_KEYS}
    own = {key: value for key, value in raw.items() if key not in _CAMPAIGN_KEYS}
    campaigns = own.get("campaigns", [{}])
    if not isinstance(campaigns, list) or not all(isinstance(one, dict) for one in campaigns):
        raise BadScenario("`campaigns` is a list of objects")
    own["campaigns"] = [
        {"name": f"campaign {number}", **shared, **one} if "campaigns" in raw else {**shared, **one}
        for number, one in enumerate(campaigns, start=1)
    ]
    try:
        return msgspec.convert(own, Scenario)
    except msgspec.ValidationError as fault:
        raise BadScenario(str(fault)) from fault


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is no number")


def load(path: Path) -> Scenario:
    """Return the scenario that a JSON file describes.

    Raises:
        BadScenario: as ``read``, or the file holds no JSON.
    """
    try:
        raw = json.loads(path.read_text(encoding="utf-8"), parse_constant=_refuse)
    except ValueError as fault:
        raise BadScenario(f"no JSON: {fault}") from fault
    return read(raw)
