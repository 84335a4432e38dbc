"""An interview as its page shows it: the question, what is filled in, what was answered before."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from api.answer_words import NO_ANSWERS, reason_words
from campaigns.forms.answering.answers import Answer
from campaigns.forms.answering.looking_ahead import coming
from campaigns.forms.answering.piping import as_plain
from campaigns.forms.answering.showing import shown
from campaigns.forms.interviews import AnswerNotTaken
from campaigns.forms.questions import Calculated, Matrix, Question, Single
from campaigns.forms.talks import Talk
from campaigns.forms.texts import Text
from campaigns.forms.words import NoAnswer

#: Questions a page holds for the time without a connection: some minutes of talk.
MOST_AHEAD = 15
#: Characters of an earlier question that its line shows.
_SHORT = 90


@dataclass(frozen=True, slots=True)
class EarlierAnswer:
    """A question that was gone through."""

    code: str
    text: str  #: shortened
    answer: str  #: in words; empty: none, or nothing was asked
    no_answer: NoAnswer | None
    asks: bool  #: it can be looked at again and changed


@dataclass(frozen=True, slots=True)
class Asked:
    """The question on the page."""

    facts: Mapping[str, Any]  #: as ``showing.shown`` says it
    section: str
    number: int  #: 1 = the first on the path
    again: bool  #: it was answered already and is looked at again
    value: Any = None  #: filled in: the answer, or the contact's field
    other: str = ""
    no_answer: NoAnswer | None = None
    as_it_stands: str = ""  #: of a field that is refreshed: the client's record
    ahead: bool = False  #: it is shown only while there is no connection
    sure: bool = True  #: if so: whatever is answered before, it is asked


@dataclass(frozen=True, slots=True)
class InterviewView:
    """Everything the templates need."""

    talk: Talk
    title: str
    asked: Asked | None  #: None: the interview has ended
    earlier: tuple[EarlierAnswer, ...]
    languages: tuple[str, ...]

    @property
    def no_answers(self) -> Mapping[NoAnswer, str]:
        """What stands in the place of an answer, in words to be translated."""
        return NO_ANSWERS

    @property
    def percent(self) -> int:
        """How far the interview is, 0..100."""
        return round(100 * self.talk.now.progress) if self.talk.ending is None else 100


def view_of(talk: Talk, code: str = "") -> InterviewView:
    """Return the interview at its next question, or at an earlier one of this code."""
    sitting, now = talk.sitting, talk.now
    again = sitting.form.by_code.get(code) if code in now.path else None
    question = again or (now.next if talk.ending is None else None)
    return InterviewView(
        talk=talk,
        title=_said(talk, sitting.form.title),
        asked=_asked(talk, question, again=again is not None) if question else None,
        earlier=tuple(_earlier(talk)),
        languages=sitting.form.languages,
    )


def coming_of(talk: Talk) -> list[Asked]:
    """Return the questions that may come after the open one, for a window that loses its connection."""
    sitting = talk.sitting
    if talk.ending is not None:
        return []
    found = coming(sitting.form, sitting.answers, talk.now, sitting.person, MOST_AHEAD)
    return [
        replace(_asked(talk, one.question, again=False), ahead=True, sure=one.sure) for one in found
    ]


def _said(talk: Talk, text: Text) -> str:
    return as_plain(text, talk.sitting.row.language, talk.sitting.form, talk.now)


def _asked(talk: Talk, question: Question, *, again: bool) -> Asked:
    sitting, path = talk.sitting, talk.now.path
    facts = shown(sitting.form, question, talk.now, sitting.person, sitting.row.language)
    facts["asks"] = question.asks
    section = next(
        section
        for section in sitting.form.sections
        if any(one.code == question.code for one in section.questions)
    )
    # An answer that is asked for again because its rule is broken now is shown as it was.
    held = sitting.answers.get(question.code)
    record = _record(talk, question)
    stored = held.as_json() if held else {}
    return Asked(
        facts=facts,
        section=_said(talk, section.title),
        number=(path.index(question.code) if again else len(path)) + 1,
        again=again,
        value=stored.get("value", facts.get("default") or None) if not _no(held) else None,
        other=held.other if held else record,
        no_answer=held.no_answer if held else None,
        as_it_stands=record,
    )


def _record(talk: Talk, question: Question) -> str:
    field = question.refreshes if isinstance(question, Single) else ""
    return talk.sitting.person.contact.get(field, "")


def _no(held: Answer | None) -> bool:
    return held is not None and held.no_answer is not None


def _earlier(talk: Talk) -> Iterator[EarlierAnswer]:
    for code in talk.now.path:
        question = talk.sitting.form.by_code[code]
        counted = talk.now.counted.get(code)
        text = " ".join(_said(talk, question.text).split())
        short = text if len(text) <= _SHORT else f"{text[: _SHORT - 1].rstrip()}…"
        no_answer = counted.no_answer if counted else None
        yield EarlierAnswer(code, short, _in_words(talk, question), no_answer, question.asks)
    for code in talk.now.counted:
        question = talk.sitting.form.by_code[code]
        if isinstance(question, Calculated):
            name = _said(talk, question.text) or code
            yield EarlierAnswer(code, name, _slot(talk, code), None, asks=False)


def _in_words(talk: Talk, question: Question) -> str:
    """Return an answer in words, as texts put it in; of a matrix row by row."""
    if not question.asks:
        return ""
    if not isinstance(question, Matrix):
        return _slot(talk, question.code)
    rows = ((row, _slot(talk, f"{question.code}.{row.code}")) for row in question.rows)
    return "; ".join(f"{_said(talk, row.text)}: {answer}" for row, answer in rows if answer)


def _slot(talk: Talk, name: str) -> str:
    return _said(talk, Text.read(f"{{{{ answers.{name} }}}}"))


def refusal_words(say: Callable[[str], str], refused: AnswerNotTaken, language: str) -> str:
    """Return why an answer is not taken: the form's own words where it has some."""
    texts = refused.facts.get("texts")
    own = Text.read(texts).within(language) if isinstance(texts, dict) and texts else ""
    return own or reason_words(say, str(refused.facts.get("reason", "")), refused.facts)
