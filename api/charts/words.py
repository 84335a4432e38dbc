"""Words of the charts: their names, the stages of the funnel, why contacts left."""

from enum import StrEnum

from api.labels import mark, result_words, waiting_words
from campaigns.reports.funnel import Stage


class ChartKey(StrEnum):
    """The charts."""

    HEAT = "heat"
    FUNNEL = "funnel"
    PACE = "pace"
    TIMELINE = "timeline"
    QUOTAS = "quotas"


CHARTS = {
    ChartKey.HEAT: mark("Best hours"),
    ChartKey.FUNNEL: mark("Funnel"),
    ChartKey.PACE: mark("Pace and abandonment"),
    ChartKey.TIMELINE: mark("Operators' day"),
    ChartKey.QUOTAS: mark("Quotas"),
}
STAGES = {
    Stage.LISTED: mark("On the list"),
    Stage.DIALLED: mark("Dialled"),
    Stage.ANSWERED: mark("Answered"),
    Stage.PERSON: mark("Answered by a person"),
    Stage.CONNECTED: mark("Connected with an operator"),
    Stage.DECIDED: mark("Decision maker contacted"),
    Stage.RESULT: mark("Result"),
}
#: What counts as a stage, for the table.
ABOUT_STAGES = {
    Stage.LISTED: mark("contacts of the chosen campaigns and lists"),
    Stage.DIALLED: mark("contacts with a call in the period"),
    Stage.ANSWERED: mark("a person or a machine picked up"),
    Stage.PERSON: mark("a person picked up"),
    Stage.CONNECTED: mark("person and operator spoke"),
    Stage.DECIDED: mark(
        "the disposition says that the right person was spoken to: a success, a refusal, or an outcome"
        " code of an interview, a part of one or a refusal"
    ),
    Stage.RESULT: mark("the disposition counts as a success"),
}
_LEFT = {
    "other_time": mark("Dialled in another period only"),
    "left_out": mark("Left out by the selection"),
    "": mark("No disposition, or the call still goes on"),
}
_AGAIN = mark("To be called again")

#: Refusals whose words are written where they are made.
REFUSALS = (
    mark("These are too many calls for the funnel: choose a shorter period or one campaign."),
    mark("The campaign has no such quota."),
)


def left_words(stage: Stage, reason: str) -> str:
    """Return the message of why contacts came no further than a stage."""
    if reason in _LEFT:
        return _LEFT[reason]
    if stage is Stage.LISTED:
        words, again = waiting_words(reason)
        return _AGAIN if again else (result_words(reason) if words == reason else words)
    return result_words(reason)
