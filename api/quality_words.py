"""Words of quality's pages."""

from collections.abc import Mapping

from api.desk_words import disposition_words as disposition_words
from api.labels import mark
from api.measure_words import NAMES
from api.templating import translate
from campaigns.quality.board import BoardBy
from campaigns.quality.drawing import Mix, Why
from campaigns.quality.models import Decision, NoteKind
from campaigns.quality.presets import PRESETS, Preset
from campaigns.quality.scorecard import Sheet

PRESET_NAMES: Mapping[Preset, str] = {
    Preset.EMPTY: mark("Empty"),
    Preset.SURVEY: mark("Survey"),
    Preset.SALE: mark("Cold sale"),
    Preset.DEBT: mark("Debt reminder"),
}

MIXES: Mapping[Mix, str] = {
    Mix.ANY: mark("Every call has the same chance"),
    Mix.SPREAD: mark("Results take turns: rare ones are heard, too"),
}

WHY: Mapping[Why, str] = {
    Why.DRAWN: mark("It was drawn."),
    Why.HIGHER_TICKET: mark("Not drawn: other calls of the operator had lower tickets."),
    Why.TOO_SHORT: mark("Not drawn: it is shorter than the plan asks."),
    Why.OTHER_CAMPAIGN: mark("Not drawn: the plan is for another campaign."),
    Why.NOT_KEPT: mark("Not drawn: there was no kept recording when the sample was drawn."),
    Why.NOBODY_TALKED: mark("Not drawn: no operator took it."),
    Why.NO_REVIEWER: mark("Not drawn: the plan's only reviewer took it."),
    Why.NOT_YET: mark("Not decided: the sample of its week is drawn once the week is over."),
    Why.BEFORE_PLAN: mark("Not drawn: the plan begins with a later week."),
}

NOTE_KINDS: Mapping[NoteKind, str] = {
    NoteKind.COMMENT: mark("Comment for reviewers"),
    NoteKind.COACHING: mark("Coaching for the operator"),
}

DECISIONS: Mapping[Decision, str] = {
    Decision.KEPT: mark("The score stays"),
    Decision.CHANGED: mark("The score was changed"),
}

BOARD: Mapping[BoardBy, str] = {
    one: mark("Score") if one is BoardBy.SCORE else NAMES[one.value] for one in BoardBy
}

#: Sentences and questions of modules that know nothing of languages.
SENTENCES = (
    mark("The scorecard cannot be used as it is."),
    mark("Answer every question of the scorecard."),
    mark("Weights, points and the limit are whole numbers."),
    mark("At least one question must have a weight."),
    mark("At least one question with a weight must apply."),
    mark("There is no such scorecard."),
    mark("There is no draft: change the scorecard first."),
    mark("Another scorecard has this name."),
    mark("Give the scorecard a name."),
    mark("There is no such call."),
    mark("No operator took this call: there is nobody to score."),
    mark("There is no such score."),
    mark("You took this call yourself: somebody else scores it."),
    mark("This call is scored already. A score changes only by the decision of a dispute."),
    mark("There is no such note."),
    mark("Write what you want to say."),
    mark("There is no such moment in the recording."),
    mark("There is no such dispute."),
    mark("This question was disputed already."),
    mark("This dispute is decided already."),
    mark("Another reviewer decides: it is your own score that is disputed."),
    mark(
        "A calibration of this call waits for you: score it first, then you see what others said."
    ),
    mark("Say why you disagree."),
    mark("Choose the question you disagree with."),
    mark("Say why you decide so: the operator reads it."),
    mark("There is no such calibration."),
    mark("Only the two reviewers of this calibration score its call."),
    mark("Choose two different reviewers."),
    mark("Who took the call does not score it."),
    mark("There is no such sampling plan."),
    mark("Give the plan a name."),
    mark("Draw 1 to 50 calls of each operator a week."),
    mark("The shortest call that is drawn lasts 0 to 7200 seconds."),
    mark("Choose who scores the calls."),
    mark("Publish the scorecard first: calls are scored by a published version."),
    mark("Gave the own name and said for whom the call is"),
    mark("Was polite to the end"),
    mark("Spoke clearly, at a pace that can be followed"),
    mark("Said that the call is recorded where the script says so"),
    mark("Read the questions word for word"),
    mark("Left the answers to the contact"),
    mark("Asked further where an answer was vague"),
    mark("Wrote down what was said"),
    mark("Found out what the customer needs"),
    mark("Told of the offer rightly and fully"),
    mark("Promised nothing that is not true"),
    mark("Answered objections"),
    mark("Asked for the decision"),
    mark("Respected a no"),
    mark("Made sure who is speaking before naming the debt"),
    mark("Named amount, creditor and ways to pay rightly"),
    mark("Neither threatened nor pressed"),
    mark("Agreed on a date and an amount"),
)


def preset_in(language: str, preset: Preset) -> Sheet:
    """Return a preset's sheet with its questions in a language."""
    sheet = PRESETS[preset]
    said = [one.model_copy(update={"text": translate(language, one.text)}) for one in sheet.items]
    return sheet.model_copy(update={"items": tuple(said)})
