"""Changes of a script, one at a time, as the editor's page asks for them. Pure.

The page shows one language at a time: what it sends replaces the words of that language only.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any

from campaigns.forms.texts import Text
from campaigns.scripts.script import MOST_BRANCHES, Branch, Script, Step
from dialer.errors import Invalid

_STEP_NUMBER = re.compile(r"s(\d{1,6})")


class BadEdit(Invalid):
    """What was sent is no change of this script."""

    code = "bad_edit"
    message = "The script cannot be changed like that."


def starter(languages: tuple[str, ...], words: Mapping[str, str]) -> Script:
    """Return what a new script begins with: a greeting, an offer, a farewell.

    ``words`` are its texts by name, in the first language; the other languages wait for theirs.
    """
    usual = languages[0]

    def text(name: str) -> Text:
        return Text.read({usual: words[name]})

    def step(code: str, name: str, *branches: Branch, ends: bool = False) -> Step:
        title, body = text(f"{name}_title"), text(f"{name}_body")
        return Step(code=code, title=title, body=body, branches=branches, ends=ends)

    return Script(
        languages=languages,
        steps=(
            step(
                *("s1", "greeting"),
                Branch(says=text("greeting_yes"), to="s2"),
                Branch(says=text("greeting_no"), to="s3"),
            ),
            step("s2", "offer", Branch(says=text("offer_done"), to="s3")),
            step("s3", "farewell", ends=True),
        ),
    )


def with_words(script: Script, language: str, sent: Mapping[str, str]) -> Script:
    """Return the script with the words and ways of a sent form; what was not sent stays.

    Fields: ``title.<step>``, ``body.<step>``, ``ends.<step>``, ``says.<step>.<n>``, ``to.<step>.<n>``, and
    ``has.<step>`` for each step that the form showed: an unticked box is not sent.
    """
    steps = [_step_with(step, language, sent) for step in script.steps]
    return _made(script, steps=tuple(steps))


def _step_with(step: Step, language: str, sent: Mapping[str, str]) -> Step:
    if f"has.{step.code}" not in sent:
        return step
    branches = tuple(
        Branch(
            says=_said(branch.says, language, sent.get(f"says.{step.code}.{number}")),
            to=sent.get(f"to.{step.code}.{number}", branch.to)[:40],
        )
        for number, branch in enumerate(step.branches)
    )
    return Step(
        code=step.code,
        title=_said(step.title, language, sent.get(f"title.{step.code}")),
        body=_said(step.body, language, sent.get(f"body.{step.code}")),
        branches=branches,
        ends=f"ends.{step.code}" in sent,
    )


def _said(text: Text, language: str, words: str | None) -> Text:
    if words is None:
        return text
    # Browsers send lines as CR LF. Source: WHATWG HTML, "Constructing the entry list".
    said = {**dict(text.by_language), language: words.replace("\r\n", "\n").strip()}
    try:
        return Text.read({one: kept for one, kept in said.items() if kept})
    except ValueError as error:
        raise BadEdit(f"A text cannot be kept: {error}.") from error


def with_action(script: Script, action: str, *, taken: Collection[str] = ()) -> Script:
    """Return the script after a button of the editor was pressed; ``save`` changes nothing.

    A new step gets a code that is not among ``taken`` either: those of the version that is read now.

    Actions: ``add_step``, ``remove_step:<step>``, ``up:<step>``, ``down:<step>``, ``add_branch:<step>``,
    ``remove_branch:<step>.<n>``.

    Raises:
        BadEdit: there is no such button, or no such step.
    """
    name, _, place = action.partition(":")
    code, _, number = place.partition(".")
    if name in ("", "save", "preview"):
        return script
    if name == "add_step":
        return _made(script, steps=(*script.steps, Step(code=_next_code(script, taken))))
    if code not in script.by_code:
        raise BadEdit("There is no such step any more.")
    match name:
        case "remove_step":
            return _made(script, steps=tuple(one for one in script.steps if one.code != code))
        case "up" | "down":
            return _moved(script, code, -1 if name == "up" else 1)
        case "add_branch":
            if len(script.by_code[code].branches) >= MOST_BRANCHES:
                raise BadEdit("A step has no room for more answers.")
            added = (*script.by_code[code].branches, Branch(says=Text(), to=""))
            return _replaced(script, code, added)
        case "remove_branch" if number.isdecimal():
            kept = [b for n, b in enumerate(script.by_code[code].branches) if n != int(number)]
            return _replaced(script, code, tuple(kept))
    raise BadEdit("There is no such button.")


def _moved(script: Script, code: str, by: int) -> Script:
    steps = list(script.steps)
    at = next(n for n, step in enumerate(steps) if step.code == code)
    to = min(max(at + by, 0), len(steps) - 1)
    steps.insert(to, steps.pop(at))
    return _made(script, steps=tuple(steps))


def _replaced(script: Script, code: str, branches: tuple[Branch, ...]) -> Script:
    steps = tuple(
        step.model_copy(update={"branches": branches}) if step.code == code else step
        for step in script.steps
    )
    return _made(script, steps=steps)


def with_languages(script: Script, languages: tuple[str, ...]) -> Script:
    """Return the script in these languages; words of a language that goes are kept for its return.

    Raises:
        BadEdit: there is none, or something that is no language.
    """
    return _made(script, languages=languages)


def _next_code(script: Script, taken: Collection[str]) -> str:
    """Return a code that no step has or is meant by an answer: codes are places of operators."""
    meant = {branch.to for step in script.steps for branch in step.branches}
    known = {*script.by_code, *meant, *taken}
    numbers = [int(found[1]) for code in known if (found := _STEP_NUMBER.fullmatch(code))]
    return f"s{max(numbers, default=0) + 1}"


def _made(script: Script, **changes: Any) -> Script:
    """Return a changed copy, checked anew: ``model_copy`` checks nothing."""
    try:
        return Script(**{"languages": script.languages, "steps": script.steps, **changes})
    except ValueError as error:
        raise BadEdit(f"The script cannot be kept like that: {_reason(error)}") from error


def _reason(error: ValueError) -> str:
    told = str(error).splitlines()
    return told[-2].strip() if len(told) > 1 else str(error)
