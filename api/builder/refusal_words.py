"""Why an answer is not taken, in the reader's language."""

from collections.abc import Callable

from api.labels import mark
from campaigns.forms.answering.answers import Refused
from campaigns.forms.words import AnswerRefusal

WORDS = {
    AnswerRefusal.NOT_ASKED: mark("This question is not asked now."),
    AnswerRefusal.NO_SUCH_QUESTION: mark("There is no such question to be asked."),
    AnswerRefusal.REQUIRED: mark("This question needs an answer."),
    AnswerRefusal.NO_ANSWER_NOT_ALLOWED: mark("Here this is not an answer."),
    AnswerRefusal.WRONG_SHAPE: mark("The answer is of another kind."),
    AnswerRefusal.UNKNOWN_OPTION: mark("There is no such option."),
    AnswerRefusal.DOUBLE_OPTION: mark("An option is there twice: give each a place of its own."),
    AnswerRefusal.EXCLUSIVE_OPTION: mark(
        "One of the options cannot be chosen together with others."
    ),
    AnswerRefusal.TOO_FEW: mark("Choose at least %(least)s."),
    AnswerRefusal.TOO_MANY: mark("Choose at most %(most)s."),
    AnswerRefusal.OTHER_NEEDS_TEXT: mark("Write the words of this option."),
    AnswerRefusal.OTHER_NOT_ALLOWED: mark("No chosen option takes words of its own."),
    AnswerRefusal.UNKNOWN_ROW: mark("There is no such row."),
    AnswerRefusal.ROW_MISSING: mark("A row has no answer."),
    AnswerRefusal.NOT_A_NUMBER: mark("A number is wanted."),
    AnswerRefusal.TOO_MANY_DECIMALS: mark("At most %(places)s digits after the point."),
    AnswerRefusal.TOO_SMALL: mark("At least %(least)s."),
    AnswerRefusal.TOO_LARGE: mark("At most %(most)s."),
    AnswerRefusal.NOT_A_DATE: mark("A date is wanted."),
    AnswerRefusal.TOO_EARLY: mark("Not before %(earliest)s."),
    AnswerRefusal.TOO_LATE: mark("Not after %(latest)s."),
    AnswerRefusal.TOO_SHORT: mark("At least %(least)s characters."),
    AnswerRefusal.TOO_LONG: mark("At most %(most)s characters."),
    AnswerRefusal.WRONG_PATTERN: mark("It must look like %(mask)s."),
    AnswerRefusal.NOT_A_PHONE: mark("This is no telephone number."),
    AnswerRefusal.NOT_AN_EMAIL: mark("This is no e-mail address."),
    AnswerRefusal.UNKNOWN_PART: mark("An address has no such part here."),
    AnswerRefusal.PART_MISSING: mark("A part of the address is missing."),
    AnswerRefusal.RULE_BROKEN: mark("The answer does not fit this question's rule."),
}


def refusal_words(say: Callable[[str], str], refused: Refused, language: str) -> str:
    """Return why an answer is not taken; a rule says what its author wrote in the interview's language."""
    texts = refused.facts.get("texts") or {}
    if refused.reason is AnswerRefusal.RULE_BROKEN and texts:
        return str(texts.get(language) or texts.get("") or next(iter(texts.values())))
    try:
        return say(WORDS[refused.reason]) % refused.facts
    except KeyError:
        return say(refused.sentence)
