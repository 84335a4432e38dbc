"""Gaps that an agent makes in the recording of a call. Part of the call's machine, and as pure."""

from dataclasses import replace
from datetime import datetime

from dialer.call import events as ev
from dialer.call import talk_commands as talk_do
from dialer.call import talk_events as te
from dialer.call.states import Call, CallState, Step
from dialer.call.talks import TOGETHER, Part, PartEnd, PartKind, Recorder, Talk

#: What happens to the recorder of a talk.
OF_THE_RECORDER = (
    te.PauseRecordingRequested,
    te.ResumeRecordingRequested,
    te.RecordingPaused,
    ev.RecordingStarted,
    ev.RecordingFailed,
)


def closed(part: Part | None, at: datetime, ending: PartEnd) -> tuple[talk_do.StorePart, ...]:
    """Return what stores the end of a part, if there is one."""
    if part is None:
        return ()
    over = replace(part, ended_at=max(at, part.began_at), ending=ending)
    return (talk_do.StorePart(over),)


def step(call: Call, event: ev.CallEvent) -> Step:
    """Apply one event of the recorder; wishes that do not fit are ignored."""
    talk = call.talk
    free = call.state is CallState.CONNECTED and talk.state in TOGETHER and not talk.settling
    free = free and talk.announcing is None and not talk.unannounced
    match (event, talk.recorder):
        case (te.PauseRecordingRequested(at), Recorder.RUNNING):
            if not free or not call.recording or not call.policy.may_pause_recording:
                return Step(call, ignored=True)
            gap = Part(PartKind.UNRECORDED, at)
            pausing = replace(talk, recorder=Recorder.PAUSING, gap=gap, settling=True)
            told = (talk_do.PauseRecording(), talk_do.StorePart(gap))
            return Step(replace(call, talk=pausing), told)
        case (te.ResumeRecordingRequested(), Recorder.PAUSED) if free:
            resuming = replace(talk, recorder=Recorder.RESUMING, settling=True)
            return Step(replace(call, talk=resuming), (talk_do.ResumeRecording(),))
        case (te.RecordingPaused(), Recorder.PAUSING):
            return _rejoin(call, replace(talk, recorder=Recorder.PAUSED))
        case (ev.RecordingStarted(at), Recorder.RESUMING):
            return _close_gap(call, at, PartEnd.RESUMED)
        case (ev.RecordingFailed(at), Recorder.PAUSING):
            return _close_gap(call, at, PartEnd.FAILED)
        case (ev.RecordingFailed(), Recorder.RESUMING):
            return _rejoin(call, replace(talk, recorder=Recorder.PAUSED))
        case _:
            return Step(call, ignored=True)


def _close_gap(call: Call, at: datetime, ending: PartEnd) -> Step:
    back = _rejoin(call, replace(call.talk, recorder=Recorder.RUNNING, gap=None))
    return Step(back.call, (*back.commands, *closed(call.talk.gap, at, ending)))


def _rejoin(call: Call, talk: Talk) -> Step:
    """Put the customer back where the dialplan took the leg from."""
    there = replace(call, talk=talk)
    if call.state not in (CallState.CONNECTED, CallState.TRANSFERRED):
        return Step(there)
    return Step(there, (talk_do.Arrange(talk.layout, call.agent_id, talk.party_id),))
