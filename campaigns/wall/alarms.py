"""What is wrong with what the wall shows. Pure: figures in, alarms out.

An alarm that stands goes only when its figure is a tenth better than the limit at which it came, so that
a figure at the limit does not ring again and again.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from campaigns.states import CampaignState
from campaigns.wall.looking import AgentNow, CampaignNow, Look
from campaigns.wall.reading import CampaignFigures, TrunkNow
from campaigns.wall.settings import ClientWall, WallSettings, resolved, silenced
from campaigns.wall.words import AlarmCode
from dialer.agent.states import AgentState

#: How much better than its limit a figure must be before a standing alarm goes.
_BETTER = 0.9

_AT_WORK = frozenset(AgentState) - {AgentState.OFFLINE, AgentState.PAUSED, AgentState.CONNECTING}

Key = tuple[AlarmCode, str]


@dataclass(frozen=True, slots=True)
class Alarming:
    """Something that is wrong."""

    code: AlarmCode
    about: str
    campaign_id: UUID | None
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> Key:
        """Return what makes it the same alarm at the next look."""
        return self.code, self.about


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that alarms are found in."""

    look: Look
    figures: Mapping[UUID, CampaignFigures]
    trunks: Mapping[UUID, TrunkNow]
    choice: ClientWall
    nobody_since: Mapping[UUID, datetime] = field(default_factory=dict)  #: by campaign
    away_since: Mapping[UUID, datetime] = field(default_factory=dict)  #: no runner, by campaign
    disk_used: float | None = None  #: 0..1, where recordings are kept


def alarms(scene: Scene, standing: Set[Key] = frozenset()) -> list[Alarming]:
    """Return everything that is wrong, in the order of campaigns."""
    found = [*_of_disk(scene, standing)]
    for campaign in scene.look.campaigns.values():
        figures = scene.figures.get(campaign.id)
        if figures is None:
            continue
        silent = silenced(scene.choice, figures.settings.wall)
        found += (
            one
            for one in _of_campaign(scene, campaign, figures, standing)
            if one.code not in silent
        )
    return found


def nobody_works(look: Look) -> set[UUID]:
    """Return the running campaigns that have nobody who takes calls."""
    served = {one.campaign_id for one in look.agents.values() if one.state in _AT_WORK}
    return {
        one.id
        for one in look.campaigns.values()
        if one.state is CampaignState.RUNNING and one.id not in served
    }


def _of_disk(scene: Scene, standing: Set[Key]) -> Iterator[Alarming]:
    used, limit = scene.disk_used, resolved(scene.choice).disk_full_share
    if used is None or AlarmCode.DISK_FULL in silenced(scene.choice):
        return
    if used >= limit * (_BETTER if (AlarmCode.DISK_FULL, "disk") in standing else 1):
        yield Alarming(AlarmCode.DISK_FULL, "disk", None, {"used": round(used, 2)})


def _of_campaign(
    scene: Scene, campaign: CampaignNow, figures: CampaignFigures, standing: Set[Key]
) -> Iterator[Alarming]:
    def alarm(code: AlarmCode, about: object, **facts: object) -> Alarming:
        return Alarming(code, str(about), campaign.id, {"campaign": campaign.name, **facts})

    def ease(code: AlarmCode, about: object) -> float:
        return _BETTER if (code, str(about)) in standing else 1.0

    limits, one = figures.wall, campaign.id
    is_running = campaign.state is CampaignState.RUNNING
    yield from _of_agents(scene, campaign.id, limits, alarm)
    away = scene.away_since.get(one)
    if away is not None and (scene.look.at - away).total_seconds() >= limits.worker_away_s:
        yield alarm(AlarmCode.WORKER_AWAY, one)
    nobody = scene.nobody_since.get(one)
    if nobody is not None and (scene.look.at - nobody).total_seconds() >= limits.no_agents_s:
        yield alarm(AlarmCode.NO_AGENTS, one)
    used = figures.budget.used if figures.budget else None
    # Of a few calls the first that is lost fills any budget.
    enough = figures.budget is not None and figures.budget.answered >= limits.least_calls
    if (
        is_running
        and used is not None
        and enough
        and used >= limits.budget_share * ease(AlarmCode.BUDGET, one)
    ):
        yield alarm(AlarmCode.BUDGET, one, used=round(used, 2))
    level = figures.day.measure("service_level")
    wanted = limits.service_level_target / ease(AlarmCode.SERVICE_LEVEL, one)
    if (
        is_running
        and level is not None
        and figures.day.calls.persons >= limits.least_calls
        and level < min(1.0, wanted)
    ):
        yield alarm(AlarmCode.SERVICE_LEVEL, one, level=round(level, 3))
    if is_running:
        yield from _of_lists(figures, alarm, ease)
        yield from _of_lines(scene, figures, alarm, ease)


_Make = Callable[..., Alarming]
_Ease = Callable[[AlarmCode, object], float]


def _of_agents(
    scene: Scene, campaign_id: UUID, limits: WallSettings, alarm: _Make
) -> Iterator[Alarming]:
    for agent in scene.look.agents.values():
        if agent.campaign_id != campaign_id:
            continue
        limit_s = state_limit_s(agent, limits)
        if limit_s is not None and (scene.look.at - agent.since).total_seconds() >= limit_s:
            # Another stretch of the same state is another alarm.
            about = f"{agent.session_id} {agent.since.isoformat()}"
            yield alarm(
                AlarmCode.AGENT_LONG,
                about,
                agent=agent.name,
                state=agent.state.value,
                limit_s=limit_s,
                session=str(agent.session_id),
            )


def state_limit_s(agent: AgentNow, limits: WallSettings) -> float | None:
    """Return how long an agent may be in the present state, seconds; None: as long as it lasts."""
    return {
        AgentState.CONNECTING: limits.connecting_limit_s,
        AgentState.READY: limits.ready_limit_s,
        AgentState.ON_CALL: limits.talk_limit_s,
        AgentState.WRAP_UP: limits.wrap_up_limit_s,
        AgentState.PAUSED: limits.pause_limit_s,
    }.get(agent.state)


def _of_lists(figures: CampaignFigures, alarm: _Make, ease: _Ease) -> Iterable[Alarming]:
    for one in figures.lists:
        left = one.left_share
        if one.list_id is None or left is None or one.done == one.leads:
            continue  # a list that is called out is no surprise
        if left <= figures.wall.list_left_share / ease(AlarmCode.LIST_LOW, one.list_id):
            facts = {"list": one.name, "left": one.leads - one.done}
            yield alarm(AlarmCode.LIST_LOW, one.list_id, **facts)


def _of_lines(
    scene: Scene, figures: CampaignFigures, alarm: _Make, ease: _Ease
) -> Iterator[Alarming]:
    limits, code = figures.wall, AlarmCode
    for trunk_id, (recent, earlier) in figures.trunks.items():
        known = scene.trunks.get(trunk_id)
        name = known.name if known else ""
        failed = recent.failed_rate
        if recent.calls < limits.least_calls or failed is None:
            continue
        if failed >= limits.trunk_failure_share * ease(code.TRUNK_FAILING, trunk_id):
            yield alarm(code.TRUNK_FAILING, trunk_id, trunk=name, failed=round(failed, 2))
        shift = recent.shift_from(earlier) if earlier.calls >= limits.least_calls else 0.0
        if shift >= limits.cause_shift * ease(code.CAUSES_ODD, trunk_id):
            grown = max(
                recent.mix,
                key=lambda one: (
                    recent.mix[one] / recent.calls - earlier.mix.get(one, 0) / earlier.calls
                ),
            )
            share = round(recent.mix[grown] / recent.calls, 2)
            yield alarm(code.CAUSES_ODD, trunk_id, trunk=name, cause=grown, share=share)
    for number, (recent, earlier) in figures.callers.items():
        rate, usual = recent.answer_rate, earlier.answer_rate
        if min(recent.calls, earlier.calls) < limits.least_calls or not usual or rate is None:
            continue
        if rate < usual * limits.caller_id_share / ease(code.CALLER_ID, number):
            facts = {"number": number, "rate": round(rate, 3), "usual": round(usual, 3)}
            yield alarm(code.CALLER_ID, number, **facts)
