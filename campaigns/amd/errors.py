"""Why a verdict cannot be judged or heard, and why detection stays off."""

from dialer.errors import Conflict, Invalid, NotFound


class VerdictNotFound(NotFound):
    """No such verdict."""

    code = "verdict_not_found"
    message = "There is no verdict on this call."


class ReasonMissing(Invalid):
    """Detection was to be switched on, and nobody said why."""

    code = "reason_missing"
    message = "Say in a few words why."


class NothingToJudge(Conflict):
    """The verdict freed no agent and ended no call: whether it was right is of no use."""

    code = "nothing_to_judge"
    message = "Only calls that were taken for machines are judged."


class NotDrawn(Conflict):
    """Chance did not choose the verdict: judging it would spoil the sample."""

    code = "not_drawn"
    message = "Only verdicts that were drawn for review are judged."


class AlreadyJudged(Conflict):
    """Somebody was first; or the judgement to be corrected is another one by now."""

    code = "already_judged"
    message = "This verdict has been judged already."


class NothingToHear(NotFound):
    """The call was not recorded, its recording is not finished yet, or it was erased."""

    code = "nothing_to_hear"
    message = "There is no recording of this call."
