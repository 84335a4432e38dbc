"""What is wrong with a script: answers that lead nowhere, steps nobody reaches, missing words. Pure."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from campaigns.forms.texts import Text
from campaigns.scripts.rich_text import has_bad_braces, variables_in
from campaigns.scripts.script import Script, Step, said_in
from campaigns.scripts.variables import (
    ALWAYS_KNOWN,
    Variable,
    has_stray_braces,
    line_variables,
)
from campaigns.scripts.words import WARNINGS, ScriptFinding


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong at a step."""

    code: ScriptFinding
    step: str = ""  #: its code; empty: the whole script
    detail: str = ""  #: an answer, a variable or a language

    @property
    def bars(self) -> bool:
        """Return whether the script cannot be published with it."""
        return self.code not in WARNINGS


def check(script: Script, *, known_fields: Collection[str] | None = None) -> tuple[Finding, ...]:
    """Return everything that is wrong with a script, in its order.

    ``known_fields`` are the contact's fields that the client's lists have; None asks nothing of them.
    """
    if not script.steps:
        return (Finding(ScriptFinding.NO_STEPS),)
    found: list[Finding] = []
    for step in script.steps:
        found += _branches(script, step)
        found += _words(script, step)
        found += _variables(step, known_fields)
    return (*found, *_ways(script))


def _branches(script: Script, step: Step) -> Iterator[Finding]:
    if not step.branches and not step.ends:
        yield Finding(ScriptFinding.DEAD_END, step.code)
    seen: set[Text] = set()
    for branch in step.branches:
        words = branch.says.within(script.languages[0])
        if branch.to not in script.by_code:
            yield Finding(ScriptFinding.MISSING_TARGET, step.code, words)
        if branch.says in seen and words:
            yield Finding(ScriptFinding.DOUBLE_ANSWER, step.code, words)
        seen.add(branch.says)


def _words(script: Script, step: Step) -> Iterator[Finding]:
    texts = [step.title, *(branch.says for branch in step.branches)]
    if not step.body:
        yield Finding(ScriptFinding.EMPTY_STEP, step.code)
    else:
        texts.append(step.body)
    for language in script.languages:
        if not all(said_in(text, language) for text in texts):
            yield Finding(ScriptFinding.MISSING_LANGUAGE, step.code, language)


def _variables(step: Step, known_fields: Collection[str] | None) -> Iterator[Finding]:
    lines = [said for text in _lines(step) for _, said in text.by_language]
    bodies = [said for _, said in step.body.by_language]
    for said, is_bad in ((lines, has_stray_braces), (bodies, has_bad_braces)):
        if any(is_bad(text) for text in said):
            yield Finding(ScriptFinding.BAD_VARIABLE, step.code, "{{")
    for variable in {one.path: one for one in step_variables(step)}.values():
        if variable.source != "contact":
            if variable.path not in ALWAYS_KNOWN:
                yield Finding(ScriptFinding.BAD_VARIABLE, step.code, variable.path)
        elif known_fields is not None and variable.name not in known_fields:
            yield Finding(ScriptFinding.UNKNOWN_FIELD, step.code, variable.path)


def _lines(step: Step) -> list[Text]:
    return [step.title, *(branch.says for branch in step.branches)]


def step_variables(step: Step) -> Iterator[Variable]:
    """Yield the variables of a step in all languages."""
    for text in _lines(step):
        for _, said in text.by_language:
            yield from line_variables(said)
    for _, said in step.body.by_language:
        yield from variables_in(said)


def _ways(script: Script) -> Iterator[Finding]:
    """Yield steps that nobody reaches, and steps from which the talk cannot end."""
    reached = reached_from(script, script.steps[0].code)
    for step in script.steps:
        if step.code not in reached:
            yield Finding(ScriptFinding.NEVER_REACHED, step.code)
        ways = reached_from(script, step.code)
        if not any(_may_be_left(script, script.by_code[code]) for code in ways):
            yield Finding(ScriptFinding.NO_WAY_OUT, step.code)


def _may_be_left(script: Script, step: Step) -> bool:
    """Tell whether the talk ends at a step, or stops there for a reason that is told at that step."""
    leads_nowhere = any(branch.to not in script.by_code for branch in step.branches)
    return step.ends or leads_nowhere or not step.branches


def reached_from(script: Script, code: str) -> frozenset[str]:
    """Return the steps that can be reached from a step, itself among them."""
    reached: set[str] = set()
    waiting = [code]
    while waiting:
        at = waiting.pop()
        step = script.by_code.get(at)
        if step is None or at in reached:
            continue
        reached.add(at)
        waiting += [branch.to for branch in step.branches]
    return frozenset(reached)
