"""The pace of spending: never faster after more people were abandoned, and never a full stop too soon."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.pacing.policy import BudgetWindow, PredictivePolicy
from dialer.pacing.spending import Account, HalfHour, pace_of

ALWAYS = PredictivePolicy(credit_s=0.0, window=BudgetWindow(86_400.0))
ROOMY = HalfHour(bound=430.0, room=400.0)

people = st.floats(0, 500)


def account(answered: float, spent: float, agents: int, coming: float | None = None) -> Account:
    """An account without mistakes; what is coming is covered at the ceiling."""
    credit = ALWAYS.ceiling * (coming or 0.0)
    left = ALWAYS.ceiling * answered + credit - spent
    return Account(answered, spent, left, credit, coming, 0.0, agents)


@given(
    answered=st.floats(0, 50_000),
    coming=st.none() | st.floats(0, 20_000),
    agents=st.integers(1, 400),
    spent=people,
    more=people,
    bound=people,
    used=people,
)
def test_who_abandoned_more_never_spends_faster(
    answered: float,
    coming: float | None,
    agents: int,
    spent: float,
    more: float,
    bound: float,
    used: float,
) -> None:
    room = HalfHour(bound, bound - used)
    before = pace_of(ALWAYS, account(answered, spent, agents, coming), room)
    after = pace_of(ALWAYS, account(answered, spent + more, agents, coming), room)
    less_room = pace_of(
        ALWAYS, account(answered, spent, agents, coming), HalfHour(bound, room.room - more)
    )
    assert after <= before
    assert less_room <= before
    assert 0 <= after <= before <= 2 * ALWAYS.target_rate


@pytest.mark.parametrize("agents", [30, 100, 300])
def test_what_was_saved_up_for_a_jump_is_there_when_the_answer_rate_jumps(agents: int) -> None:
    """Most of it is lost at once; the pace stays above a third of the target."""
    answered = 5_000.0 * agents / 30
    spent = next(
        n / 10
        for n in range(100_000)
        if pace_of(ALWAYS, account(answered, n / 10, agents), ROOMY) <= ALWAYS.target_rate
    )
    jumped = account(answered, spent + 0.4 * agents, agents)
    assert jumped.left >= 1
    assert pace_of(ALWAYS, jumped, ROOMY) > ALWAYS.target_rate / 3


def test_near_the_ceiling_the_pace_falls_to_nothing() -> None:
    paces = [pace_of(ALWAYS, account(10_000.0, spent, 300), ROOMY) for spent in range(100, 302, 2)]
    assert paces == sorted(paces, reverse=True)
    assert paces[0] > ALWAYS.target_rate
    assert paces[-1] == 0
