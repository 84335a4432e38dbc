"""What a draw takes from which lane: percentages, priorities, order and full quota cells."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.leads.mixing import LaneFacts, apportion, draw, list_shares
from campaigns.selection import DrawOrder, Selection

A, B, C = (UUID(int=number) for number in (1, 2, 3))


def lane(number: int, list_id: UUID = A, priority: int = 0, cell: int = 0) -> LaneFacts:
    return LaneFacts(number, list_id, priority, cell)


def claim(tiers: Sequence[Mapping[int, int]], stock: Mapping[int, int], limit: int) -> Counter[int]:
    """Claim as the hopper does: lane by lane, each tier until there is enough."""
    found: Counter[int] = Counter()
    for tier in tiers:
        for number, wanted in tier.items():
            left = min(stock.get(number, 0) - found[number], limit - found.total())
            found[number] += max(0, min(wanted, left))
    return +found


lanes = st.lists(
    st.tuples(st.sampled_from([A, B, C]), st.integers(0, 2), st.integers(0, 2)),
    min_size=1,
    max_size=8,
    unique=True,
).map(lambda keys: [LaneFacts(2 * n, *key) for n, key in enumerate(keys, start=1)])
rules = st.builds(
    Selection,
    order=st.sampled_from(DrawOrder),
    new_share=st.integers(0, 100),
    list_mix=st.dictionaries(st.sampled_from([A, B, C]), st.integers(0, 33)),
)
drawn = st.dictionaries(st.sampled_from([A, B, C]), st.integers(0, 500))
cells = st.sets(st.integers(1, 2))


def usable(facts: LaneFacts, chosen: Selection, full: Collection[int]) -> bool:
    return chosen.list_mix.get(facts.list_id) != 0 and facts.quota_cell not in full


def test_without_rules_there_is_one_tier_for_each_priority() -> None:
    tiers = draw([lane(2), lane(4, B), lane(6, A, 5)], Selection(), {}, 10)
    assert tiers == [{6: 10, 7: 10}, {2: 10, 4: 10, 3: 10, 5: 10}]


def test_new_leads_go_first_or_last() -> None:
    first = draw([lane(2)], Selection(order=DrawOrder.NEW_FIRST), {}, 10)
    last = draw([lane(2)], Selection(order=DrawOrder.RETRIES_FIRST), {}, 10)
    assert (first, last) == ([{2: 10}, {3: 10}], [{3: 10}, {2: 10}])


def test_percentages_share_a_draw_out() -> None:
    mix = Selection(list_mix={A: 50, B: 30}, order=DrawOrder.NEW_FIRST)
    tiers = draw([lane(2), lane(4, B), lane(6, C)], mix, {}, 10)
    assert tiers[0] == {2: 5, 4: 3, 6: 2}
    assert tiers[1] == {2: 10, 4: 10, 6: 10}, "what one lacks the others may fill"


def test_lists_that_are_not_named_share_the_rest() -> None:
    assert list_shares([A, B, C], {A: 40}) == pytest.approx({A: 0.4, B: 0.3, C: 0.3})
    assert list_shares([A, B], {A: 40, C: 60}) == pytest.approx({A: 1, B: 0})
    assert list_shares([A], {C: 100}) == {A: 1}


def test_a_resting_list_gives_nothing() -> None:
    tiers = draw([lane(2), lane(4, B)], Selection(list_mix={A: 0}), {}, 10)
    assert tiers
    assert all(set(tier) <= {4, 5} for tier in tiers)


def test_a_list_that_was_dry_does_not_take_everything_when_it_is_back() -> None:
    mix = Selection(list_mix={A: 10, B: 90}, order=DrawOrder.NEW_FIRST)
    assert draw([lane(2), lane(4, B)], mix, {B: 10_000}, 20)[0] == {2: 6, 4: 14}


def test_quota_cells_take_turns() -> None:
    many = [lane(2 * n, cell=n) for n in range(1, 5)]
    seen: Counter[int] = Counter()
    for count in range(40):
        seen += Counter(draw(many, Selection(order=DrawOrder.NEW_FIRST), {A: count}, 1)[0])
    assert set(seen.values()) == {10}


@given(st.integers(0, 50), st.dictionaries(st.integers(0, 9), st.floats(0, 1e6), min_size=1))
def test_apportioning_keeps_the_count_and_the_quota_rule(
    count: int, weights: dict[int, float]
) -> None:
    parts, total = apportion(count, weights), sum(weights.values())
    assert sum(parts.values()) == (count if total > 0 else 0)
    for key, part in parts.items():
        assert total <= 0 or abs(part - count * weights[key] / total) < 1 + 1e-6


@given(lanes, rules, drawn, cells, st.integers(1, 60))
def test_a_draw_names_only_open_lanes_and_repeats(
    facts: list[LaneFacts],
    chosen: Selection,
    before: dict[UUID, int],
    full: set[int],
    limit: int,
) -> None:
    tiers = draw(facts, chosen, before, limit, full_cells=full)
    known = {n for row in facts if usable(row, chosen, full) for n in (row.lane, row.lane + 1)}
    assert {number for tier in tiers for number in tier} <= known
    assert all(0 < wanted <= limit for tier in tiers for wanted in tier.values())
    assert tiers == draw(facts[::-1], chosen, before, limit, full_cells=full)


@given(lanes, rules, drawn, cells, st.integers(1, 60), st.data())
def test_nobody_waits_while_a_call_is_wanted_and_no_priority_is_inverted(
    facts: list[LaneFacts],
    chosen: Selection,
    before: dict[UUID, int],
    full: set[int],
    limit: int,
    data: st.DataObject,
) -> None:
    numbers = {n: row for row in facts for n in (row.lane, row.lane + 1)}
    stock = {number: data.draw(st.integers(0, 20)) for number in numbers}
    tiers = draw(facts, chosen, before, limit, full_cells=full)
    found = claim(tiers, stock, limit)
    there = {n: stock[n] for n, row in numbers.items() if usable(row, chosen, full)}
    assert found.total() == min(limit, sum(there.values())), (
        "leads are left though calls are wanted"
    )
    for number, row in numbers.items():
        better = [n for n in there if numbers[n].priority > row.priority]
        if found[number]:
            assert all(found[n] == stock[n] for n in better), "a lower priority went first"


@given(
    st.lists(st.integers(1, 50), min_size=2, max_size=3).filter(lambda parts: sum(parts) <= 100),
    st.lists(st.integers(1, 40), min_size=20, max_size=60),
    st.sampled_from([DrawOrder.NEW_FIRST, DrawOrder.INTERLEAVED]),
)
def test_percentages_are_kept_in_the_long_run(
    percents: list[int], limits: list[int], order: DrawOrder
) -> None:
    ids = [A, B, C][: len(percents)]
    mix = Selection(list_mix=dict(zip(ids, percents, strict=True)), order=order)
    facts = [lane(2 * n, list_id) for n, list_id in enumerate(ids, start=1)]
    owner = {n: row.list_id for row in facts for n in (row.lane, row.lane + 1)}
    taken: Counter[UUID] = Counter()
    for limit in limits:
        found = claim(draw(facts, mix, taken, limit), dict.fromkeys(owner, 10**6), limit)
        for number, count in found.items():
            taken[owner[number]] += count
    for list_id, share in list_shares(ids, mix.list_mix).items():
        assert abs(taken[list_id] - share * taken.total()) < 3


@given(st.integers(0, 100), st.lists(st.integers(1, 40), min_size=1, max_size=60))
def test_interleaving_keeps_its_share(new_share: int, limits: list[int]) -> None:
    chosen = Selection(order=DrawOrder.INTERLEAVED, new_share=new_share)
    taken: Counter[int] = Counter()
    for limit in limits:
        tiers = draw([lane(2)], chosen, {A: taken.total()}, limit)
        taken += claim(tiers, {2: 10**6, 3: 10**6}, limit)
    assert abs(taken[2] - taken.total() * new_share / 100) < 1 + 1e-6
