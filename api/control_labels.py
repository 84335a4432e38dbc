"""Words of a call's buttons, and the keys that press them. Ready to be translated."""

from api.labels import mark
from campaigns.agents.controls import Control
from campaigns.leads.previews import PAUSED_AT_LIMIT
from dialer.agent.states import MISSED_OFFER, NO_REACTION
from dialer.call.talks import PartEnd, TalkState

CONTROLS = {
    Control.HOLD: mark("Hold"),
    Control.UNHOLD: mark("Back to the customer"),
    Control.KEYS: mark("Send keys"),
    Control.PAUSE_RECORDING: mark("Pause recording"),
    Control.RESUME_RECORDING: mark("Resume recording"),
    Control.CONSULT: mark("Ask first"),
    Control.TRANSFER: mark("Transfer"),
    Control.JOIN: mark("Talk together"),
    Control.COMPLETE: mark("Leave them to talk"),
    Control.CANCEL: mark("Back to the customer alone"),
    Control.HANG_UP: mark("Hang up"),
}

#: With Alt; none of them is taken by English, Russian or Ukrainian menus of the usual browsers.
KEYS = {
    Control.HOLD: "H",
    Control.UNHOLD: "H",
    Control.KEYS: "K",
    Control.PAUSE_RECORDING: "R",
    Control.RESUME_RECORDING: "R",
    Control.CONSULT: "A",
    Control.TRANSFER: "T",
    Control.JOIN: "J",
    Control.COMPLETE: "L",
    Control.CANCEL: "B",
    Control.HANG_UP: "X",
}

STATES = {
    TalkState.TALKING: mark("You talk with the customer"),
    TalkState.HELD: mark("The customer hears music"),
    TalkState.CALLING: mark("Calling %(target)s; the customer hears music"),
    TalkState.TRANSFERRING: mark("Transferring to %(target)s; the customer hears music"),
    TalkState.CONSULTING: mark("You talk with %(target)s; the customer hears music"),
    TalkState.THREE_WAY: mark("You, the customer and %(target)s talk together"),
    TalkState.LEAVING: mark("You are leaving the call"),
    TalkState.AWAY: mark("The customer talks with %(target)s"),
    TalkState.TAKING: mark("A supervisor takes the call over"),
    TalkState.TAKEN_OVER: mark("The customer talks with a supervisor"),
}

FAILURES = {
    PartEnd.NO_LINE: mark("All outside lines are taken just now: the customer is back with you."),
    PartEnd.NOT_REACHED: mark("Nobody answered there: the customer is back with you."),
    PartEnd.PARTY_LEFT: mark("They hung up: the customer is back with you."),
    PartEnd.FAILED: mark("That could not be done: the customer is back with you."),
}

#: Why an agent is paused who did not wish it, by pause code.
PAUSES = {
    MISSED_OFFER: mark("You are on a break: a call was to come and your telephone was not there."),
    NO_REACTION: mark("You are on a break: the time after a call ran out without a result."),
    PAUSED_AT_LIMIT: mark("You are on a break: the time to decide about a contact ran out."),
}

#: Sentences of errors that are made in ``campaigns`` and shown on the desk.
PROBLEMS = (
    mark("Choose one of the campaign's transfer targets."),
    mark("Finish what you have first, or take a break: then dial by hand."),
    mark("Give either a contact or a number."),
    mark("Give the keys to send: digits, * and #."),
    mark("Give the reason, in 3 to 200 letters: the agent reads it."),
    mark("In this campaign nobody is called by hand now."),
    mark("The agent is not signed in: sign in to a campaign first."),
    mark("The campaign has no such contact."),
    mark("The wrap-up cannot be extended any more."),
    mark("There is no wrap-up to extend."),
    mark("This contact cannot be called by hand now."),
    mark("This is not possible with the call as it is now."),
    mark("This number may not be dialled now."),
)
