"""Words of the page of a call: what became of the contact, and why a correction is refused."""

from api.desk_words import disposition_words, outcome_words
from api.labels import mark, result_words
from campaigns.states import LeadState

__all__ = [
    "CONTACT_STATES",
    "NOTES",
    "PROBLEMS",
    "disposition_words",
    "outcome_words",
    "result_words",
]

#: What became of the contact.
CONTACT_STATES = {
    LeadState.DONE: mark("Has its result"),
    LeadState.DIALING: mark("On the line"),
    LeadState.WAITING: mark("Is called again"),
}

#: What may be said when a result cannot be corrected; the rest is in ``api.desk_words``.
PROBLEMS = (
    mark("The call, or its wrap-up, is still going on: the operator saves its result first."),
    mark("The result was changed meanwhile: look at it again."),
    mark("The call has this result already."),
    mark("Say why the result is corrected."),
    mark("You took this call yourself: somebody else corrects its result."),
    mark("Something later has decided about this contact: no call can be promised with this one."),
)

#: What became of the call's note with a correction; nothing is said of one that was kept.
NOTES = {"changed": mark("the note was changed"), "removed": mark("the note was removed")}
