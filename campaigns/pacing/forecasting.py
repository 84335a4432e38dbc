"""How long will the list last, with whom, on how many lines? A forecast from virtual hours. Pure.

It takes seconds of processor time: not for an event loop.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

from campaigns.leads import why
from campaigns.leads.holding import AGENT_RESERVED, SELECTION_PENDING
from campaigns.pacing import beliefs
from campaigns.pacing.gathering import Inputs
from campaigns.pacing.history import DAYS
from campaigns.pacing.runs import MOST_SIMULATED, Runs, calls_an_hour, lines_of
from compliance.reasons import PASSING, RefusalReason
from dialer.errors import Invalid

#: When nobody is signed in and nobody ever was.
ASSUMED_AGENTS = 10
MOST_AGENTS, MOST_DAYS = 5000, 365

_TRIALS = 2  #: numbers of agents tried until one is enough
_NEAR = 0.97  #: of the trunk's lines: it holds the campaign back
_ALL_DAY_H = 23.5
_LEADS_ASKED = 50  #: fewer answers of the gate say nothing of the others

#: What passes without a person: leads that wait for it will be dialled.
_PASSING = frozenset(
    {
        *(why.DUE, why.CLAIMED, why.DIALING, why.CALLBACK, why.LATER),
        *(SELECTION_PENDING, AGENT_RESERVED),
        *PASSING,
    }
)


class BadForecast(Invalid):
    """Agents or days that cannot be meant."""

    code = "bad_forecast"
    message = "A forecast needs 1 to 5000 agents, and days above 0 and up to 365."


@dataclass(frozen=True, slots=True)
class Skip:
    """Leads that will not be dialled, for one reason."""

    reason: str
    remedy: str
    leads: int  #: known by now
    expected: int  #: of those nobody has asked the gate about yet, by what it has said so far


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is to be expected. Shares are 0..1."""

    agents: int
    days: float  #: in which the list is to be finished
    open_leads: int
    leads_to_dial: int
    calls_to_come: int
    hours_to_exhaust: float  #: of dialling
    days_to_exhaust: float | None  #: with calling hours and retry rules; None: they never open
    retries_last_h: float  #: from the first call to the last of a lead that never answers, at least
    open_hours_a_day: float
    agents_needed: int | None  #: to finish in time; None: the hours never open
    lines_needed: int  #: calls in flight, 95th percentile
    occupancy: float
    abandoned_share: float
    worst_half_hour_share: float
    calls_an_hour: float
    answered_an_hour: float
    skips: tuple[Skip, ...]
    basis: Mapping[str, float]  #: what the calls are believed to be like
    observed: Mapping[str, int]  #: on how many calls and times of the last days that rests
    simulated_hours: float
    notes: tuple[str, ...]


def forecast(inputs: Inputs, *, agents: int | None = None, days: float = 1.0) -> Forecast:
    """Say what is to be expected of a campaign; the same inputs give the same answer.

    Args:
        inputs: what is known of it.
        agents: at work, 1..5000; None: as many as are signed in, or usually were.
        days: in which the list is to be finished, above 0 and up to 365.

    Raises:
        BadForecast: agents or days are out of their range.
    """
    notes: list[str] = []
    floor = _agents(inputs, notes) if agents is None else agents
    if not 1 <= floor <= MOST_AGENTS or not 0 < days <= MOST_DAYS:
        raise BadForecast(agents=floor, days=days)
    runs = Runs(inputs, floor)
    _tell_basis(inputs, floor, notes)
    figures = runs.first.figures
    cancelled = figures.cancelled / figures.dials if figures.dials else 0.0
    leads = _leads_to_dial(inputs)
    calls = beliefs.calls_to_come(leads, runs.known, inputs.settings, cancelled)
    pace = calls_an_hour(runs.first, floor)
    hours, open_hours = calls / pace if pace else 0.0, inputs.open_hours
    retries_h = beliefs.retries_last_h(inputs.settings) if leads else 0.0
    return Forecast(
        agents=floor,
        days=days,
        open_leads=sum(row.leads for row in inputs.waiting),
        leads_to_dial=sum(leads.values()),
        calls_to_come=round(calls),
        hours_to_exhaust=round(hours, 2),
        days_to_exhaust=_days(hours, open_hours, retries_h, days, notes),
        retries_last_h=round(retries_h, 2),
        open_hours_a_day=round(open_hours, 2),
        agents_needed=_agents_needed(runs, pace, calls / days / open_hours) if open_hours else None,
        lines_needed=_lines_needed(runs, inputs.lines, notes),
        occupancy=round(figures.utilisation, 4),
        abandoned_share=round(figures.abandoned_share, 4),
        worst_half_hour_share=round(figures.worst_half_hour_share, 4),
        calls_an_hour=round(pace, 1),
        answered_an_hour=round(pace * figures.answered / max(1, figures.dials), 1),
        skips=tuple(_skips(inputs, notes)),
        basis=runs.known.as_facts(),
        observed=inputs.history.observed(),
        simulated_hours=round(runs.hours, 2),
        notes=tuple(notes),
    )


def _agents(inputs: Inputs, notes: list[str]) -> int:
    history = inputs.history
    if history.signed_in:
        notes.append(f"{history.signed_in} agents are signed in now")
        return min(MOST_AGENTS, history.signed_in)
    if history.usual_agents > 0:
        notes.append("nobody is signed in: as many agents as usually were at work")
        return min(MOST_AGENTS, ceil(history.usual_agents - 0.05))
    notes.append(f"nobody is signed in and nobody was: {ASSUMED_AGENTS} agents are assumed")
    return ASSUMED_AGENTS


def _tell_basis(inputs: Inputs, agents: int, notes: list[str]) -> None:
    history = inputs.history
    if history.attempts < beliefs.FEW:
        notes.append(
            f"{history.attempts} calls in the last {DAYS} days: answer rate and ringing are mostly"
            " what is usual elsewhere"
        )
    if min(history.talk.count, history.wrap_up.count) < beliefs.FEW:
        notes.append("few talks or wrap-ups so far: their times are mostly what is usual elsewhere")
    if agents > MOST_SIMULATED:
        notes.append(f"{MOST_SIMULATED} agents were simulated, and the figures scaled up")
    if not inputs.open_hours:
        notes.append("in the next seven days the calling hours are never open")
    if inputs.open_hours > _ALL_DAY_H:
        notes.append("the calling hours are open around the clock")
    if not _leads_to_dial(inputs):
        notes.append("no lead is left to be dialled")


def _days(
    hours: float, open_hours: float, retries_h: float, wanted: float, notes: list[str]
) -> float | None:
    """Return when the last lead has its result, days; None: never, the hours do not open."""
    if not open_hours:
        return None
    calls_days, retries_days = hours / open_hours, retries_h / 24
    if retries_days > max(calls_days, wanted):
        notes.append(
            f"the retry rules alone last {retries_h:.0f} hours: no number of agents is done in"
            f" {wanted:g} days"
        )
    return round(max(calls_days, retries_days), 2)


def _leads_to_dial(inputs: Inputs) -> Mapping[int, int]:
    """Return leads by the attempts they had, without those that wait for a person."""
    known = inputs.leads.by_attempts
    coming = sum(row.leads for row in inputs.waiting if _passes(row))
    everybody = sum(known.values())
    kept = min(1.0, coming / everybody) if everybody else 0.0
    # Who is held back by a full quota or a resting list had attempts like the others.
    return {had: round(leads * kept) for had, leads in known.items() if round(leads * kept)}


def _passes(row: why.ReasonCount) -> bool:
    return row.reason in _PASSING or row.next_at is not None


def _agents_needed(runs: Runs, pace: float, wanted: float) -> int:
    """Return the agents who place ``wanted`` calls an hour; few agents are less busy than many."""
    if wanted <= 0:
        return 0
    agents = min(MOST_AGENTS, max(1, ceil(runs.agents * wanted / pace))) if pace else 1
    for _ in range(_TRIALS):
        if agents == runs.agents or agents == MOST_AGENTS:
            break
        tried = calls_an_hour(runs.without_limits(agents), agents)
        better = min(MOST_AGENTS, max(1, ceil(agents * wanted / tried))) if tried else agents
        if better == agents:
            break
        agents = better
    return agents


def _lines_needed(runs: Runs, lines: int | None, notes: list[str]) -> int:
    needed = lines_of(runs.first, runs.agents)
    if lines is None or needed < _NEAR * lines:
        return needed
    needed = max(needed, lines_of(runs.without_limits(runs.agents), runs.agents))
    notes.append(f"the trunk's {lines} lines hold the campaign back")
    return needed


def _skips(inputs: Inputs, notes: list[str]) -> list[Skip]:
    """Return the leads that will not be dialled: known ones, and as many more as so far."""
    refusals = set(RefusalReason) - PASSING
    asked = sum(inputs.leads.asked.values())
    new = _leads_to_dial(inputs).get(0, 0)
    said = {
        reason: leads / asked * new
        for reason, leads in inputs.leads.asked.items()
        if reason in refusals and asked >= _LEADS_ASKED
    }
    if asked < _LEADS_ASKED and new:
        notes.append("what the rules say of single people is known once their calls come up")
    known = {row.reason: row.leads for row in inputs.waiting if not _passes(row)}
    found = [
        Skip(reason, why.remedy(reason), known.get(reason, 0), round(said.get(reason, 0.0)))
        for reason in {*known, *said}
    ]
    return sorted(found, key=lambda one: (-one.leads - one.expected, one.reason))
