"""The weekly draw: the same again, fair, spread over results, and nobody scores the own call."""

from collections import Counter
from datetime import UTC, date, datetime
from uuid import UUID, uuid5

from hypothesis import given
from hypothesis import strategies as st

from campaigns.quality.drawing import Candidate, Drawn, Mix, Shares, draw, ticket
from campaigns.quality.weeks import bounds, drawable, last_drawable, week_of

WEEK = date(2026, 11, 16)
SPACE = UUID(int=7)
ANNA, BORIS = uuid5(SPACE, "anna"), uuid5(SPACE, "boris")
ids = st.integers(0, 500).map(lambda number: uuid5(SPACE, f"call {number}"))
agents = st.integers(0, 4).map(lambda number: uuid5(SPACE, f"agent {number}"))
candidates = st.lists(
    st.builds(
        Candidate,
        ids,
        agents,
        st.sampled_from(["sale", "refusal", ""]),
        st.sampled_from([None, ANNA]),
    ),
    max_size=60,
    unique_by=lambda one: one.attempt_id,
)


def _draw(
    calls: list[Candidate], mix: Mix = Mix.ANY, per_agent: int = 3, seed: str = "seed"
) -> tuple[list[Drawn], Shares]:
    return draw(calls, seed=seed, week=WEEK, per_agent=per_agent, mix=mix, reviewers=[ANNA, BORIS])


@given(candidates, st.sampled_from(Mix), st.integers(1, 10), st.randoms())
def test_a_draw_is_the_same_again_whatever_order_calls_come_in(
    calls: list[Candidate], mix: Mix, per_agent: int, chance: object
) -> None:
    drawn, shares = _draw(calls, mix, per_agent)
    turned = [*calls]
    chance.shuffle(turned)  # type: ignore[attr-defined]
    assert _draw(turned, mix, per_agent) == (drawn, shares)
    of_agent = Counter(one.agent_id for one in calls)
    assert Counter(one.agent_id for one in drawn) == {
        agent: min(count, per_agent) for agent, count in of_agent.items()
    }
    own = {one.attempt_id for one in calls if one.taken_by == ANNA}
    assert not [one for one in drawn if one.reviewer_id == ANNA and one.attempt_id in own]
    assert len({one.attempt_id for one in drawn}) == len(drawn)
    for agent, groups in shares.items():
        assert sum(one.calls for one in groups.values()) == of_agent[agent]
        assert sum(one.drawn for one in groups.values()) == min(of_agent[agent], per_agent)


@given(candidates, st.sampled_from(Mix))
def test_the_shares_explain_every_call(calls: list[Candidate], mix: Mix) -> None:
    """In its group a call was drawn if its ticket is not above the last one drawn, and only then."""
    drawn, shares = _draw(calls, mix)
    taken = {one.attempt_id for one in drawn}
    for call in calls:
        share = shares[call.agent_id][call.disposition if mix is Mix.SPREAD else ""]
        mine = ticket("seed", WEEK, call.attempt_id)
        assert (call.attempt_id in taken) == (share.last is not None and mine <= share.last)


def test_every_call_has_the_same_chance() -> None:
    """Over 4,000 seeds each of ten calls is drawn about 1,200 times of three."""
    calls = [Candidate(uuid5(SPACE, f"{number}"), ANNA) for number in range(10)]
    counted = Counter(
        one.attempt_id for seed in range(4_000) for one in _draw(calls, seed=str(seed))[0]
    )
    assert sum(counted.values()) == 12_000
    assert all(1_060 < counted[call.attempt_id] < 1_340 for call in calls)  # 5 sigma


def test_spread_hears_rare_results_first() -> None:
    calls = [Candidate(uuid5(SPACE, f"r{n}"), ANNA, "refusal") for n in range(50)]
    calls += [
        Candidate(uuid5(SPACE, "s"), ANNA, "sale"),
        Candidate(uuid5(SPACE, "c"), ANNA, "card"),
    ]
    drawn, shares = _draw(calls, Mix.SPREAD)
    assert {uuid5(SPACE, "s"), uuid5(SPACE, "c")} < {one.attempt_id for one in drawn}
    assert (shares[ANNA]["refusal"].calls, shares[ANNA]["refusal"].drawn) == (50, 1)


def test_who_may_score_nothing_of_it_draws_nothing() -> None:
    calls = [Candidate(uuid5(SPACE, "x"), ANNA, "", BORIS)]
    assert draw(calls, seed="s", week=WEEK, per_agent=3, mix=Mix.ANY, reviewers=[BORIS]) == ([], {})


@given(ids, st.text(max_size=10))
def test_tickets_are_shares(attempt: UUID, seed: str) -> None:
    assert 0 <= ticket(seed, WEEK, attempt) < 1


def test_a_week_is_the_clients() -> None:
    sunday = datetime(2026, 11, 22, 22, 30, tzinfo=UTC)
    assert week_of(sunday, "UTC") == date(2026, 11, 16)
    assert week_of(sunday, "Europe/Kyiv") == date(2026, 11, 23)
    begin, end = bounds(date(2026, 10, 19), "Europe/Kyiv")  # summer time ends in it
    assert (end - begin).total_seconds() == (7 * 24 + 1) * 3600


def test_a_week_is_drawn_once_its_recordings_are_kept() -> None:
    monday = datetime(2026, 11, 23, 2, 59, tzinfo=UTC)
    assert last_drawable(monday, "UTC") == date(2026, 11, 9)
    later = monday.replace(hour=3)
    assert last_drawable(later, "UTC") == WEEK
    assert drawable(date(2026, 11, 9), later, "UTC") == [date(2026, 11, 9), WEEK]
    assert len(drawable(date(2020, 1, 6), later, "UTC")) == 4
