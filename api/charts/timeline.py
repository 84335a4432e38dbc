"""Operators' day: who was in which state when, and for how long."""

from collections.abc import Sequence
from math import ceil, floor

from api.charts.picture import Cell, Key, Line, Picture, Sayer, both, nothing
from api.labels import AGENT_STATES, mark
from campaigns.charts.timeline import (
    Block,
    Stretch,
    Track,
    coarse,
    seconds_by_state,
    timeline,
)
from campaigns.reports.asking import Table
from campaigns.reports.dimensions import Dimension
from campaigns.reports.shifts import AgentDay, Shifts
from dialer.agent.states import AgentState

TITLE = mark("Operators' day: their states")
_EMPTY = mark("Nobody was signed in on this day. Choose another day or another campaign.")
_MOSTLY = mark("mostly %(state)s")
_CALLS = mark("; calls taken from %(hour)s: %(count)s")
_SUMMARY = mark("%(agents)s operators, %(calls)s calls taken.")
_MOST = mark("%(state)s: %(share)s of the time.")
_SLOTS = mark("Each %(minutes)s minutes are painted in the state that lasted longest.")
_HOURS = mark("A block opens the calls that its operator took of those begun in that hour.")
#: More blocks are no drawing that anybody reads, nor one that a browser likes.
MOST_BLOCKS = 1_500
_SLOTS_S = (60, 120, 300, 600, 900, 1800)
_HOUR_S = 3600
_SHOWN = (
    *(AgentState.ON_CALL, AgentState.WRAP_UP, AgentState.READY, AgentState.PAUSED),
    *(AgentState.PREVIEWING, AgentState.DIALING, AgentState.RESERVED, AgentState.CONNECTING),
)
#: Where a name is not beside its row but above it.
_NARROW = 600.0


def timeline_picture(shifts: Shifts, calls: Table, sayer: Sayer) -> Picture:
    """Return the days of agents; ``calls`` has the calls taken by agent and hour."""
    title = sayer(TITLE)
    if not shifts.days:
        return nothing(title, sayer(_EMPTY))
    taken = {row.key: int(row.counts.get("connected", 0)) for row in calls.rows}
    slot_s, rows = _painted(shifts.days)
    tracks = [
        Track(day.name, tuple(_block(day, one, taken, sayer) for one in stretches))
        for day, stretches in zip(shifts.days, rows, strict=True)
    ]
    since = min(one.from_s for day in shifts.days for one in day.stretches)
    until = max(one.to_s for day in shifts.days for one in day.stretches)
    since = floor(since / _HOUR_S) * _HOUR_S
    until = max(ceil(until / _HOUR_S) * _HOUR_S, since + _HOUR_S)
    wide, narrow = both(
        lambda width: timeline(
            title, tracks, since, until, width=width, room=150 if width > _NARROW else 0
        )
    )
    notes = [sayer(_HOURS)]
    if slot_s:
        notes.insert(0, sayer(_SLOTS, minutes=slot_s // 60))
    spent = seconds_by_state([one for day in shifts.days for one in day.stretches])
    states = [one for one in _SHOWN if spent.get(one.value)]
    return Picture(
        title=title,
        summary=_summary(shifts, calls, spent, states, sayer),
        wide=wide,
        narrow=narrow,
        headings=(
            sayer(mark("Operator")),
            *(sayer(AGENT_STATES[one]) for one in states),
            sayer(mark("Calls taken")),
        ),
        lines=tuple(_line(day, states, taken, sayer) for day in shifts.days),
        legend=tuple(Key(f"state-{one.value}", sayer(AGENT_STATES[one])) for one in states),
        notes=tuple(notes),
        measures=sayer.defined("connected"),
    )


def _painted(days: Sequence[AgentDay]) -> tuple[int, list[Sequence[Stretch]]]:
    """Return the stretches to paint, in slots as long as it takes; 0: just as they were."""
    rows: list[Sequence[Stretch]] = [day.stretches for day in days]
    for slot_s in _SLOTS_S:
        if sum(map(len, rows)) <= MOST_BLOCKS:
            return (0 if slot_s == _SLOTS_S[0] else _SLOTS_S[_SLOTS_S.index(slot_s) - 1]), rows
        rows = [coarse(day.stretches, slot_s) for day in days]
    return _SLOTS_S[-1], rows


def _block(day: AgentDay, one: Stretch, taken: dict[tuple[str, ...], int], sayer: Sayer) -> Block:
    hour = str(int(one.from_s // _HOUR_S) % 24)
    state = sayer(AGENT_STATES[AgentState(one.state)]).lower()
    said = sayer(_MOSTLY, state=state) if one.mostly else state
    times = f"{_clock(one.from_s)}–{_clock(one.to_s)}"
    says = f"{day.name}, {times}: {said}, {sayer.duration(one.seconds)}"
    count = taken.get((str(day.agent_id), hour), 0)
    if not count:
        return Block(one, says)
    calls = sayer(_CALLS, hour=f"{int(hour):02}:00", count=sayer.count(count))
    filters = {Dimension.AGENT: (str(day.agent_id),), Dimension.HOUR: (hour,)}
    return Block(one, says + calls, sayer.calls("connected", filters))


def _clock(at_s: float) -> str:
    minutes = round(at_s) // 60
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}"


def _line(
    day: AgentDay, states: Sequence[AgentState], taken: dict[tuple[str, ...], int], sayer: Sayer
) -> Line:
    spent = seconds_by_state(day.stretches)
    cells = [Cell(sayer.duration(spent.get(one.value, 0.0))) for one in states]
    calls = sum(count for key, count in taken.items() if key[0] == str(day.agent_id))
    href = sayer.calls("connected", {Dimension.AGENT: (str(day.agent_id),)}) if calls else ""
    return Line((day.name,), (*cells, Cell(sayer.count(calls), href)))


def _summary(
    shifts: Shifts,
    calls: Table,
    spent: dict[str, float],
    states: Sequence[AgentState],
    sayer: Sayer,
) -> tuple[str, ...]:
    known = {str(day.agent_id) for day in shifts.days}
    taken = sum(int(row.counts.get("connected", 0)) for row in calls.rows if row.key[0] in known)
    whole = sum(spent.values())
    said = [sayer(_SUMMARY, agents=sayer.count(shifts.agents), calls=sayer.count(taken))]
    said += [
        sayer(_MOST, state=sayer(AGENT_STATES[one]), share=sayer.share(spent[one.value], whole))
        for one in states[:4]
    ]
    return tuple(said)
