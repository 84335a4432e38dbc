"""What may be asked from the open question on: for a window without a connection, and so the engine."""

from dataclasses import dataclass

from campaigns.forms.answering.answers import Answers, Person
from campaigns.forms.answering.compiled import Step, steps
from campaigns.forms.answering.engine import Walk
from campaigns.forms.form import Form
from campaigns.forms.questions import Calculated, Question


@dataclass(frozen=True, slots=True)
class Coming:
    """A question that may be asked; where it is not ``sure``, an answer before it decides."""

    question: Question
    sure: bool


def coming(
    form: Form, answers: Answers, now: Walk, person: Person, most: int
) -> tuple[Coming, ...]:
    """Return the open question and those without an answer behind it, in the person's order.

    Whatever is answered, the engine asks no others of the first ``most``, and none in another order.
    """
    if now.next is None:
        return ()
    ordered = steps(form, person.seed)
    places = [step.question.code for step in ordered]
    behind = ordered[places.index(now.next.code) :]
    return tuple(
        Coming(step.question, sure=step.question == now.next or not _hangs(step))
        for step in behind
        if step.question == now.next
        or (not isinstance(step.question, Calculated) and answers.get(step.question.code) is None)
    )[:most]


def _hangs(step: Step) -> bool:
    return bool(step.section.show_if or step.question.show_if)
