"""The page's buttons that change a question's form before it is saved: one more option, one less, one up."""

import re
from collections.abc import Mapping

Fields = Mapping[str, str]
_Item = dict[str, str]

#: What can be listed, with the field that a fresh item has.
_FRESH: Mapping[str, str] = {"options": "code", "rows": "code", "parts": "code", "skips": "to"}


def items_of(fields: Fields, name: str) -> list[_Item]:
    """Return the items of a list in order: ``{"code": "1", "text.en": "Yes"}``."""
    found: dict[int, _Item] = {}
    for key, value in fields.items():
        matched = re.fullmatch(rf"{re.escape(name)}\.(\d{{1,4}})\.(.+)", key)
        if matched:
            found.setdefault(int(matched[1]), {})[matched[2]] = value
    return [found[number] for number in sorted(found)]


def with_items(fields: Fields, name: str, items: list[_Item]) -> dict[str, str]:
    """Return the fields with these items in the list, numbered anew."""
    old = re.compile(rf"{re.escape(name)}\.\d{{1,4}}\..+")
    kept = {key: value for key, value in fields.items() if not old.fullmatch(key)}
    for number, item in enumerate(items):
        kept |= {f"{name}.{number}.{key}": value for key, value in item.items()}
    return kept


def pressed(fields: Fields, button: str) -> dict[str, str]:
    """Return the fields after a button: ``add:options``, ``remove:options:2``, ``up:options:2``.

    A button that is not known changes nothing.
    """
    action, _, rest = button.partition(":")
    name, _, number = rest.rpartition(":") if action in ("remove", "up", "down") else (rest, "", "")
    items = items_of(fields, name)
    at = int(number) if number.isdecimal() else -1
    match action:
        case "add" if name in _FRESH:
            return with_items(fields, name, [*items, _fresh(name, items)])
        case "add" if name:
            return with_items(fields, name, [*items, {"left": "", "sign": "", "value": ""}])
        case "remove" if 0 <= at < len(items):
            return with_items(fields, name, items[:at] + items[at + 1 :])
        case "up" if 0 < at < len(items):
            return with_items(fields, name, _turned(items, at - 1))
        case "down" if 0 <= at < len(items) - 1:
            return with_items(fields, name, _turned(items, at))
        case "text" | "rows" if name:
            return {**fields, f"{name}.as": action}
        case _:
            return dict(fields)


def _turned(items: list[_Item], at: int) -> list[_Item]:
    return [*items[:at], items[at + 1], items[at], *items[at + 2 :]]


def _fresh(name: str, items: list[_Item]) -> _Item:
    if name == "skips":
        return {"to": "end", "when.as": "rows", "when.0.left": "", "when.0.sign": ""}
    numbers = [int(code) for item in items if (code := item.get("code", "")).isdecimal()]
    return {_FRESH[name]: str(max(numbers, default=0) + 1)}
