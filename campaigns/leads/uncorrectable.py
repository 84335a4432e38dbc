"""Why a call's result is not corrected."""

from dialer.errors import Conflict, Invalid

MOST_REASON = 500  #: characters


class CallGoesOn(Conflict):
    """The operator has not finished."""

    code = "call_goes_on"
    message = "The call, or its wrap-up, is still going on: the operator saves its result first."


class NoConversation(Conflict):
    """The outcome of such a call is what the line said."""

    code = "no_conversation"
    message = "Nobody talked on this call."


class ResultChanged(Conflict):
    """Somebody was faster; nothing is changed."""

    code = "result_changed"
    message = "The result was changed meanwhile: look at it again."


class NothingToCorrect(Conflict):
    """It says so already."""

    code = "nothing_to_correct"
    message = "The call has this result already."


class ReasonMissing(Invalid):
    """A correction without a reason tells nobody anything."""

    code = "reason_missing"
    message = "Say why the result is corrected."


class OwnResult(Conflict):
    """Nobody corrects the result of a call of his or her own."""

    code = "own_call"
    message = "You took this call yourself: somebody else corrects its result."


class DecidedSince(Conflict):
    """The contact follows something later than this call."""

    code = "decided_since"
    message = (
        "Something later has decided about this contact: no call can be promised with this one."
    )
