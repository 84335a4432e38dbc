"""What expressions look at: it must exist, come before, and not be rotated behind."""

from collections.abc import Iterator

from campaigns.forms.checks.findings import Finding, Usage, usages
from campaigns.forms.expressions.nodes import Reference, references
from campaigns.forms.expressions.parsing import BadExpression, parse
from campaigns.forms.form import Form, Section
from campaigns.forms.question_parts import Asking
from campaigns.forms.questions import Calculated
from campaigns.forms.words import FindingCode


def check_references(form: Form) -> Iterator[Finding]:
    """Yield expressions that cannot be read, and what they cannot look at."""
    places = {question.code: at for at, question in enumerate(form.questions())}
    homes = {q.code: section for section in form.sections for q in section.questions}
    circles = _circles(form)
    for usage in usages(form):
        try:
            node = parse(usage.text)
        except BadExpression as error:
            yield Finding(
                FindingCode.BAD_EXPRESSION,
                usage.place,
                f"The expression cannot be read: {error}.",
                "docs/forms.md tells the language.",
            )
            continue
        for reference in sorted(references(node), key=Reference.path):
            yield from _reference(form, usage, reference, places, homes, circles)


def _reference(
    form: Form,
    usage: Usage,
    reference: Reference,
    places: dict[str, int],
    homes: dict[str, Section],
    circles: dict[str, frozenset[str]],
) -> Iterator[Finding]:
    name = reference.name
    if reference.contact:
        if name not in form.contact_fields:
            yield Finding(
                FindingCode.UNKNOWN_FIELD,
                usage.place,
                f"The form does not know the contact's field {name}.",
                "Add it to `contact_fields`, or mend the name.",
            )
        return
    if name == "value" and usage.rule:
        return
    target = form.by_code.get(name)
    if target is None or not isinstance(target, Asking | Calculated):
        yield Finding(
            FindingCode.UNKNOWN_REFERENCE,
            usage.place,
            f"There is no answer {name}." if target is None else f"{name} has no answer.",
            "Name the code of an earlier question that is answered.",
        )
        return
    latest = usage.at if usage.sees_itself else usage.at - 1
    if places[name] > latest:
        yield _not_yet(usage, name, circles)
    elif _rotates(usage, name, homes[name]):
        yield Finding(
            FindingCode.ROTATED_REFERENCE,
            usage.place,
            f"{name} comes later for some people: the two rotate together.",
            "Take one of them out of what rotates.",
        )


def _not_yet(usage: Usage, name: str, circles: dict[str, frozenset[str]]) -> Finding:
    own = usage.question.code if usage.question else ""
    if own and (name == own or own in circles.get(name, frozenset())):
        return Finding(
            FindingCode.LOOP,
            usage.place,
            f"{own} hangs on {name}, and {name} on {own}: neither can be decided first.",
            "Let the later one alone look at the earlier one.",
        )
    return Finding(
        FindingCode.FORWARD_REFERENCE,
        usage.place,
        f"{name} is not answered yet when this is decided.",
        "Move the question behind it, or ask something earlier.",
    )


def _rotates(usage: Usage, name: str, home: Section) -> bool:
    if usage.question is not None and usage.question.code == name:
        return False
    if home is usage.section:
        return home.rotate and usage.question is not None
    return bool(home.block) and home.block == usage.section.block


def _circles(form: Form) -> dict[str, frozenset[str]]:
    """Return for each question everything its being asked, or its value, hangs on."""
    direct: dict[str, set[str]] = {}
    for usage in usages(form):
        if usage.sees_itself or usage.rule:
            continue
        names = {one.name for one in references(usage.node()) if not one.contact}
        owners = [usage.question] if usage.question else list(usage.section.questions)
        for owner in owners:
            direct.setdefault(owner.code, set()).update(names)
    return {code: _closure(code, direct) for code in direct}


def _closure(code: str, direct: dict[str, set[str]]) -> frozenset[str]:
    found: set[str] = set()
    waiting = list(direct.get(code, ()))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(direct.get(name, ()))
    return frozenset(found)
