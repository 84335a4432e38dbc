"""Both sides are told of the recording, nobody leaves meanwhile, and untold nothing more is recorded."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from campaigns.recordings.announcing import RECEIPT, is_announced, noted
from campaigns.settings import CampaignSettings
from compliance.gate import Clearance
from compliance.law import load_law
from compliance.rulebook.rules import Purpose, RecordingTerms
from dialer.call import commands as do
from dialer.call import events as ev
from dialer.call import talk_commands as talk_do
from dialer.call import talk_events as te
from dialer.call.machine import step
from dialer.call.recorded import kept_file, raw_name
from dialer.call.states import Call, CallPolicy
from dialer.call.talks import Part, PartEnd, PartKind, TalkState
from dialer.ids import new_id
from tests.machine_events import START

AGENT = new_id()


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def played(call: Call, events: Sequence[ev.CallEvent]) -> tuple[Call, list[do.CallCommand]]:
    said: list[do.CallCommand] = []
    for event in events:
        taken = step(call, event)
        call = taken.call
        said = list(taken.commands)
    return call, said


TALK: tuple[ev.CallEvent, ...] = (
    ev.Answered(at(0)),
    ev.AgentReserved(at(0.1), AGENT),
    ev.RecordingStarted(at(0.2)),
    ev.Bridged(at(0.3)),
)


def talk(**policy: Any) -> tuple[Call, list[do.CallCommand]]:
    return played(Call(new_id(), CallPolicy(announce=True, **policy)), TALK)


def test_it_begins_with_the_talk_and_is_stored_when_it_was_heard() -> None:
    call, said = talk()
    part = Part(PartKind.ANNOUNCED, at(0.3))
    assert said[-2:] == [talk_do.StorePart(part), talk_do.PlayAnnouncement(AGENT)]
    for wish in (te.HoldRequested(at(1)), te.PauseRecordingRequested(at(1))):
        assert step(call, wish).ignored
    call, said = played(call, [te.AnnouncementFinished(at(3), heard=True)])
    heard = Part(PartKind.ANNOUNCED, at(0.3), ended_at=at(3), ending=PartEnd.HEARD)
    assert said == [talk_do.StorePart(heard)]
    held, _ = played(call, [te.HoldRequested(at(4))])
    assert held.talk.state is TalkState.HELD
    assert step(call, te.AnnouncementFinished(at(5), heard=False)).ignored


def test_untold_the_recording_ends_for_good() -> None:
    call, _ = talk(may_pause_recording=True)
    call, said = played(call, [te.AnnouncementFinished(at(1), heard=False)])
    gap = Part(PartKind.UNRECORDED, at(1))
    assert talk_do.PauseRecording() in said
    assert talk_do.StorePart(gap) in said
    call, _ = played(call, [te.RecordingPaused(at(1.1)), te.Arranged(at(1.2), call.talk.layout)])
    assert step(call, te.ResumeRecordingRequested(at(2))).ignored
    _, said = played(call, [ev.HungUp(at(9), 16)])
    ended = Part(PartKind.UNRECORDED, at(1), ended_at=at(9), ending=PartEnd.CALL_ENDED)
    assert talk_do.StorePart(ended) in said


def test_the_next_customer_hears_nothing_of_it() -> None:
    call, _ = talk()
    _, said = played(call, [ev.HungUp(at(1), 16)])
    over = Part(PartKind.ANNOUNCED, at(0.3), ended_at=at(1), ending=PartEnd.CALL_ENDED)
    assert [one for one in said if isinstance(one, talk_do.TalkCommand)] == [
        talk_do.StopAnnouncement(),
        talk_do.StorePart(over),
    ]


def test_what_is_not_recorded_is_not_announced_and_its_failure_is_told() -> None:
    """A full disk costs the recording, never the talk; the missing file tells of it."""
    failed = [TALK[0], TALK[1], ev.RecordingFailed(at(0.2)), TALK[3]]
    call, said = played(Call(new_id(), CallPolicy(announce=True)), failed)
    assert not any(isinstance(one, talk_do.PlayAnnouncement) for one in said)
    call, _ = played(call, [ev.HungUp(at(30), 16)])
    assert call.connected_at is not None
    assert kept_file(call) == raw_name(call.id)
    quiet, _ = played(Call(new_id(), CallPolicy(record=False, announce=True)), (*TALK[:2], TALK[3]))
    assert kept_file(quiet) is None


def test_rows_of_law_and_the_campaign_ask_for_it_and_the_receipt_says_so() -> None:
    rules = [rule for rule in load_law().book.rules if isinstance(rule.terms, RecordingTerms)]
    assert {"us-wa-recording", "de-recording"} <= {rule.id for rule in rules}
    assert all(rule.source for rule in rules)
    cleared = Clearance("+12065550123", new_id(), START, {"rules": []})
    asked = CampaignSettings(purpose=Purpose.SALES)
    washington = [rule for rule in rules if rule.jurisdiction == "US-WA"]
    by_law = noted(cleared, asked, washington)
    assert by_law.receipt[RECEIPT] == {"rules": ["us-wa-recording"], "campaign": False}
    assert is_announced(by_law.receipt)
    assert not is_announced(noted(cleared, asked, []).receipt)
    own = asked.model_copy(update={"announce_recording": True})
    assert noted(cleared, own, []).receipt[RECEIPT]["campaign"]
    silent = asked.model_copy(update={"record": False})
    assert not is_announced(noted(cleared, silent, washington).receipt)
