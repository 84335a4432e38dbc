"""At what pace the abandonment budget is spent: over the legal window, and within any half hour.

A pace is the share of the coming answers that may be abandoned. The window's pace closes the gap to
a plan that ends some people below the ceiling; the half hour's pace only ever slows it down.
"""

from dataclasses import dataclass
from math import sqrt

from dialer.pacing.policy import PredictivePolicy

_HORIZON_SHARE, _SHORTEST_HORIZON, _LONGEST_HORIZON = 0.12, 60.0, 1000.0  # answers
_HORIZON_AGENTS = 3.0  # answers for each agent: several times what is in flight
# Answers for the last people (by a dynamic program): an unlucky pair means a full stop to the end.
_LANDING, _LANDING_AGENTS = 50.0, 1.5
_LANDING_MOST, _LANDING_HALF = 550.0, 250.0  # where the window's end is known
_KEPT, _KEPT_ROOT = 2.0, 0.2  # people, also by the root of the agents: people come in threes
# Where the share must hold at every moment: people for each agent whom calls that ring already would
# cost if the answer rate jumped to four times of what it was, and the answers to save them up in.
_JUMP_AGENTS, _SAVED_UP = 0.5, 8000.0
_MOST_KEPT = 0.5  # of all people who may be abandoned: more would forbid to begin
_LEAST_PACE, _LEAST_LANDING = 0.003, 450.0  # while any budget is left: so little risk gains most
_HIGHEST_PACE = 2.0  # times the target
_BURST_FLOOR, _BURST_SLOPE = 0.0005, 1.3
# Of the half hour's bound: it falls while dialling carefully brings fewer answers.
_BURST_SURE = 0.95
_LAST_ROOM, _LEAST_ROOM = 0.8, 0.3  # people: with less room than the first no risk is taken


@dataclass(frozen=True, slots=True)
class Account:
    """The legal window's account at an instant, in people."""

    answered: float
    spent: float  #: abandoned, probably taken for machines, and in flight to be abandoned
    left: float  #: who may still be abandoned
    credit: float  #: covered by answers still to come
    coming: float | None  #: answers to expect before the window ends; None: nobody knows its end
    mistakes: float  #: 0..1: share of the answers that detection loses, whatever the pace
    agents: int  #: at work; many mean bursts, in which people are abandoned together


@dataclass(frozen=True, slots=True)
class HalfHour:
    """The last half hour, in people."""

    bound: float  #: who may be abandoned in it
    room: float  #: of these, who have not been, and will not be by the calls in flight


def pace_of(policy: PredictivePolicy, account: Account, half_hour: HalfHour) -> float:
    """Return the share of the coming answers that may be abandoned, 0..1."""
    over = account.left - _kept(policy, account)
    pace = min(_planned(policy, account), over / _landing(account))
    pace = max(pace, min(_LEAST_PACE, over / _LEAST_LANDING), 0.0)
    return min(pace, _half_hour_pace(policy, half_hour), _HIGHEST_PACE * policy.target_rate)


def _planned(policy: PredictivePolicy, account: Account) -> float:
    """Return the pace that closes the gap to the plan within its horizon.

    The plan stays some people below the ceiling in case of bad luck: at the window's end when
    that is known, else at all times.
    """
    answered, agents = account.answered, account.agents
    shortest = max(_SHORTEST_HORIZON, _HORIZON_AGENTS * agents)
    spread = policy.ceiling / 2 * (1 + agents / 10)  # squared people, an answer of horizon
    if account.coming is not None:
        horizon = max(shortest / 2, account.coming)
        kept = 1 + policy.caution * sqrt(spread * shortest / 2)
        people = max(answered + account.coming, 1.0)
        kept = min(kept, _MOST_KEPT * policy.ceiling * people)
        base = min(policy.target_rate, policy.ceiling - kept / people)
        return base - account.mistakes + (base * answered - account.spent) / horizon
    horizon = min(_LONGEST_HORIZON, max(shortest, _HORIZON_SHARE * answered))
    kept = 1 + policy.caution * sqrt(spread * horizon)
    ahead = min(policy.target_rate * answered, policy.ceiling * answered - kept)
    ahead += account.credit - account.spent
    gap = min(ahead / horizon, (ahead - _JUMP_AGENTS * agents) / _SAVED_UP)
    return policy.target_rate - account.mistakes + gap


def _kept(policy: PredictivePolicy, account: Account) -> float:
    """Return the people left at whom risk ends."""
    coming = account.coming
    people = 0.0 if coming is None else account.answered + coming
    most = _MOST_KEPT * policy.ceiling * people
    return max(1.0, min(_KEPT + _KEPT_ROOT * sqrt(account.agents), most))


def _landing(account: Account) -> float:
    """Return the answers over which the last people are spread."""
    coming, least = account.coming, _LANDING_AGENTS * account.agents
    if coming is None:
        return max(_LANDING, least)
    return max(_LANDING + _LANDING_MOST * coming / (coming + _LANDING_HALF), least)


def _half_hour_pace(policy: PredictivePolicy, half_hour: HalfHour) -> float:
    """Return the pace at which this half hour will probably stay below its ceiling.

    People come together, so it acts over some deviations of their number. It is never quite 0: who
    stops has fewer answers, and a worse share of them.
    """
    bound = half_hour.bound
    room = half_hour.room - (1 - _BURST_SURE) * bound - _LAST_ROOM
    usual = max(_LEAST_ROOM, sqrt(max(0.0, bound)))
    return max(_BURST_FLOOR, _BURST_SLOPE * room / usual * policy.target_rate)
