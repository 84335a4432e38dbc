"""Text that can be stored: what PostgreSQL and UTF-8 cannot hold is refused or taken out."""

import unicodedata
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator

#: Control characters (NUL among them) and halves of surrogate pairs. Source: Unicode, table 4-4.
_UNFIT_FOR_NAMES = ("Cc", "Cs")


def _is_storable(text: str) -> bool:
    return not any(character == "\0" or "\ud800" <= character <= "\udfff" for character in text)


def _storable(text: str) -> str:
    if not _is_storable(text):
        raise ValueError("NUL and lone surrogates cannot be stored")
    return text


def _storable_json(value: dict[str, Any]) -> dict[str, Any]:
    waiting: list[Any] = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            _storable(one)
        elif isinstance(one, Mapping):
            waiting += [*one.keys(), *one.values()]
        elif isinstance(one, list | tuple):
            waiting += one
    return value


#: Text from outside on its way to a column.
PlainText = Annotated[str, AfterValidator(_storable)]

#: An object from outside whose names and texts go to a column.
PlainJson = Annotated[dict[str, Any], AfterValidator(_storable_json)]


def cleaned(name: str) -> str:
    """Return a name without what cannot be stored or shown: a file is not refused for its name."""
    fit = (one for one in name if unicodedata.category(one) not in _UNFIT_FOR_NAMES)
    return "".join(fit).strip()
