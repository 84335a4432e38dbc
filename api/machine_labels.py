"""Words for what people read of answering machines, ready to be translated."""

from api.labels import mark
from campaigns.amd.judging import TOO_MANY_PEOPLE
from campaigns.amd.models import Judgement
from campaigns.amd.settings import MachineAction
from dialer.call.verdicts import Treatment, Verdict

JUDGEMENTS = {
    Judgement.PERSON: mark("A person"),
    Judgement.MACHINE: mark("A machine"),
    Judgement.CANNOT_TELL: mark("Cannot tell"),
}

VERDICTS = {
    Verdict.HUMAN: mark("A person"),
    Verdict.MACHINE: mark("A machine"),
    Verdict.NOT_SURE: mark("Not sure"),
    Verdict.FAILED: mark("The analysis failed"),
}

TREATMENTS = {
    Treatment.PASSED: mark("nothing was done"),
    Treatment.ACTED: mark("hung up, or left a message"),
    Treatment.AUDITED: mark("left with the agent, who was asked"),
    Treatment.SILENCE: mark("nobody spoke: nothing was done"),
    Treatment.LATE: mark("too late: nothing was done"),
    Treatment.MOOT: mark("the call was ending anyway"),
}

ACTIONS = {
    MachineAction.HANG_UP: mark("Machines are hung up."),
    MachineAction.LEAVE_MESSAGE: mark("Machines hear the message where the law allows it."),
}

#: By the first part of what the analysis says. Source: Asterisk 22, application AMD().
CAUSES = {
    "HUMAN": mark("a short greeting, then a pause"),
    "MAXWORDS": mark("many words without waiting for an answer"),
    "MAXWORDLENGTH": mark("one long word or tone"),
    "LONGGREETING": mark("a long greeting"),
    "INITIALSILENCE": mark("nobody spoke at first"),
    "TOOLONG": mark("nothing clear in time"),
}

OFF_REASONS = {
    TOO_MANY_PEOPLE: mark("more people are taken for machines than the campaign allows"),
}

#: What a form may be answered with.
PROBLEMS = (
    mark("This verdict has been judged already."),
    mark("Only calls that were taken for machines are judged."),
    mark("Only verdicts that were drawn for review are judged."),
    mark("Say in a few words why."),
)


def cause_of(said: str) -> str:
    """Return words for what the analysis said; without any, what it said."""
    return CAUSES.get(said.partition("-")[0], said)
