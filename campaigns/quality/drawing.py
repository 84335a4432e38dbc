"""A fair draw of calls to score, the same whenever it is made again, and why a call was drawn or not. Pure.

Every call has a ticket: a number from 0 to 1 worked out of the plan's seed, the week and the call. The
lowest tickets of an operator's calls are drawn, so that no call's chance depends on who took it or when.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

_BITS = 64


class Mix(StrEnum):
    """Which calls of an operator make up a sample."""

    ANY = "any"  #: every call has the same chance
    SPREAD = "spread"  #: results take turns: the rare ones are heard, too


class Why(StrEnum):
    """Why a call is in a sample, or not."""

    DRAWN = "drawn"
    HIGHER_TICKET = "higher_ticket"  #: others of the operator had lower ones
    TOO_SHORT = "too_short"
    OTHER_CAMPAIGN = "other_campaign"
    NOT_KEPT = "not_kept"  #: there was no kept recording when the sample was drawn
    NOBODY_TALKED = "nobody_talked"
    NO_REVIEWER = "no_reviewer"  #: the only reviewer took the call
    NOT_YET = "not_yet"  #: the week's sample is not drawn yet
    BEFORE_PLAN = "before_plan"  #: the plan draws later weeks only


@dataclass(frozen=True, slots=True)
class Candidate:
    """A call that may be drawn."""

    attempt_id: UUID
    agent_id: UUID
    disposition: str = ""
    taken_by: UUID | None = None  #: the operator's user: does not score the call


@dataclass(frozen=True, slots=True)
class Drawn:
    """A call that was drawn, and who scores it."""

    attempt_id: UUID
    agent_id: UUID
    reviewer_id: UUID
    ticket: float


@dataclass(frozen=True, slots=True)
class Share:
    """How many calls of an operator there were, by the group that tickets are compared in."""

    calls: int
    drawn: int
    last: float | None  #: the highest ticket that was drawn; None: none was


#: By operator, then by result (``""``: all results together).
Shares = Mapping[UUID, Mapping[str, Share]]


def ticket(seed: str, week: date, attempt_id: UUID) -> float:
    """Return a call's ticket, 0 <= ticket < 1: nobody can choose it, everybody can work it out again."""
    digest = sha256(f"{seed} {week.isoformat()} {attempt_id}".encode()).digest()
    return (int.from_bytes(digest[: _BITS // 8]) >> 11) / (1 << 53)


def draw(
    candidates: Sequence[Candidate],
    *,
    seed: str,
    week: date,
    per_agent: int,
    mix: Mix,
    reviewers: Sequence[UUID],
) -> tuple[list[Drawn], Shares]:
    """Return the calls to score, ``per_agent`` of each operator where there are so many, and how it came.

    Reviewers take turns; nobody gets a call of his or her own. A call that nobody may score is not drawn.
    """
    by_agent: dict[UUID, list[Candidate]] = defaultdict(list)
    for one in candidates:
        if any(reviewer != one.taken_by for reviewer in reviewers):
            by_agent[one.agent_id].append(one)
    drawn: list[Drawn] = []
    shares: dict[UUID, Mapping[str, Share]] = {}
    for agent_id in sorted(by_agent):
        tickets = {one.attempt_id: ticket(seed, week, one.attempt_id) for one in by_agent[agent_id]}
        ordered = _in_order(by_agent[agent_id], tickets, mix)
        taken = ordered[:per_agent]
        shares[agent_id] = _shares(ordered, taken, tickets, mix)
        for one in taken:
            reviewer = _next_reviewer(reviewers, len(drawn), one.taken_by)
            drawn.append(Drawn(one.attempt_id, agent_id, reviewer, tickets[one.attempt_id]))
    return drawn, shares


def group_of(disposition: str, mix: Mix) -> str:
    """Return the group in which a call's ticket is compared."""
    return disposition if mix is Mix.SPREAD else ""


def _in_order(
    calls: Sequence[Candidate], tickets: Mapping[UUID, float], mix: Mix
) -> list[Candidate]:
    """Return calls in the order in which they are drawn: the first of each group, then the seconds."""
    seen: dict[str, int] = defaultdict(int)
    turns: dict[UUID, int] = {}
    by_ticket = sorted(calls, key=lambda one: (tickets[one.attempt_id], one.attempt_id))
    for one in by_ticket:
        group = group_of(one.disposition, mix)
        turns[one.attempt_id] = seen[group] if mix is Mix.SPREAD else 0
        seen[group] += 1
    return sorted(by_ticket, key=lambda one: turns[one.attempt_id])  # stable: then by ticket


def _shares(
    calls: Sequence[Candidate],
    taken: Sequence[Candidate],
    tickets: Mapping[UUID, float],
    mix: Mix,
) -> dict[str, Share]:
    found = {}
    for group in {group_of(one.disposition, mix) for one in calls}:
        there = sum(group_of(one.disposition, mix) == group for one in calls)
        last = [tickets[one.attempt_id] for one in taken if group_of(one.disposition, mix) == group]
        found[group] = Share(there, len(last), max(last, default=None))
    return found


def _next_reviewer(reviewers: Sequence[UUID], turn: int, taken_by: UUID | None) -> UUID:
    may = [one for one in reviewers if one != taken_by]
    return may[turn % len(may)]
