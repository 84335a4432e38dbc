"""Both sides are told at the start of their talk that it is recorded. Part of the call's machine, as pure.

Untold, nothing more is recorded: where an announcement is wanted, a recording without it is worth less than
none.
"""

from dataclasses import replace
from datetime import datetime

from dialer.call import commands as do
from dialer.call import talk_commands as talk_do
from dialer.call import talk_events as te
from dialer.call.gaps import closed
from dialer.call.states import Call, Step
from dialer.call.talks import Part, PartEnd, PartKind, Recorder

#: Wishes that would take the customer away from what is being said to both.
KEPT_WAITING = (te.HoldRequested, te.TransferRequested, te.TakeOverRequested)


def connected(call: Call, at: datetime, *first: do.CallCommand) -> Step:
    """Do ``first``, and have both sides told that they are recorded, where that is wanted."""
    if not call.policy.announce or not call.recording or call.agent_id is None:
        return Step(call, first)
    part = Part(PartKind.ANNOUNCED, at)
    told = (talk_do.StorePart(part), talk_do.PlayAnnouncement(call.agent_id))
    return Step(replace(call, talk=replace(call.talk, announcing=part)), (*first, *told))


def finished(call: Call, event: te.AnnouncementFinished) -> Step:
    """Go on, or, where they were not told, end the recording for good."""
    part = call.talk.announcing
    if part is None:
        return Step(call, ignored=True)
    ending = PartEnd.HEARD if event.heard else PartEnd.FAILED
    ended = closed(part, event.at, ending)
    talk = replace(call.talk, announcing=None)
    if event.heard or talk.recorder is not Recorder.RUNNING:
        return Step(replace(call, talk=talk), ended)
    gap = Part(PartKind.UNRECORDED, event.at)
    silent = replace(talk, recorder=Recorder.PAUSING, gap=gap, settling=True, unannounced=True)
    stop = (talk_do.PauseRecording(), talk_do.StorePart(gap))
    return Step(replace(call, talk=silent), (*ended, *stop))
