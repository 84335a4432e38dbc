"""One search: answers are given in order until a goal holds at a question, or nothing is left to try."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from campaigns.forms.answering.answers import Answer
from campaigns.forms.answering.compiled import parsed
from campaigns.forms.checks.known import Known
from campaigns.forms.checks.samples import (
    SOME_DAY,
    Samples,
    samples_of,
    samples_of_field,
)
from campaigns.forms.expressions.evaluating import Facts, evaluate, is_true
from campaigns.forms.expressions.nodes import Reference, Value
from campaigns.forms.form import Section
from campaigns.forms.question_parts import Asking
from campaigns.forms.questions import Calculated, Question
from campaigns.forms.words import NoAnswer

#: Questions that hang together; the search goes one deeper for each.
MOST_ITEMS = 150

Goal = Callable[
    [Facts, bool], bool
]  #: what is known at the place, and whether the question is shown


class TooManyError(Exception):
    """The combinations are too many."""


@dataclass(slots=True)
class Trial:
    """One search: answers are given in order until the goal holds, or nothing is left to try."""

    known: Known
    code: str
    goal: Goal
    looking_at: frozenset[Reference]
    with_all: bool = False
    complete: bool = True
    left: int = 0
    values: dict[str, Value] = field(default_factory=dict)
    no_answers: dict[str, NoAnswer] = field(default_factory=dict)
    contact: dict[str, str] = field(default_factory=dict)
    facts: Facts = field(init=False)
    items: list[int] = field(init=False)
    fields: list[str] = field(init=False)
    looked_at: frozenset[str] = frozenset()  #: questions on whose value something hangs
    samples: dict[str, Samples] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.facts = Facts(self.values, self.no_answers, self.contact, SOME_DAY)
        codes, fields = self._needed()
        self.items = sorted(self.known.place[code] for code in codes)
        self.fields = sorted(fields)
        self.complete = not codes & self.known.dated
        self.looked_at = frozenset(
            one.name
            for code in codes
            for one in (*self.known.deciding(code), *self._guards_on_others(code), *self.looking_at)
        )

    def _guards_on_others(self, code: str) -> list[Reference]:
        return [one for one in self.known.guards(code) if one.name != code]

    def _needed(self) -> tuple[set[str], set[str]]:
        """Return the questions and fields on which the goal hangs, directly or through others."""
        known, end = self.known, self.known.place[self.code]
        earlier = [code for code in known.guarded if known.place[code] < end]
        codes, fields = {self.code}, set[str]()
        waiting = [*self.looking_at, *known.deciding(self.code)]
        added = True
        while waiting or added:
            while waiting:
                one = waiting.pop()
                if one.contact:
                    fields.add(one.name)
                elif one.name in known.place and one.name not in codes:
                    codes.add(one.name)
                    waiting += known.deciding(one.name)
            guards = [code for code in earlier if self._matters(code, codes, fields)]
            added = bool(guards)
            for code in guards:
                earlier.remove(code)
                codes.add(code)
                waiting += [*known.deciding(code), *known.guards(code)]
        return codes, fields

    def _matters(self, code: str, codes: set[str], fields: set[str]) -> bool:
        """Return whether it changes anything that a question may send people away or ahead."""
        known = self.known
        names = {other.name for other in known.guards(code)} | {code}
        if self.with_all or names & (codes | fields):
            return True
        question = known.order[known.place[code]][1]
        ahead = [self._target(skip.to) for skip in getattr(question, "skips", ())]
        leapt = range(known.place[code] + 1, max(ahead, default=0))
        return any(known.place[each] in leapt for each in codes)

    def run(self) -> bool:
        """Return whether the goal can hold.

        Raises:
            TooManyError: the budget is used up.
        """
        if len(self.items) > MOST_ITEMS:
            raise TooManyError
        return self._with_field(0)

    def _spend(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise TooManyError

    def _with_field(self, number: int) -> bool:
        if number == len(self.fields):
            return self._from(0, 0)
        name = self.fields[number]
        tried = samples_of_field(self.known.said_of(name, contact=True))
        self.complete = self.complete and tried.complete
        for answer in tried.answers:
            self._spend()
            self.contact[name] = str(answer.value or "")
            if self._with_field(number + 1):
                return True
        return False

    def _from(self, number: int, landing: int) -> bool:
        """Go on with the item of that number; what lies before ``landing`` was skipped."""
        self._spend()
        if landing > self.items[-1]:
            return self.goal(self.facts, False)  # led past it, or sent away
        at = self.items[number]
        section, question = self.known.order[at]
        is_last = question.code == self.code
        shown = at >= landing and self._is_shown(section, question)
        if not shown:
            return self.goal(self.facts, False) if is_last else self._from(number + 1, landing)
        if is_last and self.goal(self.facts, True):
            return True
        if isinstance(question, Calculated):
            answer = Answer(evaluate(parsed(question.expression), self.facts))
            return self._with(question, answer, number, landing, is_last=is_last)
        tried = self._samples(question)
        if not is_last and question.code not in self.looked_at:
            return self._by_effect(question, tried, number, landing)
        return any(
            self._with(question, answer, number, landing, is_last=is_last)
            for answer in tried.answers
        )

    def _by_effect(self, question: Question, tried: Samples, number: int, landing: int) -> bool:
        """Try one answer for each place the interview goes on at: nothing else hangs on this question."""
        places: dict[int, None] = {}
        for answer in tried.answers:
            self._spend()
            if self._fits(question, answer):
                with self._having(question.code, answer):
                    places[self._onward(question, landing)] = None
        return any(self._from(number + 1, place) for place in sorted(places))

    def _is_shown(self, section: Section, question: Question) -> bool:
        texts = [text for text in (section.show_if, question.show_if) if text]
        return all(is_true(parsed(text), self.facts) for text in texts)

    def _samples(self, question: Question) -> Samples:
        known = self.samples.get(question.code)
        if known is None:
            known = samples_of(question, self.known.said_of(question.code, contact=False))
            self.samples[question.code] = known
        self.complete = self.complete and known.complete
        return known

    def _with(
        self, question: Question, answer: Answer, number: int, landing: int, *, is_last: bool
    ) -> bool:
        """Go on with this answer, and take it back afterwards."""
        self._spend()
        if not self._fits(question, answer):
            return False
        with self._having(question.code, answer):
            if is_last:
                return self.goal(self.facts, True)
            return self._from(number + 1, self._onward(question, landing))

    @contextmanager
    def _having(self, code: str, answer: Answer) -> Iterator[None]:
        """Have an answer known for a while."""
        self.values[code] = answer.value
        if answer.no_answer is not None:
            self.no_answers[code] = answer.no_answer
        try:
            yield
        finally:
            del self.values[code]
            self.no_answers.pop(code, None)

    def _fits(self, question: Question, answer: Answer) -> bool:
        if not isinstance(question, Asking) or not question.valid_if or answer.value is None:
            return True
        values = {**self.values, question.code: answer.value, "value": answer.value}
        return is_true(
            parsed(question.valid_if), Facts(values, self.no_answers, self.contact, SOME_DAY)
        )

    def _onward(self, question: Question, landing: int) -> int:
        """Return where the interview goes on after an answer; behind everything when it ends."""
        if not isinstance(question, Asking):
            return landing
        if question.screen_out_if and is_true(parsed(question.screen_out_if), self.facts):
            return len(self.known.order)
        for skip in question.skips:
            if is_true(parsed(skip.when), self.facts):
                return max(landing, self._target(skip.to))
        return landing

    def _target(self, to: str) -> int:
        if to == "end":
            return len(self.known.order)
        at = self.known.place.get(to)
        if at is not None:
            return at
        inside = (n for n, (section, _) in enumerate(self.known.order) if section.code == to)
        return next(inside, 0)
