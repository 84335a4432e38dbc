"""How many leads to draw from which lane, tier after tier: pure, so that a draw can be replayed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import floor
from typing import TypeVar
from uuid import UUID

from campaigns.selection import DrawOrder, Selection

Key = TypeVar("Key")

#: A list that had no leads for a while catches up at about this many times its share.
CATCH_UP = 2.0


@dataclass(frozen=True, slots=True)
class LaneFacts:
    """One lane: the even number for its new leads, the next one for those tried before."""

    lane: int
    list_id: UUID
    priority: int = 0
    quota_cell: int = 0


@dataclass(frozen=True, slots=True)
class _Turn:
    """What one call of ``draw`` shares out within one priority."""

    lanes: Sequence[LaneFacts]
    rules: Selection
    shares: Mapping[UUID, float]  #: of the lists, together 1
    drawn: Mapping[UUID, int]
    limit: int

    @property
    def total(self) -> int:
        """Return how many were drawn before: what rounding leaves over goes round with it."""
        return sum(self.drawn.values())


def draw(
    lanes: Sequence[LaneFacts],
    rules: Selection,
    drawn_so_far: Mapping[UUID, int],
    limit: int,
    *,
    full_cells: Collection[int] = (),
) -> list[dict[int, int]]:
    """Return tiers to claim one after the other until ``limit`` leads are found: lane -> how many.

    Higher priorities come first and are drawn out. In each, a first tier shares ``limit`` out exactly as
    the rules say; the tiers after it let the others fill what a dry lane leaves. ``drawn_so_far`` counts
    calls by list, so that small percentages are kept in the long run. Lists with 0 percent and full
    quota cells are left out. The same arguments give the same tiers.
    """
    if limit < 1:
        return []
    open_lanes = [
        row
        for row in sorted(lanes, key=lambda row: row.lane)
        if row.quota_cell not in full_cells and rules.list_mix.get(row.list_id) != 0
    ]
    tiers: list[dict[int, int]] = []
    for priority in sorted({row.priority for row in open_lanes}, reverse=True):
        mine = [row for row in open_lanes if row.priority == priority]
        ids = sorted({row.list_id for row in mine})
        shares = list_shares(ids, rules.list_mix)
        drawn = {list_id: drawn_so_far.get(list_id, 0) for list_id in ids}
        tiers += _tiers(_Turn(mine, rules, shares, drawn, limit))
    return tiers


def list_shares(lists: Sequence[UUID], mix: Mapping[UUID, float]) -> dict[UUID, float]:
    """Return each list's share, together 1: named ones as named, the others alike from the rest."""
    named = {list_id: mix[list_id] for list_id in lists if list_id in mix}
    others = [list_id for list_id in lists if list_id not in mix]
    rest = max(0.0, 100.0 - sum(mix.values()))
    weights = named | {list_id: rest / len(others) for list_id in others}
    total = sum(weights.values())
    if total <= 0:
        return dict.fromkeys(weights, 1 / len(weights)) if weights else {}
    return {list_id: weights[list_id] / total for list_id in lists}


def _tiers(turn: _Turn) -> list[dict[int, int]]:
    news = {row.lane: turn.limit for row in turn.lanes}
    retries = {row.lane + 1: turn.limit for row in turn.lanes}
    by_list = _by_list(turn)
    nothing = dict.fromkeys(by_list, 0)
    match turn.rules.order:
        case DrawOrder.NEW_FIRST:
            tiers = [_over_lanes(turn, by_list, nothing), news]
            tiers += [_over_lanes(turn, nothing, by_list), retries]
        case DrawOrder.RETRIES_FIRST:
            tiers = [_over_lanes(turn, nothing, by_list), retries]
            tiers += [_over_lanes(turn, by_list, nothing), news]
        case DrawOrder.INTERLEAVED:
            new, tried = _interleave(turn, by_list)
            tiers = [_over_lanes(turn, new, tried), news | retries]
        case DrawOrder.AS_DUE if turn.rules.list_mix:
            tiers = [_over_lanes(turn, by_list, by_list), news | retries]
        case DrawOrder.AS_DUE:
            tiers = [news | retries]
    return [tier for index, tier in enumerate(tiers) if tier and tier not in tiers[:index]]


def _by_list(turn: _Turn) -> dict[UUID, int]:
    """Share ``limit`` out to the lists so that all that was ever drawn comes close to their shares."""
    goal = turn.total + turn.limit
    wishes = {}
    for list_id, share in turn.shares.items():
        behind = share * goal - turn.drawn[list_id]
        wishes[list_id] = min(max(0.0, behind), max(1.0, CATCH_UP * share * turn.limit))
    unasked = max(0.0, turn.limit - sum(wishes.values()))
    return apportion(
        turn.limit, {key: wish + unasked * turn.shares[key] for key, wish in wishes.items()}
    )


def _interleave(
    turn: _Turn, by_list: Mapping[UUID, int]
) -> tuple[dict[UUID, int], dict[UUID, int]]:
    """Split each list's part into new leads and retries."""
    share = turn.rules.new_share / 100
    # Of all calls so far and these, the whole numbers that the share reaches: no memory is needed.
    wanted = floor((turn.total + turn.limit) * share) - floor(turn.total * share)
    new = apportion(min(wanted, turn.limit), by_list)
    return new, {list_id: count - new[list_id] for list_id, count in by_list.items()}


def _over_lanes(turn: _Turn, new: Mapping[UUID, int], tried: Mapping[UUID, int]) -> dict[int, int]:
    """Share each list's parts out to its lanes; those first in turn change with every draw."""
    tier: dict[int, int] = {}
    for list_id in turn.shares:
        mine = [row.lane for row in turn.lanes if row.list_id == list_id]
        start = turn.total % len(mine)
        mine = mine[start:] + mine[:start]
        for offset, count in ((0, new[list_id]), (1, tried[list_id])):
            parts = apportion(count, {lane + offset: 1.0 for lane in mine})
            tier |= {lane: part for lane, part in parts.items() if part > 0}
    return tier


def apportion(count: int, weights: Mapping[Key, float]) -> dict[Key, int]:
    """Share ``count`` out in proportion to ``weights`` by largest remainders; ties go to the first."""
    total = sum(weights.values())
    if total <= 0:
        return dict.fromkeys(weights, 0)
    exact = {key: count * weight / total for key, weight in weights.items()}
    parts = {key: floor(part) for key, part in exact.items()}
    left = count - sum(parts.values())
    ranked = sorted(exact, key=lambda key: parts[key] - exact[key])
    for key in ranked[:left]:
        parts[key] += 1
    return parts
