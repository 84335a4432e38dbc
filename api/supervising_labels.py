"""Words for what supervisors do."""

from collections.abc import Mapping

from api.labels import mark
from dialer.call.monitor_events import Mode
from dialer.call.monitors import MonitorState
from dialer.pacing.policy import PacingMode

MODES: Mapping[Mode, str] = {
    Mode.LISTEN: mark("Listen"),
    Mode.WHISPER: mark("Whisper"),
    Mode.BARGE: mark("Join in"),
}
#: Who hears the supervisor.
HINTS: Mapping[Mode, str] = {
    Mode.LISTEN: mark("You hear both; nobody hears you."),
    Mode.WHISPER: mark("The operator hears you; the customer does not."),
    Mode.BARGE: mark("Operator and customer hear you."),
}
STATES: Mapping[MonitorState, str] = {
    MonitorState.CALLING: mark("Your telephone is being connected"),
    MonitorState.WAITING: mark("The operator has no call now; you will hear the next one"),
    MonitorState.HEARING: mark("You hear the call"),
    MonitorState.TAKING: mark("The customer is being brought to you"),
    MonitorState.TAKEN: mark("You talk with the customer; the operator is free"),
    MonitorState.OVER: mark("It is over"),
}
PACES: Mapping[PacingMode, str] = {
    PacingMode.PREVIEW: mark("Preview"),
    PacingMode.PROGRESSIVE: mark("Progressive"),
    PacingMode.POWER: mark("Power"),
    PacingMode.PREDICTIVE: mark("Predictive"),
}
#: What is said after a wish was taken.
DONE = mark("Done: it is in the audit log.")
SENT = mark("Sent.")
#: Refusals of ``campaigns.supervising``, for the catalogues.
REFUSALS = (
    mark("Write 1 to 500 letters."),
    mark("This is you: choose another operator."),
    mark("There is no such message."),
    mark("The operator talks with nobody now: there is no customer to take over."),
    mark("Nobody is signed in to this campaign: the message would reach nobody."),
    mark("This list is not in the campaign."),
    mark("You listen to nobody: choose an operator first."),
    mark(
        "Your supervisor paused you: you can be ready when the supervisor, or the set time, ends it."
    ),
    mark("The operator is on the line with a third party: wait until it is out."),
    mark("Say what to change: the dial mode, the dial ratio or the abandoned target."),
)
