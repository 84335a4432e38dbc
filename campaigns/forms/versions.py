"""What changed from one version to the next, by question code; and one table for the answers of several."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from campaigns.forms.answering.answers import Answer
from campaigns.forms.checks.wording import texts_of
from campaigns.forms.form import Form
from campaigns.forms.question_parts import Asking
from campaigns.forms.questions import Matrix, Multiple, Question, Ranking, Single
from campaigns.forms.words import ChangeKind

_LOGIC = frozenset({"show_if", "screen_out_if", "skips", "valid_if", "expression", "required"})
_SAID = frozenset({"options", "rows", "parts", "type", "code"})


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two versions."""

    code: str  #: the question's; ``form`` for what belongs to none
    kind: ChangeKind
    detail: str = ""  #: the option, the setting, the kinds


def changes(old: Form, new: Form) -> tuple[Change, ...]:
    """Return what became of each question, in the order of the new version, removed ones last."""
    found: list[Change] = []
    kept_before = [code for code in old.by_code if code in new.by_code]
    kept_now = [code for code in new.by_code if code in old.by_code]
    moved = _moved(kept_before, kept_now)
    homes_before, homes_now = _homes(old), _homes(new)
    for code, question in new.by_code.items():
        before = old.by_code.get(code)
        if before is None:
            found.append(Change(code, ChangeKind.ADDED))
            continue
        if code in moved or homes_before[code] != homes_now[code]:
            found.append(Change(code, ChangeKind.MOVED))
        found.extend(_changed(before, question))
    found += [Change(code, ChangeKind.REMOVED) for code in old.by_code if code not in new.by_code]
    found.extend(_of_form(old, new))
    return tuple(found)


def _homes(form: Form) -> dict[str, str]:
    return {q.code: section.code for section in form.sections for q in section.questions}


def _moved(before: Sequence[str], now: Sequence[str]) -> set[str]:
    """Return the fewest questions whose moving makes the one order the other."""
    place = {code: at for at, code in enumerate(before)}
    # Those that stay are a longest rising run of old places.
    best: list[tuple[int, ...]] = []
    for code in now:
        runs = [run for run in best if place[now[run[-1]]] < place[code]]
        longest = max(runs, key=len, default=())
        best.append((*longest, len(best)))
    stay = {now[at] for at in max(best, key=len, default=())}
    return set(now) - stay


def _changed(before: Question, now: Question) -> Iterator[Change]:
    code = now.code
    if before.type != now.type:
        yield Change(code, ChangeKind.TYPE, f"{before.type} -> {now.type}")
        return
    if isinstance(now, Single | Multiple | Ranking | Matrix):
        yield from _options(before, now)
    words = dict(texts_of(before)), dict(texts_of(now))
    for name in words[1]:
        if "." not in name and words[0].get(name) != words[1][name]:
            yield Change(code, ChangeKind.WORDING, name)
    for name in type(now).model_fields:
        if name in _SAID or name in words[1] or getattr(before, name) == getattr(now, name):
            continue
        yield Change(code, ChangeKind.LOGIC if name in _LOGIC else ChangeKind.LIMITS, name)
    for name in ("rows", "parts"):
        if getattr(before, name, None) != getattr(now, name, None):
            yield Change(code, ChangeKind.LIMITS, name)


def _options(before: Question, now: Single | Multiple | Ranking | Matrix) -> Iterator[Change]:
    if not isinstance(before, Single | Multiple | Ranking | Matrix):
        return
    old = {option.code: option for option in before.options}
    new = {option.code: option for option in now.options}
    for option in new:
        if option not in old:
            yield Change(now.code, ChangeKind.OPTION_ADDED, option)
        elif old[option].text != new[option].text:
            yield Change(now.code, ChangeKind.OPTION_WORDING, option)
        elif old[option] != new[option]:
            yield Change(now.code, ChangeKind.LIMITS, f"options.{option}")
    for option in old:
        if option not in new:
            yield Change(now.code, ChangeKind.OPTION_REMOVED, option)


def _of_form(old: Form, new: Form) -> Iterator[Change]:
    for name in ("title", "languages", "region", "contact_fields"):
        if getattr(old, name) != getattr(new, name):
            yield Change("form", ChangeKind.SETTINGS, name)
    before = {s.code: s.model_copy(update={"questions": ()}) for s in old.sections}
    for section in new.sections:
        if before.get(section.code) != section.model_copy(update={"questions": ()}):
            yield Change("form", ChangeKind.SETTINGS, f"section {section.code}")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of merged results: a question in the versions in which it asks for the same kind."""

    name: str  #: the code; ``q1__v2`` for versions in which it was another kind
    code: str
    versions: tuple[int, ...]


def merged_columns(versions: Mapping[int, Form]) -> tuple[Column, ...]:
    """Return the columns for the answers of several versions by number.

    The newest version gives order and names; a question that it has not comes after those of its own
    version. Where a code changed its kind the older answers get a column of their own: they mean
    something else.
    """
    numbers = sorted(versions, reverse=True)
    kinds: dict[str, dict[str, list[int]]] = {}
    for number in numbers:
        for code, question in versions[number].by_code.items():
            if isinstance(question, Asking) or question.type == "calculated":
                kinds.setdefault(code, {}).setdefault(question.type, []).append(number)
    found: list[Column] = []
    for code, by_kind in kinds.items():
        for at, having in enumerate(by_kind.values()):
            name = code if at == 0 else f"{code}__v{max(having)}"
            found.append(Column(name, code, tuple(sorted(having))))
    return tuple(found)


def merged(
    columns: Sequence[Column], interviews: Sequence[tuple[int, Mapping[str, Answer]]]
) -> list[dict[str, Answer]]:
    """Return each interview's answers by column; what a version did not ask is not there.

    Args:
        columns: Of ``merged_columns``.
        interviews: The number of the version and what counted in it (``result_answers``).
    """
    return [
        {
            column.name: result[column.code]
            for column in columns
            if number in column.versions and column.code in result
        }
        for number, result in interviews
    ]
