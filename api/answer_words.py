"""Why an answer is not taken, in words."""

from collections.abc import Callable, Mapping
from typing import Any

from api.labels import mark
from campaigns.forms.words import AnswerRefusal as Why
from campaigns.forms.words import NoAnswer

#: By reason; what stands in ``%()s`` is a fact of the refusal.
SENTENCES: Mapping[Why, str] = {
    Why.NOT_ASKED: mark("This question is not asked now."),
    Why.NO_SUCH_QUESTION: mark("There is no such question."),
    Why.REQUIRED: mark("This question needs an answer."),
    Why.NO_ANSWER_NOT_ALLOWED: mark("Here an answer is needed: this key does not count."),
    Why.WRONG_SHAPE: mark("The answer is not complete."),
    Why.UNKNOWN_OPTION: mark("There is no such option."),
    Why.DOUBLE_OPTION: mark("An option was chosen twice."),
    Why.EXCLUSIVE_OPTION: mark("One of the options cannot be chosen together with others."),
    Why.TOO_FEW: mark("Choose at least %(least)s."),
    Why.TOO_MANY: mark("Choose at most %(most)s."),
    Why.OTHER_NEEDS_TEXT: mark("Write down what was said."),
    Why.OTHER_NOT_ALLOWED: mark("The chosen options take no words of their own."),
    Why.UNKNOWN_ROW: mark("There is no such row."),
    Why.ROW_MISSING: mark("A row has no answer."),
    Why.NOT_A_NUMBER: mark("This must be a number."),
    Why.TOO_MANY_DECIMALS: mark("At most %(places)s digits after the point."),
    Why.TOO_SMALL: mark("At least %(least)s."),
    Why.TOO_LARGE: mark("At most %(most)s."),
    Why.NOT_A_DATE: mark("This must be a date."),
    Why.TOO_EARLY: mark("Not before %(earliest)s."),
    Why.TOO_LATE: mark("Not after %(latest)s."),
    Why.TOO_SHORT: mark("At least %(least)s characters."),
    Why.TOO_LONG: mark("At most %(most)s characters."),
    Why.WRONG_PATTERN: mark("It must look like %(mask)s (# a digit, @ a letter)."),
    Why.NOT_A_PHONE: mark("This is no telephone number."),
    Why.NOT_AN_EMAIL: mark("This is no e-mail address."),
    Why.UNKNOWN_PART: mark("There is no such part of an address."),
    Why.PART_MISSING: mark("The address is not complete."),
    Why.RULE_BROKEN: mark("The answer does not fit this question's rule."),
}

#: What stands in the place of an answer.
NO_ANSWERS: Mapping[NoAnswer, str] = {
    NoAnswer.DONT_KNOW: mark("Don't know"),
    NoAnswer.REFUSED: mark("Refuses to answer"),
    NoAnswer.BLANK: mark("Passed over"),
}

UNKNOWN = mark("The answer cannot be taken.")


def reason_words(say: Callable[[str], str], reason: str, facts: Mapping[str, Any]) -> str:
    """Return a refusal's sentence in the reader's language, its facts filled in."""
    if reason not in {why.value for why in Why}:
        return say(UNKNOWN)
    return say(SENTENCES[Why(reason)]) % dict(facts)
