"""Answers that choose: one option, several, an order, one for each row."""

from collections.abc import Mapping, Sequence
from typing import Any

from campaigns.forms.answering.answers import Answer, Given, Refused
from campaigns.forms.expressions.nodes import Parts
from campaigns.forms.question_parts import Option
from campaigns.forms.questions import Matrix, Multiple, Ranking, Single
from campaigns.forms.words import AnswerRefusal

MOST_OTHER = 1_000  #: characters of an option's own words


def settle_single(question: Single, given: Given) -> Answer | Refused:
    """Return the one option that was chosen."""
    code = _code(given.value)
    if code is None:
        return _shape("one option")
    option = _option(question.options, code)
    if option is None:
        return _unknown(code)
    other = _other([option], given.other)
    return other if isinstance(other, Refused) else Answer(code, other=other)


def settle_multiple(question: Multiple, given: Given) -> Answer | Refused:
    """Return the options that were chosen, in the form's order."""
    chosen = _chosen(question.options, given.value)
    if isinstance(chosen, Refused):
        return chosen
    exclusive = [option.code for option in chosen if option.exclusive]
    if exclusive and len(chosen) > 1:
        sentence = "One of the options cannot be chosen together with others."
        return Refused(AnswerRefusal.EXCLUSIVE_OPTION, sentence, {"options": exclusive})
    if not exclusive and len(chosen) < question.least:
        return _few(question.least)
    if question.most is not None and len(chosen) > question.most:
        return _many(question.most)
    other = _other(chosen, given.other)
    if isinstance(other, Refused):
        return other
    codes = {option.code for option in chosen}
    return Answer(tuple(o.code for o in question.options if o.code in codes), other=other)


def settle_ranking(question: Ranking, value: Any) -> Answer | Refused:
    """Return the options in the order they were put in."""
    chosen = _chosen(question.options, value)
    if isinstance(chosen, Refused):
        return chosen
    wanted = min(question.top or len(question.options), len(question.options))
    if len(chosen) < wanted:
        return _few(wanted)
    if len(chosen) > wanted:
        return _many(wanted)
    return Answer(tuple(option.code for option in chosen))


def settle_matrix(question: Matrix, value: Any) -> Answer | Refused:
    """Return the option of each row; a required matrix wants all rows."""
    if not isinstance(value, Mapping | Parts):
        return _shape("an option for each row")
    pairs = dict(value.items) if isinstance(value, Parts) else dict(value)
    rows = [row.code for row in question.rows]
    for row, option in pairs.items():
        if str(row) not in rows:
            sentence = f"There is no row {row}."
            return Refused(AnswerRefusal.UNKNOWN_ROW, sentence, {"row": row})
        code = _code(option)
        if code is None or _option(question.options, code) is None:
            return _unknown(str(option))
    said = {str(row): str(option) for row, option in pairs.items()}
    missing = [row for row in rows if row not in said]
    if missing and question.required:
        return Refused(AnswerRefusal.ROW_MISSING, "A row has no answer.", {"rows": missing})
    return Answer(Parts(tuple((row, said[row]) for row in rows if row in said)))


def _chosen(options: Sequence[Option], value: Any) -> list[Option] | Refused:
    if isinstance(value, str) or not isinstance(value, Sequence):
        return _shape("a list of options")
    found: list[Option] = []
    for raw in value:
        code = _code(raw)
        option = _option(options, code) if code is not None else None
        if option is None:
            return _unknown(str(raw))
        if option in found:
            sentence = f"{option.code} is there twice."
            return Refused(AnswerRefusal.DOUBLE_OPTION, sentence, {"option": option.code})
        found.append(option)
    return found


def _code(raw: object) -> str | None:
    if isinstance(raw, bool) or not isinstance(raw, str | int):
        return None
    return str(raw)


def _option(options: Sequence[Option], code: str) -> Option | None:
    return next((option for option in options if option.code == code), None)


def _other(chosen: Sequence[Option], words: str) -> str | Refused:
    words = words.strip()
    if not any(option.other for option in chosen):
        if words:
            sentence = "The chosen options take no words of their own."
            return Refused(AnswerRefusal.OTHER_NOT_ALLOWED, sentence)
        return ""
    if not words:
        return Refused(AnswerRefusal.OTHER_NEEDS_TEXT, "Write down what was said.")
    if len(words) > MOST_OTHER or "\0" in words:
        sentence = f"At most {MOST_OTHER} characters."
        return Refused(AnswerRefusal.TOO_LONG, sentence, {"most": MOST_OTHER})
    return words


def _shape(wanted: str) -> Refused:
    return Refused(AnswerRefusal.WRONG_SHAPE, f"The answer must be {wanted}.")


def _unknown(code: str) -> Refused:
    return Refused(
        AnswerRefusal.UNKNOWN_OPTION, "There is no such option here.", {"option": code[:80]}
    )


def _few(least: int) -> Refused:
    return Refused(AnswerRefusal.TOO_FEW, f"Choose at least {least}.", {"least": least})


def _many(most: int) -> Refused:
    return Refused(AnswerRefusal.TOO_MANY, f"Choose at most {most}.", {"most": most})
