"""Logic that contradicts itself: questions nobody comes to, conditions that never hold, rules nobody fits."""

from collections.abc import Iterator

from campaigns.forms.checks.findings import Finding, Usage
from campaigns.forms.checks.known import Known
from campaigns.forms.checks.reach import Reach
from campaigns.forms.expressions.evaluating import Facts, is_true
from campaigns.forms.expressions.nodes import references
from campaigns.forms.form import Form, Section
from campaigns.forms.question_parts import Asking
from campaigns.forms.questions import Question
from campaigns.forms.words import FindingCode

_REMEDY = "Change the condition, or what leads to it; or take the question out."


def check_logic(form: Form) -> Iterator[Finding]:
    """Yield what can never happen, and what could not be decided.

    The form's references must be in order: who looks ahead or in a circle is told so first.
    """
    known = Known(form)
    reach = Reach(known)
    for _, question in known.order:
        shown = reach.shown(question.code)
        if shown is None:
            yield _undecided(question.code, "whether the question is ever asked")
        elif not shown:
            yield _unreachable(known, question)
            continue
        for usage in known.used.get(question.code, ()):
            if usage.sees_itself:
                yield from _fires(reach, question, usage)
        if isinstance(question, Asking):
            yield from _answerable(reach, question)


def _unreachable(known: Known, question: Question) -> Finding:
    if question.show_if and _alone(known, question) is False:
        return Finding(
            FindingCode.CONTRADICTION,
            f"{question.code}.show_if",
            "The condition contradicts itself: no answers make it true.",
            _REMEDY,
        )
    return Finding(
        FindingCode.UNREACHABLE,
        question.code,
        "Nobody is ever asked this: what leads here and the condition exclude each other.",
        _REMEDY,
    )


def _alone(known: Known, question: Question) -> bool | None:
    """Return whether a question's own condition can hold when everything it looks at may be asked."""
    looked_at = {one.name for one in known.conditions(question.code) if not one.contact}
    kept = tuple(
        Section(code=f"s{at}", questions=(_freed(other),))
        for at, (_, other) in enumerate(known.order)
        if other.code in looked_at and other.code != question.code
    )
    last = Section(code="last", questions=(question,))
    form = known.form.model_copy(update={"sections": (*kept, last)})
    form.__dict__.pop("by_code", None)
    return Reach(Known(form)).shown(question.code)


def _freed(question: Question) -> Question:
    update: dict[str, object] = {"show_if": ""}
    if isinstance(question, Asking):
        update |= {"valid_if": "", "screen_out_if": "", "skips": ()}
    return question.model_copy(update=update)


def _fires(reach: Reach, question: Question, usage: Usage) -> Iterator[Finding]:
    node = usage.node()

    def goal(facts: Facts, shown: bool) -> bool:
        return shown and is_true(node, facts)

    fires = reach.possible(question.code, goal, looking_at=references(node))
    if fires is None:
        yield _undecided(usage.place, "whether the condition ever holds")
    elif not fires:
        yield Finding(
            FindingCode.NEVER_FIRES, usage.place, "The condition never holds here.", _REMEDY
        )


def _answerable(reach: Reach, question: Asking) -> Iterator[Finding]:
    def goal(facts: Facts, shown: bool) -> bool:
        return shown and facts.values.get(question.code) is not None

    possible = reach.possible(question.code, goal)
    if possible is None and question.valid_if:
        yield _undecided(f"{question.code}.valid_if", "whether any answer fits the rule")
    elif possible is False:
        yield Finding(
            FindingCode.NO_VALID_ANSWER,
            f"{question.code}.valid_if",
            "No answer fits the rule and the limits of the question.",
            "Loosen the rule or the limits.",
        )


def _undecided(place: str, what: str) -> Finding:
    return Finding(
        FindingCode.UNDECIDED,
        place,
        f"It could not be decided {what}: too many combinations, or a calculation.",
        "Try it out with `outdial form try`.",
    )
