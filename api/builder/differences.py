"""What changed between two versions, in words: which question, what, from what to what."""

from collections.abc import Sequence
from dataclasses import dataclass

from campaigns.forms.form import Form
from campaigns.forms.questions import Question
from campaigns.forms.versions import Change, changes
from campaigns.forms.words import ChangeKind

#: Where nothing has a value to show.
_WITHOUT_VALUES = frozenset(
    {ChangeKind.ADDED, ChangeKind.REMOVED, ChangeKind.MOVED, ChangeKind.SETTINGS}
)


@dataclass(frozen=True, slots=True)
class Difference:
    """One change, with the words before and after where it has some."""

    code: str  #: the question's; ``form`` for what belongs to none
    words: str
    kind: ChangeKind
    detail: str
    before: str = ""
    after: str = ""


def differences(old: Form, new: Form, language: str) -> Sequence[Difference]:
    """Return what changed from one version to another, in the order of the new one."""
    return [_told(change, old, new, language) for change in changes(old, new)]


def _told(change: Change, old: Form, new: Form, language: str) -> Difference:
    before, after = old.by_code.get(change.code), new.by_code.get(change.code)
    named = after or before
    words = named.text.within(language) if named is not None else ""
    if change.kind in _WITHOUT_VALUES or before is None or after is None:
        return Difference(change.code, words, change.kind, change.detail)
    was, now = (_value(one, change, language) for one in (before, after))
    return Difference(change.code, words, change.kind, change.detail, was, now)


def _value(question: Question, change: Change, language: str) -> str:
    """Return what a change is about as it stands in one version."""
    if change.kind is ChangeKind.TYPE:
        return question.type
    if change.kind in (
        ChangeKind.OPTION_ADDED,
        ChangeKind.OPTION_REMOVED,
        ChangeKind.OPTION_WORDING,
    ):
        options = getattr(question, "options", ())
        return next((o.text.within(language) for o in options if o.code == change.detail), "")
    value = getattr(question, change.detail, None)
    if change.kind is ChangeKind.WORDING and value is not None:
        return str(value.within(language))
    if isinstance(value, tuple):
        return "; ".join(f"{skip.when} → {skip.to}" for skip in value if hasattr(skip, "when"))
    if isinstance(value, bool) or value is None:
        return ""
    return str(value)
