"""The tables of retry rules and dispositions: what they show, and what their forms say. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from starlette.datastructures import FormData

from api import labels
from api.labels import mark
from campaigns.setup.file_shape import DispositionLine
from dialer.call.states import CallOutcome

#: Outcomes after which a lead may be called again; the others have a disposition, or no sense.
RETRIED = tuple(one for one in CallOutcome if one is not CallOutcome.CONNECTED)
#: Empty rows below the dispositions, for new ones.
NEW_ROWS = 2
_MINUTE_S = 60

NOT_WHOLE = mark("A number in the table cannot be read: minutes and attempts are whole numbers.")
NO_CODE = mark("A new disposition needs a code: small letters, digits, _ and -.")


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One outcome's rule."""

    code: str
    words: str
    minutes: str
    factor: str
    next: str
    most: str
    has_steps: bool  #: a ladder of delays, made with the API: shown, not changed


def rule_rows(settings: Mapping[str, Any]) -> list[RuleRow]:
    """Return a row for each outcome; one without a rule is final."""
    rules = settings.get("retry") or {}
    return [_row(one.value, rules.get(one.value)) for one in RETRIED]


def _row(code: str, rule: Mapping[str, Any] | None) -> RuleRow:
    words = labels.OUTCOMES[CallOutcome(code)]
    if rule is None:
        return RuleRow(code, words, "", "1", "", "", has_steps=False)
    minutes = f"{rule['after_s'] / _MINUTE_S:.10g}"
    return RuleRow(
        code,
        words,
        minutes,
        f"{rule['factor']:.10g}",
        rule["next"] or "",
        str(rule["max_attempts"]),
        has_steps=bool(rule["steps"]),
    )


class BadTable(ValueError):
    """A cell of a table cannot be used; the text is for people."""


def rules_of(form: FormData, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the retry rules that the form says; ladders of the API stay.

    Raises:
        BadTable: a number cannot be read.
    """
    before = settings.get("retry") or {}
    found: dict[str, Any] = {}
    for outcome in RETRIED:
        code = outcome.value
        old = before.get(code)
        if old and old["steps"]:
            found[code] = old
            continue
        minutes = str(form.get(f"{code}.minutes", "")).strip()
        following = str(form.get(f"{code}.next", ""))
        if not minutes or following == "final":
            continue  # without a rule the outcome is final
        kept = {"max_after_s": old["max_after_s"]} if old and old["max_after_s"] else {}
        found[code] = {
            "after_s": round(_number(minutes) * _MINUTE_S),
            "factor": _number(str(form.get(f"{code}.factor", "")) or "1"),
            "max_attempts": round(_number(str(form.get(f"{code}.most", "")) or "6")),
            "next": following or None,
            **kept,
        }
    return found


def _number(text: str) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise BadTable(NOT_WHOLE) from None


def lines_of(form: FormData, before: Sequence[DispositionLine]) -> list[DispositionLine]:
    """Return the dispositions that the form says, in its order; a line marked to go is left out.

    Raises:
        BadTable: a line cannot be used.
    """
    old = {line.code: line for line in before}
    found: list[tuple[float, DispositionLine]] = []
    for number in range(len(before) + NEW_ROWS):
        code = str(form.get(f"{number}.code", "")).strip().lower()
        label = str(form.get(f"{number}.label", "")).strip()
        if f"{number}.gone" in form or not (code or label):
            continue
        if not code:
            raise BadTable(NO_CODE)
        place = _number(str(form.get(f"{number}.position", "")) or str(number))
        found.append((place, _line(form, number, code, label, old.get(code))))
    ordered = [line for _, line in sorted(found, key=lambda one: one[0])]
    return [line.model_copy(update={"position": at}) for at, line in enumerate(ordered)]


def _line(
    form: FormData, number: int, code: str, label: str, old: DispositionLine | None
) -> DispositionLine:
    minutes = str(form.get(f"{number}.minutes", "")).strip()
    ticks = ("success", "refuses", "suppresses", "requires_callback", "requires_note")
    facts: dict[str, Any] = {
        "code": code,
        "label": label or code,
        "retry_after_s": round(_number(minutes) * _MINUTE_S) if minutes else None,
        "hot_key": str(form.get(f"{number}.hot_key", "")).strip().lower() or None,
        "aapor": old.aapor if old else None,
        **{name: f"{number}.{name}" in form for name in ticks},
    }
    try:
        return DispositionLine(**facts)
    except ValidationError as error:
        said = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise BadTable(f"{code}: {said}") from error
