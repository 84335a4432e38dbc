"""Words of the page of a call: what became of the contact, and why a correction is refused."""

from api.desk_words import disposition_words, outcome_words
from api.labels import mark, result_words
from campaigns.states import LeadState

__all__ = ["CONTACT_STATES", "PROBLEMS", "disposition_words", "outcome_words", "result_words"]

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
)
