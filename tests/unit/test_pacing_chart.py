"""The pacing explained: seconds thinned out, the budget and its forecast, the drawings, the words."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from babel.messages.pofile import read_po

from api import labels, languages
from api.pacing_chart import HEIGHT, WIDTH, Shape, draw, round_top
from api.pacing_figures import Pace, Second, pace_of, spending_of, step_of, thinned
from api.pacing_words import decision_words, note_words
from campaigns.pacing.memory import AnsweredMinute
from dialer.clock import FrozenClock
from dialer.pacing import watch
from dialer.pacing.facts import Limit
from dialer.pacing.policy import PredictivePolicy
from dialer.pacing.tally import Counts
from workers.dialing.floor import Floor
from workers.dialing.pacer import Pacer

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
NOW_S = NOW.timestamp()
NOTES = {code for name, code in vars(watch).items() if name.isupper() and isinstance(code, str)}


def corners(path: str) -> list[tuple[float, float]]:
    """Return the corners of a path of M, L, H and V."""
    found: list[tuple[float, float]] = []
    for letter, numbers in re.findall(r"([MLHV])([\d. ]+)", path):
        to = [float(number) for number in numbers.split()]
        x, y = found[-1] if found else (0.0, 0.0)
        found.append({"H": (to[0], y), "V": (x, to[0])}.get(letter, (to[0], to[-1])))
    return found


def shape(shapes: tuple[Shape, ...], kind: str) -> str:
    return next(one.path for one in shapes if one.kind == kind)


def test_points_sum_what_was_done_and_average_what_there_was() -> None:
    seconds = [
        Second(at_s=100, placed=2, ringing=4, waiting=0, answered=99, abandoned=1),
        Second(at_s=101, placed=1, cancelled=1, ringing=6, waiting=3, answered=100, abandoned=2),
        Second(at_s=110, ready=5, ceiling=0.03),
    ]
    first, second = thinned(seconds, 5.0)
    assert (first.at_s, first.placed, first.cancelled, first.ringing) == (100, 3, 1, 5.0)
    assert first.waiting == 3, "people wait for less than a point lasts: the most is shown"
    assert first.share == pytest.approx(0.02)
    assert (second.at_s, second.ready, second.share, second.ceiling) == (110, 5.0, None, 0.03)


def test_a_share_counts_the_campaigns_that_share_the_budget() -> None:
    second = Second(
        at_s=0, answered=60, abandoned=1, others_answered=40, others_abandoned=3, budget_left=-0.4
    )
    assert second.share == pytest.approx(0.04)
    spending = spending_of(second, (), NOW_S, (0.03, 0.029))
    assert (spending.answered, spending.abandoned) == (100, 4)
    assert spending.left == 0, "nobody may be abandoned less than nobody"


@pytest.mark.parametrize(("minutes", "step_s"), [(15, 1.0), (1, 1.0), (16, 2.0), (180, 12.0)])
def test_an_answer_has_at_most_900_points(minutes: int, step_s: float) -> None:
    assert step_of(minutes, 900) == step_s
    assert minutes * 60 / step_s <= 900


def test_the_pace_is_that_of_the_minutes_with_calls_in_them() -> None:
    def minute(ago: float, answered: int, abandoned: int) -> AnsweredMinute:
        return AnsweredMinute(NOW - timedelta(minutes=ago), answered, abandoned)

    pace = pace_of([minute(600, 500, 50), minute(10, 40, 1), minute(2, 60, 2)], NOW_S)
    assert pace == Pace(10.0, 100, 3)
    assert pace.share == pytest.approx(0.03)
    assert pace.in_an_hour(400, 2) == pytest.approx((2 + 18) / (400 + 600))
    assert pace_of([minute(0.5, 1, 1)], NOW_S).minutes == 5.0, "half a minute is no pace"
    assert pace_of([], NOW_S).in_an_hour(0, 0) is None


def test_without_a_trace_the_attempts_and_settings_say_the_budget() -> None:
    minutes = [AnsweredMinute(NOW - timedelta(hours=3), 200, 2)]
    spending = spending_of(None, minutes, NOW_S, (0.03, 0.02))
    assert (spending.ceiling, spending.target, spending.left) == (0.03, 0.02, 4.0)
    assert spending.share_in_an_hour == pytest.approx(0.01)


def test_the_ceiling_in_force_goes_before_that_of_the_settings() -> None:
    last = Second(at_s=NOW_S, ceiling=0.01, target=0.009, budget_left=2.5)
    spending = spending_of(last, (), NOW_S, (0.03, 0.029))
    assert (spending.ceiling, spending.target, spending.left) == (0.01, 0.009, 2.5)


@pytest.mark.parametrize(
    ("most", "top"), [(0, 1), (1, 1), (1.2, 2), (7, 8), (8.5, 10), (24, 30), (70, 80), (91, 100)]
)
def test_scales_end_at_round_numbers(most: float, top: float) -> None:
    assert round_top(most) == top


def test_agents_are_stacked_and_stay_on_the_drawing() -> None:
    seconds = [
        Second(at_s=NOW_S - 900 + i, talking=10, wrapping=4, ready=i % 6) for i in range(900)
    ]
    chart = draw(thinned(seconds, 5.0), NOW_S - 900, NOW_S, 5.0)
    assert chart.agents.top == 20
    talking = corners(shape(chart.agents.shapes, "talking"))
    wrapping = corners(shape(chart.agents.shapes, "wrapping"))
    assert {y for _, y in talking} == {HEIGHT, 50.0}
    assert {y for _, y in wrapping} == {50.0, 30.0}, "what wraps up stands on what talks"
    for kind in ("talking", "wrapping", "free"):
        at = corners(shape(chart.agents.shapes, kind))
        assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in at)
        assert (min(at)[0], max(at)[0]) == (0.0, WIDTH)


def test_nothing_is_drawn_where_nobody_paced() -> None:
    seconds = [Second(at_s=NOW_S - 900 + i, ringing=3) for i in (*range(300), *range(600, 900))]
    chart = draw(thinned(seconds, 5.0), NOW_S - 900, NOW_S, 5.0)
    ringing = shape(chart.lines.shapes, "ringing")
    assert ringing.count("M") == 2
    assert not [x for x, _ in corners(ringing) if 301 < x < 599]
    assert shape(chart.placed.shapes, "placed") == "", "no call, no bar"


def test_a_share_far_above_the_ceiling_does_not_flatten_the_drawing() -> None:
    seconds = [
        Second(at_s=NOW_S - 20, answered=2, abandoned=1, ceiling=0.03),
        Second(at_s=NOW_S - 10, answered=1000, abandoned=15, ceiling=0.03),
    ]
    plot = draw(thinned(seconds, 5.0), NOW_S - 900, NOW_S, 5.0).share
    assert plot.top < 0.1
    heights = [y for _, y in corners(shape(plot.shapes, "share"))]
    assert heights[0] < heights[-1]
    ceiling = {y for _, y in corners(shape(plot.shapes, "ceiling"))}
    assert len(ceiling) == 1
    assert heights[0] < ceiling.pop() < heights[-1]


def test_a_campaign_nobody_answered_has_a_ceiling_and_no_share() -> None:
    plot = draw(thinned([Second(at_s=NOW_S - 5, ceiling=0.03)], 5.0), NOW_S - 900, NOW_S, 5.0).share
    assert shape(plot.shapes, "share") == ""
    assert shape(plot.shapes, "ceiling") != ""


def test_every_limit_and_note_has_words_in_every_language() -> None:
    assert set(labels.PACING_LIMITS) == set(Limit)
    assert {watch.CLOCK_BACK, watch.STUCK_WRAP} <= NOTES
    assert set(labels.PACING_NOTES) == NOTES
    spoken = {*labels.PACING_LIMITS.values(), *labels.PACING_NOTES.values()}
    for language in ("ru", "uk"):
        with languages.path_of(language).open("rb") as source:
            catalogue = {str(one.id): str(one.string) for one in read_po(source) if one.id}
        assert all(catalogue.get(words) for words in spoken), language


def test_a_decision_by_risk_is_said_in_figures() -> None:
    figures = {"ready": 2, "expected_free": 3.44, "risk": 0.0212, "threshold": 0.029}
    placed = Second(at_s=0, placed=3, limit="risk", **figures)
    assert " ".join(decision_words("en", placed)) == (
        "Calls placed: 3. Agents free: 2; expected within a ring's time: 3.4."
        " The last one's risk of finding nobody free is 2.1%; 2.9% is allowed."
    )
    none = placed.model_copy(update={"placed": 0, "risk": 0.041, "cancelled": 2})
    english = " ".join(decision_words("en", none))
    assert "would be 4.1%" in english
    assert "Ringing calls given up: 2." in english
    assert "2,1%" in " ".join(decision_words("ru", placed))
    assert "Вільно операторів: 2" in " ".join(decision_words("uk", placed))


@pytest.mark.parametrize("limit", [one for one in Limit if one is not Limit.RISK])
def test_every_other_limit_is_named(limit: Limit) -> None:
    second = Second(at_s=0, limit=limit.value, risk=0.5, threshold=0.029)
    said = decision_words("en", second)
    assert said[-1] == labels.PACING_LIMITS[limit]
    careful = {Limit.AGENTS, Limit.LEARNING, Limit.BUDGET, Limit.NO_AGENTS, Limit.PREVIEW}
    assert any("50.0%" in one for one in said) is (limit not in careful)


def test_seconds_of_other_versions_are_understood() -> None:
    strange = Second.model_validate({"at_s": 1.0, "limit": "moon_phase", "new": 1, "note": "fog"})
    assert decision_words("en", strange) == ["No call placed.", "Agents free: 0."]
    assert note_words("ru", strange) == "fog"
    assert note_words("en", Second(at_s=0)) == ""


def test_the_record_says_which_ceiling_was_in_force_and_what_others_spent() -> None:
    clock = FrozenClock(NOW)
    policy = PredictivePolicy(ceiling=0.02, target_rate=0.015)
    pacer = Pacer(Floor(clock, lambda: None), clock, policy, None)
    pacer.share(200, 3)
    pacer.count([AnsweredMinute(NOW, 100, 1)])
    kept = Second.model_validate(pacer.second(4))
    assert (kept.placed, kept.ceiling, kept.target) == (4, 0.02, 0.015)
    assert (kept.answered, kept.others_answered, kept.others_abandoned) == (100, 200, 3)
    assert kept.share == pytest.approx(4 / 300)
    assert pacer.controller.budget.counts == Counts(100, 1)
