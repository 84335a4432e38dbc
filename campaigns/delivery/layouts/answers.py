"""Columns of a form's answers: one or several for a question, all versions merged."""

from collections.abc import Iterator, Mapping

from campaigns.delivery.layouts.columns import Column, Value
from campaigns.delivery.words import ColumnKind as Kind
from campaigns.delivery.words import ColumnSource as Source
from campaigns.forms.form import Form
from campaigns.forms.question_parts import Asking, Option
from campaigns.forms.questions import (
    Address,
    DateQuestion,
    Matrix,
    Money,
    Multiple,
    Nps,
    NumberQuestion,
    Question,
    Ranking,
    Scale,
    Single,
)
from campaigns.forms.texts import Text
from campaigns.forms.versions import merged_columns

_KINDS: dict[type[Question], Kind] = {
    DateQuestion: Kind.DATE,
    Scale: Kind.INTEGER,
    Nps: Kind.INTEGER,
    NumberQuestion: Kind.NUMBER,
    Money: Kind.NUMBER,
}


def answer_columns(versions: Mapping[int, Form], language: str = "") -> list[Column]:
    """Return the columns for the answers of several versions, by number; the newest gives the words.

    Options that only an older version had follow those of the newest: their codes are in the files.
    """
    found: list[Column] = []
    for merged in merged_columns(versions):
        asked = [versions[number] for number in sorted(merged.versions, reverse=True)]
        questions = [form.by_code[merged.code] for form in asked]
        words = _Words(language or asked[0].languages[0])
        limits = _limits(merged.code, merged.versions, versions)
        found.extend(_columns(merged.name, questions, words, limits))
    return found


def _limits(code: str, mine: tuple[int, ...], versions: Mapping[int, Form]) -> tuple[int, ...]:
    """Return the versions to look at when the code means something else in others."""
    kinds = {form.by_code[code].type for form in versions.values() if code in form.by_code}
    return mine if len(kinds) > 1 else ()


class _Words:
    """The words of a question in one language."""

    def __init__(self, language: str) -> None:
        self._language = language

    def of(self, text: Text) -> str:
        return " ".join(text.within(self._language).split())


def _columns(
    name: str, questions: list[Question], words: _Words, versions: tuple[int, ...]
) -> Iterator[Column]:
    question = questions[0]
    label = words.of(question.text) or question.code
    silent = any(
        isinstance(one, Asking) and (one.dont_know or one.refused or not one.required)
        for one in questions
    )

    def column(
        source: Source, kind: Kind, suffix: str = "", part: str = "", more: str = "",
        values: tuple[Value, ...] = (),
    ) -> Column:  # fmt: skip
        said = f"{label}: {more}" if more else label
        # Words beside an option are there, or nobody said any.
        may_lack = silent and source is not Source.OTHER
        return Column(
            name + suffix, source, question.code, kind, part, said, values, versions, may_lack
        )

    options = _options(questions)
    values = _values(options, words)
    match question:
        case Single():
            yield column(Source.ANSWER, Kind.CHOICE, values=values)
        case Multiple():
            for value in values:
                flag = column(Source.OPTION, Kind.FLAG, f"_{value.code}", value.code, value.label)
                yield flag
        case Ranking():
            for place in range(len(options)):
                yield column(
                    Source.RANK, Kind.CHOICE, f"_{place + 1}", str(place), str(place + 1), values
                )
        case Matrix():
            for row in _rows(questions):
                said = words.of(row.text)
                yield column(Source.PART, Kind.CHOICE, f"_{row.code}", row.code, said, values)
        case Address():
            for part in _parts(questions):
                said = words.of(part.text) or part.code
                yield column(Source.PART, Kind.TEXT, f"_{part.code}", part.code, said)
        case _:
            yield column(Source.ANSWER, _KINDS.get(type(question), Kind.TEXT))
    if any(option.other for option in options) and not isinstance(question, Matrix):
        yield column(Source.OTHER, Kind.TEXT, "_other", more="other")


def _options(questions: list[Question]) -> list[Option]:
    known: dict[str, Option] = {}
    for question in questions:
        for option in getattr(question, "options", ()):
            known.setdefault(option.code, option)
    return list(known.values())


def _rows(questions: list[Question]) -> list[Option]:
    known: dict[str, Option] = {}
    for question in questions:
        for row in getattr(question, "rows", ()):
            known.setdefault(row.code, row)
    return list(known.values())


def _parts(questions: list[Question]) -> list[Option]:
    known: dict[str, Option] = {}
    for question in questions:
        for part in getattr(question, "parts", ()):
            known.setdefault(part.code, part)
    return list(known.values())


def _values(options: list[Option], words: _Words) -> tuple[Value, ...]:
    """Return the codebook: codes that are all small numbers stand for themselves, others are counted."""
    codes = [option.code for option in options]
    own = all(code.isdecimal() and len(code) < 10 for code in codes) and len(
        {int(code) for code in codes}
    ) == len(codes)
    return tuple(
        Value(option.code, words.of(option.text) or option.code, int(option.code) if own else at)
        for at, option in enumerate(options, start=1)
    )
