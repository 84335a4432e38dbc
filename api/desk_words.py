"""Words of the operator's desk: what people read instead of codes, ready to be translated."""

from api.labels import DISPOSITIONS, LEAD_STATES, OUTCOMES, mark
from campaigns.leads.previews import PAUSED_AT_LIMIT
from campaigns.states import LeadState, SkipReason
from dialer.agent.states import MISSED_OFFER, NO_REACTION, AgentState
from dialer.call.states import CallOutcome

#: What the agent reads of the own state, and what it means.
STATES = {
    AgentState.OFFLINE: mark("Offline"),
    AgentState.CONNECTING: mark("Connecting the telephone"),
    AgentState.READY: mark("Waiting for a call"),
    AgentState.PREVIEWING: mark("Reading a contact"),
    AgentState.DIALING: mark("Dialling, it rings"),
    AgentState.RESERVED: mark("A call is coming"),
    AgentState.ON_CALL: mark("You are on a call"),
    AgentState.WRAP_UP: mark("After the call"),
    AgentState.PAUSED: mark("On a break"),
}

HINTS = {
    AgentState.OFFLINE: mark("The shift is over."),
    AgentState.CONNECTING: mark("Answer your telephone; calls come when it is connected."),
    AgentState.READY: mark("The next call comes by itself, with a short tone."),
    AgentState.PREVIEWING: mark("Read, then call or skip."),
    AgentState.DIALING: mark("You hear the person as soon as somebody answers."),
    AgentState.RESERVED: mark("The person is being connected."),
    AgentState.ON_CALL: mark("Choose a result at any time; it is saved at once."),
    AgentState.WRAP_UP: mark("Choose a result; then the next call comes."),
    AgentState.PAUSED: mark("No calls come until you are ready."),
}

#: Reasons for a break that campaigns start with; a campaign's own are shown as they are written.
PAUSES = {
    "break": mark("Short break"),
    "lunch": mark("Lunch"),
    "training": mark("Training"),
    "meeting": mark("Meeting"),
    "technical": mark("Technical trouble"),
    # These come by themselves; the notice below the state says more.
    MISSED_OFFER: mark("Missed call"),
    NO_REACTION: mark("No result in time"),
    PAUSED_AT_LIMIT: mark("No decision in time"),
}

SKIPS = {
    SkipReason.NOT_NOW: mark("A bad moment"),
    SkipReason.NOT_FOR_ME: mark("Somebody else should call"),
    SkipReason.WRONG_DATA: mark("The data cannot be right"),
    SkipReason.NO_FIT: mark("The offer does not fit"),
    SkipReason.OTHER: mark("Another reason"),
}

#: What is said when something was done.
SAVED = mark("The result is saved.")
NEVER_AGAIN = mark("This person is not called again by anybody.")
CORRECTED = mark("The changes are saved.")
NOTHING_NEW = mark("Nothing was changed.")

NO_ANSWERS = {
    "dont_know": mark("Does not know"),
    "refused": mark("Did not want to say"),
    "blank": mark("Passed over"),
}

#: What may be said when something cannot be done.
PROBLEMS = (
    mark("This call already has its disposition."),
    mark("The campaign has no such disposition."),
    mark("With this disposition the person is not called again: no call can be promised."),
    mark("This result needs a note: write a few words."),
    mark("This result needs a callback: choose a time."),
    mark("Nobody talked on this call."),
    mark("The call is not connected yet: save its disposition when you have talked."),
    mark("This person may not be called then, nor soon after."),
    mark("This person may not be called then: promise a time within the calling hours."),
    mark("This time is past."),
    mark("There is no such time."),
    mark("A call cannot be promised for this time."),
    mark("The contact's clock skips this time."),
    mark("This contact is about to be dialled: try again in a moment."),
    mark("A note has at most 2000 characters."),
    mark("A field has at most 1000 characters."),
    mark("This field cannot be changed here."),
    mark("The person's data were erased."),
    mark("This contact is not shown to the agent."),
    mark("This contact is not shown any more: look at the next one."),
    mark("The decision about this contact was made: it is being done."),
    mark("Contacts of this campaign may not be skipped: dial it, or take a break."),
    mark("The contact has no such number."),
    mark("This number may not be dialled now: choose another one, or skip the contact."),
    mark("The agent is signed in already: sign out first."),
    mark("The agent is signing out: sign in again when it is done."),
    mark("The campaign is over: start it again, or sign in to another one."),
    mark("Name at least one campaign."),
    mark("A weight is a number from 0.001 to 1000."),
    mark("Your shift is over: begin a new one."),
    mark("Agents close and end their own calls only."),
    mark("There is no such attempt."),
    mark("Choose a reason for the break."),
    mark("Choose a result."),
    mark("A time to call is missing, or cannot be read."),
)


def disposition_words(code: str | None, label: str | None) -> str:
    """Return the message of a disposition: a default one is translated unless it was renamed."""
    known = DISPOSITIONS.get(code or "")
    if known is not None and label in (None, known):
        return known
    return label or code or ""


def outcome_words(outcome: CallOutcome | None) -> str:
    """Return the message of how a call ended; one that has not is on the line."""
    return OUTCOMES[outcome] if outcome is not None else LEAD_STATES[LeadState.DIALING]


def pause_words(code: str | None) -> str:
    """Return the message of a reason for a break."""
    return PAUSES.get(code or "", code or "")
