"""A recorded day through other settings: the same people, the same agents, another pacing."""

from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from campaigns.errors import BadSettings
from campaigns.pacing.changes import NotReplayable, UnknownSetting, changed_settings
from campaigns.pacing.day_inputs import DayInputs
from campaigns.pacing.recorded import (
    Record,
    RecordedCall,
    RecordedPeople,
    Stretch,
    busiest,
    shifts_of,
    worst_half_hour,
)
from campaigns.pacing.replaying import replay
from campaigns.settings import CampaignSettings
from cli.pacing import BadChange, parsed, replay_campaign
from dialer.pacing.facts import CallEnd
from dialer.simulator.pacing_lab.people import Fate
from dialer.simulator.pacing_lab.scenario import Campaign

NINE = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LIMIT_S = 25.0
UNANSWERED = RecordedCall(0.0, LIMIT_S, Fate.UNANSWERED, CallEnd.NO_ANSWER)
PERSON = RecordedCall(0.0, 10.0, Fate.PERSON, CallEnd.FAILED, 60.0, 15.0)
CANCELLED = RecordedCall(0.0, 16.0, None, CallEnd.CANCELLED)


def one_call_each(agents: int = 8, hours: float = 1.5) -> Record:
    """A day on which every agent had one call after the other, and a pause in the middle."""
    chance, calls, work = Random(7), [], []
    for agent in range(agents):
        at_s, paused = 0.0, False
        while at_s < hours * 3600:
            if at_s > hours * 1800 and not paused:
                at_s, paused = at_s + 300, True
            answers = chance.random() < 0.4
            ring_s = chance.uniform(4, 20) if answers else LIMIT_S
            talk_s, wrap_s = chance.expovariate(1 / 60), chance.uniform(10, 20)
            call = replace(PERSON, placed_s=at_s, ring_s=ring_s, talk_s=talk_s, wrap_up_s=wrap_s)
            calls.append(call if answers else replace(UNANSWERED, placed_s=at_s))
            work.append(Stretch(agent, at_s, at_s + ring_s, busy=False))
            at_s += ring_s
            if answers:
                work.append(Stretch(agent, at_s, at_s + talk_s + wrap_s, busy=True))
                at_s += talk_s + wrap_s
    calls.sort(key=lambda one: one.placed_s)
    whole = Record(hours * 3600 + 600, tuple(calls), tuple(work), LIMIT_S)
    return whole.part(0, hours * 3600)


def inputs_of(record: Record, changes: dict[str, Any], **settings: Any) -> DayInputs:
    """A day of a campaign that no law binds."""
    own = CampaignSettings(**settings)
    return DayInputs(
        began_at=NINE,
        record=record,
        settings=own,
        changed=changed_settings(own, changes),
        rules=(),
        learned=None,
        past=(),
        lines=200,
        calls_per_s=50.0,
        notes=(),
    )


def people_of(*calls: RecordedCall, limit_s: float = LIMIT_S) -> RecordedPeople:
    """The people of a few calls."""
    campaign = Campaign(answer_rate=0.5, ring_limit_s=limit_s)
    return RecordedPeople(Record(100, calls, (), LIMIT_S), campaign, 1, usual=(60, 15))


def test_the_laboratory_makes_of_a_progressive_day_what_it_was() -> None:
    record = one_call_each()
    changes = {"mode": "predictive"}
    found = replay(inputs_of(record, changes, mode="progressive"), changes)
    was, same, other = found.recorded, found.same_settings, found.changed_settings
    assert was.dials == len(record.calls)
    assert same.occupancy == pytest.approx(was.occupancy, abs=0.03)
    assert same.dials == pytest.approx(was.dials, rel=0.05)
    assert same.answered == pytest.approx(was.answered, rel=0.06)
    assert same.agent_hours == pytest.approx(was.agent_hours, rel=0.02)
    assert (was.abandoned, same.abandoned) == (0, 0)
    assert other.occupancy > same.occupancy + 0.05
    assert other.abandoned_share <= 0.031
    assert other.dials > same.dials
    assert any("drawn from the record" in note for note in found.notes)
    assert found.settings == {"mode": "progressive"}
    assert (found.ended_at - found.began_at).total_seconds() == record.seconds


def test_a_lower_target_abandons_fewer_and_the_same_day_gives_the_same_answer() -> None:
    record, changes = one_call_each(), {"abandon_target": 0.005, "abandon_ceiling": 0.01}
    inputs = inputs_of(record, changes, mode="predictive")
    found = replay(inputs, changes)
    assert found.changed_settings.abandoned_share < found.same_settings.abandoned_share
    assert found.changed_settings.occupancy < found.same_settings.occupancy
    assert replay(inputs, changes) == found


def test_a_change_that_changes_nothing_says_so() -> None:
    changes = {"abandon_target": 0.01}
    record = one_call_each(2, 0.5)
    found = replay(inputs_of(record, changes, mode="predictive", abandon_target=0.01), changes)
    assert found.same_settings == found.changed_settings
    assert any("no difference" in note for note in found.notes)


def test_people_come_in_the_recorded_order_and_beyond_it_from_the_same_kind() -> None:
    people = people_of(PERSON, UNANSWERED)
    first, second = people.dial(0, 5.0), people.dial(1, 6.0)
    assert (first.fate, first.ring_s, first.talk_s, first.wrap_s) == (Fate.PERSON, 10, 60, 15)
    assert (first.placed_s, second.fate, second.end) == (5, Fate.UNANSWERED, CallEnd.NO_ANSWER)
    assert people.beyond == 0
    later = {people.dial(number, 9.0).fate for number in range(2, 40)}
    assert later == {Fate.PERSON, Fate.UNANSWERED}
    assert people.beyond == 38


def test_people_who_would_not_have_answered_are_cut_short_more_often_and_do_not_vanish() -> None:
    """Half of the calls are given up between 15 and 25 s; three of ten would answer then."""
    chance, calls = Random(3), []
    for _ in range(6000):
        answers_s = chance.uniform(15, 25) if chance.random() < 0.3 else None
        given_up_s = chance.uniform(15, 25) if chance.random() < 0.7 else None
        if given_up_s is not None and (answers_s is None or given_up_s < answers_s):
            calls.append(replace(CANCELLED, ring_s=given_up_s))
        else:
            calls.append(UNANSWERED if answers_s is None else replace(PERSON, ring_s=answers_s))
    people = people_of(*calls)
    answered = sum(people.dial(n, 0.0).fate is Fate.PERSON for n in range(len(calls)))
    assert answered / len(calls) == pytest.approx(0.3, abs=0.03)


def test_a_call_cut_short_gets_the_fate_of_one_that_rang_as_long() -> None:
    long = replace(PERSON, ring_s=20.0)
    dial = people_of(PERSON, CANCELLED, long).dial(1, 0.0)
    assert (dial.fate, dial.ring_s) == (Fate.PERSON, 20)
    nobody = people_of(PERSON, CANCELLED).dial(1, 0.0)
    assert (nobody.fate, nobody.ring_s) == (Fate.UNANSWERED, LIMIT_S)


def test_another_ring_limit_cuts_calls_or_lets_them_ring_on() -> None:
    late = replace(PERSON, ring_s=22.0)
    shorter = people_of(late, UNANSWERED, limit_s=18.0)
    for number in (0, 1):
        dial = shorter.dial(number, 0.0)
        assert (dial.fate, dial.ring_s, dial.end) == (Fate.UNANSWERED, 18, CallEnd.NO_ANSWER)
    refused = replace(UNANSWERED, ring_s=3.0, end=CallEnd.REFUSED)
    longer = people_of(late, UNANSWERED, refused, limit_s=40.0)
    assert [longer.dial(number, 0.0).ring_s for number in range(3)] == [22, 40, 3]


def test_a_person_without_an_agent_talks_as_long_as_others() -> None:
    lost = replace(PERSON, talk_s=None, wrap_up_s=None, abandoned=True)
    dial = people_of(lost, PERSON).dial(0, 0.0)
    assert (dial.fate, dial.talk_s, dial.wrap_s) == (Fate.PERSON, 60, 15)
    alone = people_of(lost).dial(0, 0.0)
    assert (alone.talk_s, alone.wrap_s) == (60, 15)


def test_a_pause_lies_between_two_shifts() -> None:
    work = (
        Stretch(1, 0, 100, busy=False),
        Stretch(1, 100.2, 200, busy=True),
        Stretch(1, 500, 3600, busy=False),
        Stretch(2, 3600, 3600.5, busy=False),
    )
    shifts = [3600 * hour for one in shifts_of(work) for hour in (one.from_h, one.to_h or 0.0)]
    assert shifts == pytest.approx([0, 200, 500, 3600])


def test_a_long_day_is_cut_around_its_busiest_half_hour() -> None:
    work = [Stretch(0, 0, 14_400, busy=False)]
    work += [Stretch(agent, 5400, 9000, busy=False) for agent in range(1, 9)]
    record = Record(86_400, (), tuple(work), LIMIT_S)
    assert busiest(record, 1000) == (0, 14_400)
    assert busiest(record, 9.0) == (5400, 9000)
    assert busiest(record, 0.1) == (5400, 7200)


def test_a_part_counts_from_its_own_beginning() -> None:
    work = (Stretch(0, 0, 3600, busy=False), Stretch(0, 3600, 7200, busy=True))
    calls = tuple(replace(PERSON, placed_s=at) for at in (100.0, 3000.0, 5000.0))
    part = Record(7200, calls, work, LIMIT_S).part(1800, 5400)
    assert [call.placed_s for call in part.calls] == [1200, 3200]
    assert (part.seconds, part.agent_hours, part.occupancy) == (3600, 1, 0.5)


def test_the_worst_half_hour_is_that_of_the_answers() -> None:
    early = [replace(PERSON, placed_s=60.0 * n) for n in range(20)]
    late = [replace(PERSON, placed_s=2000.0 + n, abandoned=n < 3) for n in range(10)]
    assert worst_half_hour(Record(3600, (*early, *late), (), LIMIT_S)) == pytest.approx(0.3)


def test_settings_that_cannot_be_tried_are_refused_by_name() -> None:
    own = CampaignSettings()
    with pytest.raises(UnknownSetting, match="abandon_taget"):
        changed_settings(own, {"abandon_taget": 0.01})
    with pytest.raises(NotReplayable, match="hours"):
        changed_settings(own, {"hours": {}})
    with pytest.raises(BadSettings, match="abandon_target"):
        changed_settings(own, {"abandon_target": 0.4})
    with pytest.raises(BadSettings, match="must not be above abandon_ceiling"):
        changed_settings(own, {"abandon_ceiling": 0.01})


def test_a_setting_on_the_command_line_is_a_name_and_a_value() -> None:
    said = ["abandon_target=0.01", "mode=power", "cancel_ringing=false", "max_ratio=null"]
    assert parsed(said) == {
        "abandon_target": 0.01,
        "mode": "power",
        "cancel_ringing": False,
        "max_ratio": None,
    }
    for wrong in ("mode", "=3"):
        with pytest.raises(BadChange):
            parsed([wrong])
    with pytest.raises(BadChange, match="YYYY-MM-DD"):
        replay_campaign("Spring", day="yesterday", changes=said)
