"""The simulated public is a pure function of seed, number and call count."""

import json
import random
from collections import Counter
from dataclasses import replace

import pytest

from dialer.simulator.behaviour import Behaviour, BehaviourKind, explicit_behaviour
from dialer.simulator.population import PROFILES, Population, PopulationProfile, Spread

NUMBERS = [f"+7495{n:07d}" for n in range(4000)]


def kinds(profile: PopulationProfile, seed: int = 1) -> Counter[BehaviourKind]:
    population = Population(profile, seed)
    return Counter(population.behaviour(number, 1).kind for number in NUMBERS)


def test_behaviour_does_not_depend_on_the_order_of_calls() -> None:
    calls = [(number, nth) for number in NUMBERS[:200] for nth in (1, 2, 3)]
    first = Population(PROFILES["survey"], 7)
    forward = {call: first.behaviour(*call) for call in calls}
    random.Random(3).shuffle(calls)
    second = Population(PROFILES["survey"], 7)
    assert {call: second.behaviour(*call) for call in calls} == forward


def test_another_seed_is_another_public() -> None:
    one, two = (Population(PROFILES["survey"], seed) for seed in (1, 2))
    assert [one.behaviour(n, 1) for n in NUMBERS[:50]] != [
        two.behaviour(n, 1) for n in NUMBERS[:50]
    ]


def test_shares_are_met_within_sampling_error() -> None:
    profile = PROFILES["survey"]
    counts, total = kinds(profile), sum(profile.shares.values())
    for kind, share in profile.shares.items():
        assert counts[kind] / len(NUMBERS) == pytest.approx(share / total, abs=0.025), kind


def test_shares_are_relative_weights() -> None:
    profile = PopulationProfile("even", {BehaviourKind.ANSWER: 3, BehaviourKind.INVALID: 3})
    assert kinds(profile)[BehaviourKind.INVALID] == pytest.approx(len(NUMBERS) / 2, rel=0.05)


def test_a_number_that_does_not_exist_never_exists() -> None:
    population = Population(PROFILES["survey"], 1)
    for number in NUMBERS[:500]:
        exists = {
            population.behaviour(number, n).kind is not BehaviourKind.INVALID for n in range(1, 6)
        }
        assert len(exists) == 1


def test_people_change_their_minds_between_calls() -> None:
    population = Population(PROFILES["survey"], 1)
    assert len({population.behaviour(NUMBERS[0], nth).kind for nth in range(1, 40)}) > 1


def test_ring_times_are_lognormal_around_the_median() -> None:
    population = Population(PROFILES["survey"], 1)
    rings = sorted(
        b.ring_s
        for b in (population.behaviour(number, 1) for number in NUMBERS)
        if b.kind is BehaviourKind.ANSWER
    )
    assert rings[len(rings) // 2] == pytest.approx(9.0, rel=0.1)
    assert rings[len(rings) // 10] < 6.0 < 14.0 < rings[-len(rings) // 10]


def test_speed_shortens_peoples_times() -> None:
    normal = Population(PROFILES["answers_all"], 1).behaviour(NUMBERS[0], 1)
    fast = Population(replace(PROFILES["answers_all"], speed=10), 1).behaviour(NUMBERS[0], 1)
    assert fast.ring_s == pytest.approx(normal.ring_s / 10)
    assert fast.talk_s == pytest.approx(normal.talk_s / 10)


def test_speed_leaves_a_machine_time_to_be_detected() -> None:
    population = Population(replace(PROFILES["machines_all"], speed=100), 1)
    behaviours = [population.behaviour(number, 1) for number in NUMBERS[:200]]
    assert min(b.talk_s for b in behaviours) >= 6.0
    assert max(b.ring_s for b in behaviours) < 0.2


def test_some_people_hang_up_early() -> None:
    profile = PopulationProfile(
        "hasty", {BehaviourKind.ANSWER: 1}, talk=Spread(60.0, 0.0), hang_up_early_rate=0.25
    )
    population = Population(profile, 1)
    early = sum(population.behaviour(number, 1).talk_s <= 3.0 for number in NUMBERS)
    assert early / len(NUMBERS) == pytest.approx(0.25, abs=0.03)


def test_overrides_win_and_do_not_mind_the_plus() -> None:
    busy = Behaviour(BehaviourKind.BUSY)
    population = Population(replace(PROFILES["answers_all"], overrides={"+74951112233": busy}), 1)
    assert population.behaviour("74951112233", 5) == busy
    assert population.behaviour("+74951112233", 1) == busy
    assert population.behaviour("+74951112234", 1).kind is BehaviourKind.ANSWER


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        ("t-busy", Behaviour(BehaviourKind.BUSY, ring_s=0.3)),
        ("t-no_answer", Behaviour(BehaviourKind.NO_ANSWER)),
        ("t-no_answer-r5000", Behaviour(BehaviourKind.NO_ANSWER, ring_s=5.0)),
        ("t-answer-r300-t4000", Behaviour(BehaviourKind.ANSWER, 0.3, 4.0)),
        ("t-answer-t0", Behaviour(BehaviourKind.ANSWER, 0.3, 0.0)),
        ("t-answer-gtone_440", Behaviour(BehaviourKind.ANSWER, 0.3, greeting="tone_440")),
        ("t-reject-c600", Behaviour(BehaviourKind.REJECT, 0.3, sip_code=600)),
        ("t-machine", Behaviour(BehaviourKind.MACHINE, 0.3, greeting="machine")),
        ("74951112233", None),
    ],
)
def test_test_user_parts_name_their_behaviour(user: str, expected: Behaviour | None) -> None:
    assert explicit_behaviour(user) == expected


@pytest.mark.parametrize("user", ["t-bussy", "t-answer-4000", "t-", "t-answer-r300-t", "t-busy-c2"])
def test_a_mistyped_test_user_part_is_refused(user: str) -> None:
    with pytest.raises(ValueError, match=r"malformed|not a valid"):
        Population(PROFILES["survey"], 1).behaviour(user, 1)


@pytest.mark.parametrize(
    ("kind", "code"),
    [("busy", 486), ("reject", 603), ("invalid", 404), ("congestion", 503), ("unavailable", 480)],
)
def test_each_refusal_has_its_usual_code(kind: str, code: int) -> None:
    assert Behaviour(BehaviourKind(kind)).final_code == code
    assert Behaviour(BehaviourKind(kind), sip_code=500).final_code == 500


def test_profiles_survive_json() -> None:
    overrides = {"+74951112233": Behaviour(BehaviourKind.REJECT, 1.5, sip_code=600)}
    codes = {BehaviourKind.BUSY: 600}
    for profile in PROFILES.values():
        full = replace(profile, overrides=overrides, sip_codes=codes, speed=4.0)
        assert PopulationProfile.from_dict(json.loads(json.dumps(full.to_dict()))) == full


def test_a_profile_may_be_written_by_hand() -> None:
    profile = PopulationProfile.from_dict(
        {"shares": {"answer": 1}, "overrides": {"7495": "t-busy"}}
    )
    assert profile.overrides["7495"].kind is BehaviourKind.BUSY
    assert profile.ring == Spread(9.0, 0.45)


@pytest.mark.parametrize(
    "facts",
    [
        {"shares": {}},
        {"shares": {"answer": 0}},
        {"shares": {"answer": -1, "busy": 2}},
        {"shares": {"nobody": 1}},
        {"shares": {"answer": 1}, "speed": 0},
        {"shares": {"answer": 1}, "overrides": {"7495": "busy"}},
    ],
)
def test_an_impossible_profile_is_refused(facts: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"share|speed|BehaviourKind|user part"):
        PopulationProfile.from_dict(facts)


def test_a_profile_of_invalid_numbers_only_works() -> None:
    profile = PopulationProfile("void", {BehaviourKind.INVALID: 1})
    assert set(kinds(profile)) == {BehaviourKind.INVALID}
