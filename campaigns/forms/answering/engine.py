"""What is asked next, what may be recorded, what counts: pure, and the same for every resume.

All of it is one walk from the first question: what the walk does not come to is not asked, and its answer, if
there was one, is kept but counts nowhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from campaigns.forms.answering.answers import Answer, Answers, Given, Person, Refused
from campaigns.forms.answering.compiled import Step, landing, parsed, steps
from campaigns.forms.answering.settling import settle
from campaigns.forms.expressions.evaluating import Facts, evaluate, is_true
from campaigns.forms.expressions.nodes import Parts, Value
from campaigns.forms.form import Form
from campaigns.forms.question_parts import Asking
from campaigns.forms.questions import Calculated, Question
from campaigns.forms.words import AnswerRefusal, Ending, NoAnswer

NOBODY = Person()


@dataclass(frozen=True, slots=True)
class Walk:
    """Where an interview is."""

    path: tuple[
        str, ...
    ]  #: questions gone through, in order; the one to be asked is not among them
    counted: Mapping[str, Answer]  #: what reaches the result, calculated values too
    facts: Facts
    next: Question | None = None
    ending: Ending | None = None  #: None while there is a next question
    progress: float = 0.0  #: 0..1


@dataclass(slots=True)
class _Walker:
    form: Form
    answers: Answers
    person: Person
    path: list[str] = field(default_factory=list)
    counted: dict[str, Answer] = field(default_factory=dict)
    values: dict[str, Value] = field(default_factory=dict)
    no_answers: dict[str, NoAnswer] = field(default_factory=dict)
    facts: Facts = field(init=False)

    def __post_init__(self) -> None:
        self.facts = Facts(self.values, self.no_answers, self.person.contact, self.person.today)

    def shown(self, step: Step) -> bool:
        conditions = (step.section.show_if, step.question.show_if)
        return all(is_true(parsed(text), self.facts) for text in conditions if text)

    def count(self, code: str, answer: Answer) -> None:
        self.counted[code] = answer
        self.values[code] = answer.value
        if answer.other:
            self.values[f"{code}.other"] = answer.other
        if answer.no_answer is not None:
            self.no_answers[code] = answer.no_answer


def walk(form: Form, answers: Answers, person: Person = NOBODY) -> Walk:
    """Return where an interview with these answers is."""
    walker = _Walker(form, answers, person)
    ordered = steps(form, person.seed)
    at = 0
    while at < len(ordered):
        step = ordered[at]
        question = step.question
        if not walker.shown(step):
            at += 1
            continue
        if isinstance(question, Calculated):
            value = evaluate(parsed(question.expression), walker.facts)
            if value is not None:
                walker.count(question.code, Answer(value))
            at += 1
            continue
        answer = _standing(walker, question)
        if answer is None:
            return _walked(walker, question, None, at / len(ordered))
        walker.path.append(question.code)
        if isinstance(question, Asking):
            walker.count(question.code, answer)
            if question.screen_out_if and is_true(parsed(question.screen_out_if), walker.facts):
                return _walked(walker, None, Ending.SCREENED_OUT, 1.0)
        at = _following(walker, ordered, at)
    return _walked(walker, None, Ending.COMPLETE, 1.0)


def _walked(
    walker: _Walker, question: Question | None, ending: Ending | None, progress: float
) -> Walk:
    path = tuple(walker.path)
    return Walk(path, walker.counted, walker.facts, question, ending, progress)


def _standing(walker: _Walker, question: Question) -> Answer | None:
    """Return the answer on file if it still stands: an earlier one may have changed what is allowed."""
    answer = walker.answers.get(question.code)
    if answer is None or _broken_rule(question, answer, walker.facts) is not None:
        return None
    return answer


def _following(walker: _Walker, ordered: tuple[Step, ...], at: int) -> int:
    question = ordered[at].question
    if isinstance(question, Asking):
        for skip in question.skips:
            if is_true(parsed(skip.when), walker.facts):
                # A skip backwards would be a loop: publishing refuses it, and here it goes nowhere.
                return landing(ordered, skip.to, at) or at + 1
    return at + 1


def _broken_rule(question: Question, answer: Answer, facts: Facts) -> Refused | None:
    if not isinstance(question, Asking) or not question.valid_if or answer.value is None:
        return None
    others = {**facts.values, question.code: answer.value, "value": answer.value}
    known = Facts(others, facts.no_answers, facts.contact, facts.today)
    if is_true(parsed(question.valid_if), known):
        return None
    said = dict(question.valid_message.by_language)
    return Refused(
        AnswerRefusal.RULE_BROKEN, "The answer does not fit this question's rule.", {"texts": said}
    )


def next_question(form: Form, answers: Answers, person: Person = NOBODY) -> Question | None:
    """Return what is asked next, None when the interview has ended."""
    return walk(form, answers, person).next


def record(
    form: Form, answers: Answers, code: str, value: Any, person: Person = NOBODY
) -> Answers | Refused:
    """Return the answers with one more, or why it is not taken.

    Args:
        form: The version the interview began with.
        answers: What was answered so far.
        code: The question: the next one, or one on the path whose answer changes.
        value: A ``Given``, a ``NoAnswer``, or the value alone.
        person: Who is asked.
    """
    question = form.by_code.get(code)
    if question is None or isinstance(question, Calculated):
        return Refused(AnswerRefusal.NO_SUCH_QUESTION, "There is no such question to be asked.")
    now = walk(form, answers, person)
    if code not in now.path and (now.next is None or now.next.code != code):
        return Refused(AnswerRefusal.NOT_ASKED, "This question is not asked now.")
    answer = settle(form, question, _given(value))
    if isinstance(answer, Refused):
        return answer
    # What the rule may look at is what was known when the question is reached.
    before = walk(form, _without(answers, code), person)
    broken = _broken_rule(question, answer, before.facts)
    return broken if broken is not None else answers.having(code, answer)


def _given(value: Any) -> Given:
    match value:
        case Given():
            return value
        case NoAnswer():
            return Given(no_answer=value)
        case Parts(items=items):
            return Given(dict(items))
        case _:
            return Given(value)


def _without(answers: Answers, code: str) -> Answers:
    return Answers({other: answer for other, answer in answers.by_code.items() if other != code})


def result_answers(form: Form, answers: Answers, person: Person = NOBODY) -> dict[str, Answer]:
    """Return what counts, by code in the order it was asked: only what the path came to.

    Notes and prompts are not in it; calculated values are. Answers off the path stay in ``answers`` and count
    again when the path comes back to them.
    """
    return dict(walk(form, answers, person).counted)


def path(form: Form, answers: Answers, person: Person = NOBODY) -> tuple[str, ...]:
    """Return the questions the interview has gone through, in order."""
    return walk(form, answers, person).path


def progress(form: Form, answers: Answers, person: Person = NOBODY) -> float:
    """Return how far the interview is, 0..1; going on never makes it smaller."""
    return walk(form, answers, person).progress
