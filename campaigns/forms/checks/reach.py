"""Whether a question can be come to: the answers that matter are tried in order, as a person gives them.

Where one answer stands for all that no expression tells apart, trying is a proof. Where it is not (answers
that are added to each other, too many combinations) the result is ``None``: nobody has decided it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from campaigns.forms.answering.answers import Answer
from campaigns.forms.answering.compiled import parsed
from campaigns.forms.checks.findings import Usage, usages
from campaigns.forms.checks.samples import (
    Mentions,
    Samples,
    mentions,
    samples_of,
    samples_of_field,
)
from campaigns.forms.expressions.evaluating import Facts, evaluate, is_true
from campaigns.forms.expressions.nodes import Call, Node, Reference, Value, references, walk
from campaigns.forms.form import Form, Section
from campaigns.forms.questions import Asking, Calculated, Question
from campaigns.forms.words import NoAnswer

#: Answers tried for one question, and for a whole form: a few seconds at most.
MOST_TRIED, MOST_TRIED_IN_ALL = 20_000, 400_000
#: Questions that hang together; the search goes one deeper for each.
MOST_ITEMS = 150

Goal = Callable[
    [Facts, bool], bool
]  #: what is known at the place, and whether the question is shown


class _TooManyError(Exception):
    """The combinations are too many."""


@dataclass(slots=True)
class Reach:
    """Tries what can happen in a form; the expressions of it are read once."""

    form: Form
    left: int = MOST_TRIED_IN_ALL
    order: list[tuple[Section, Question]] = field(init=False)
    place: dict[str, int] = field(init=False)
    used: dict[str, list[Usage]] = field(init=False)
    by_section: dict[str, frozenset[Reference]] = field(init=False)
    mentioned: dict[tuple[str, bool], list[Node]] = field(init=False)
    guarded: dict[str, frozenset[Reference]] = field(init=False)
    dated: set[str] = field(init=False)  #: questions that hang on the day of the interview

    def __post_init__(self) -> None:
        self.order = [(section, q) for section in self.form.sections for q in section.questions]
        self.place = {question.code: at for at, (_, question) in enumerate(self.order)}
        self.used, self.by_section, self.mentioned, self.dated = {}, {}, {}, set()
        self.guarded = {}
        for usage in usages(self.form):
            self._read(usage)

    def _read(self, usage: Usage) -> None:
        node = usage.node()
        found = references(node)
        owners = [usage.question] if usage.question else list(usage.section.questions)
        if any(isinstance(one, Call) and one.function == "today" for one in walk(node)):
            self.dated |= {owner.code for owner in owners}
        if usage.question is None:
            self.by_section[usage.section.code] = found
        else:
            self.used.setdefault(usage.question.code, []).append(usage)
            if usage.sees_itself:
                known = self.guarded.get(usage.question.code, frozenset())
                self.guarded[usage.question.code] = known | found
        for one in found:
            own = usage.question is not None and one.name == "value"
            name = usage.question.code if own and usage.question else one.name
            self.mentioned.setdefault((name, one.contact), []).append(node)

    def possible(self, code: str, goal: Goal, *, looking_at: frozenset[Reference]) -> bool | None:
        """Return whether the goal can hold at a question, None when that is not decided.

        Args:
            code: The question.
            goal: Looked at when the interview is there, or has gone past it.
            looking_at: What the goal looks at besides the question's own conditions.
        """
        trial = _Trial(self, code, goal, looking_at)
        budget = min(MOST_TRIED, self.left)
        trial.left = budget
        try:
            found = trial.run()
        except _TooManyError:
            return None
        finally:
            self.left -= budget - max(trial.left, 0)
        return None if not found and not trial.complete else found

    def shown(self, code: str) -> bool | None:
        """Return whether a question can be shown to anybody."""
        return self.possible(code, lambda _facts, shown: shown, looking_at=frozenset())

    def conditions(self, code: str) -> frozenset[Reference]:
        """Return what decides whether a question is shown, by itself."""
        section, question = self.order[self.place[code]]
        found = self.by_section.get(section.code, frozenset())
        return found | references(parsed(question.show_if)) if question.show_if else found

    def deciding(self, code: str) -> frozenset[Reference]:
        """Return what decides about a question: whether it is shown, what it may be, what it is worth."""
        found = self.conditions(code)
        for usage in self.used.get(code, ()):
            if usage.rule or not usage.is_condition:
                found |= references(usage.node())
        return frozenset(one for one in found if one.name != "value")

    def guards(self, code: str) -> frozenset[Reference]:
        """Return what decides whether the interview goes on to the next question after this one."""
        return self.guarded.get(code, frozenset())

    def said_of(self, name: str, *, contact: bool) -> Mentions:
        """Return what a question or a field is compared with anywhere; its own rule says ``value``."""
        nodes = self.mentioned.get((name, contact), [])
        said = mentions(name, contact, nodes)
        own = [usage.node() for usage in self.used.get(name, ()) if usage.rule and not contact]
        more = mentions("value", False, own)
        return Mentions(
            said.values + more.values, said.parts | more.parts, said.simple and more.simple
        )


@dataclass(slots=True)
class _Trial:
    """One search: answers are given in order until the goal holds, or nothing is left to try."""

    reach: Reach
    code: str
    goal: Goal
    looking_at: frozenset[Reference]
    complete: bool = True
    left: int = 0
    values: dict[str, Value] = field(default_factory=dict)
    no_answers: dict[str, NoAnswer] = field(default_factory=dict)
    contact: dict[str, str] = field(default_factory=dict)
    facts: Facts = field(init=False)
    items: list[int] = field(init=False)
    fields: list[str] = field(init=False)
    samples: dict[str, Samples] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.facts = Facts(self.values, self.no_answers, self.contact)
        codes, fields = self._needed()
        self.items = sorted(self.reach.place[code] for code in codes)
        self.fields = sorted(fields)
        self.complete = not codes & self.reach.dated

    def _needed(self) -> tuple[set[str], set[str]]:
        """Return the questions and fields on which the goal hangs, directly or through others."""
        reach, end = self.reach, self.reach.place[self.code]
        earlier = [code for code in reach.guarded if reach.place[code] < end]
        codes, fields = {self.code}, set[str]()
        waiting = [*self.looking_at, *reach.deciding(self.code)]
        while waiting:
            one = waiting.pop()
            if one.contact:
                fields.add(one.name)
            elif one.name in reach.place and one.name not in codes:
                codes.add(one.name)
                waiting += reach.deciding(one.name)
            if not waiting:
                # Who may be sent away by an answer on which the goal hangs: those matter too.
                for code in earlier:
                    names = {other.name for other in reach.guards(code)} | {code}
                    if names & (codes | fields) and not names <= codes | fields:
                        codes.add(code)
                        waiting += [*reach.deciding(code), *reach.guards(code)]
        return codes, fields

    def run(self) -> bool:
        """Return whether the goal can hold.

        Raises:
            _TooManyError: the budget is used up.
        """
        if len(self.items) > MOST_ITEMS:
            raise _TooManyError
        return self._with_field(0)

    def _spend(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise _TooManyError

    def _with_field(self, number: int) -> bool:
        if number == len(self.fields):
            return self._from(0, 0)
        name = self.fields[number]
        tried = samples_of_field(self.reach.said_of(name, contact=True))
        self.complete = self.complete and tried.complete
        for answer in tried.answers:
            self._spend()
            self.contact[name] = str(answer.value or "")
            if self._with_field(number + 1):
                return True
        return False

    def _from(self, number: int, landing: int) -> bool:
        """Go on with the item of that number; what lies before ``landing`` was skipped."""
        at = self.items[number]
        section, question = self.reach.order[at]
        is_last = question.code == self.code
        shown = at >= landing and self._is_shown(section, question)
        if not shown:
            return self.goal(self.facts, False) if is_last else self._from(number + 1, landing)
        if is_last and self.goal(self.facts, True):
            return True
        if isinstance(question, Calculated):
            answer = Answer(evaluate(parsed(question.expression), self.facts))
            return self._with(question, answer, number, landing, is_last=is_last)
        return any(
            self._with(question, answer, number, landing, is_last=is_last)
            for answer in self._samples(question).answers
        )

    def _is_shown(self, section: Section, question: Question) -> bool:
        texts = [text for text in (section.show_if, question.show_if) if text]
        return all(is_true(parsed(text), self.facts) for text in texts)

    def _samples(self, question: Question) -> Samples:
        known = self.samples.get(question.code)
        if known is None:
            known = samples_of(question, self.reach.said_of(question.code, contact=False))
            self.samples[question.code] = known
        self.complete = self.complete and known.complete
        return known

    def _with(
        self, question: Question, answer: Answer, number: int, landing: int, *, is_last: bool
    ) -> bool:
        """Go on with this answer, and take it back afterwards."""
        self._spend()
        code = question.code
        if not self._fits(question, answer):
            return False
        self.values[code] = answer.value
        if answer.no_answer is not None:
            self.no_answers[code] = answer.no_answer
        try:
            if is_last:
                return self.goal(self.facts, True)
            onward = self._onward(question, landing)
            return onward is not None and self._from(number + 1, onward)
        finally:
            del self.values[code]
            self.no_answers.pop(code, None)

    def _fits(self, question: Question, answer: Answer) -> bool:
        if not isinstance(question, Asking) or not question.valid_if or answer.value is None:
            return True
        values = {**self.values, question.code: answer.value, "value": answer.value}
        return is_true(parsed(question.valid_if), Facts(values, self.no_answers, self.contact))

    def _onward(self, question: Question, landing: int) -> int | None:
        """Return where the interview goes on after an answer, None when it ends before the goal."""
        if not isinstance(question, Asking):
            return landing
        if question.screen_out_if and is_true(parsed(question.screen_out_if), self.facts):
            return len(self.reach.order)
        for skip in question.skips:
            if is_true(parsed(skip.when), self.facts):
                return max(landing, self._target(skip.to))
        return landing

    def _target(self, to: str) -> int:
        if to == "end":
            return len(self.reach.order)
        at = self.reach.place.get(to)
        if at is not None:
            return at
        inside = (n for n, (section, _) in enumerate(self.reach.order) if section.code == to)
        return next(inside, 0)
