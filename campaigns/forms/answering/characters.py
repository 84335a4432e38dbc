"""Characters that can be stored: pure."""

from collections.abc import Mapping, Sequence
from typing import Any


def well_formed(value: Any) -> Any:
    """Return what was entered without halves of characters, in whatever shape it is.

    Browsers count in UTF-16 and cut a field at its longest length: half an emoji may be left, which JSON
    carries and neither UTF-8 nor PostgreSQL takes. Source: Unicode, D75; RFC 8259, section 8.2.
    """
    match value:
        case str():
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case Mapping():
            return {well_formed(key): well_formed(one) for key, one in value.items()}
        case Sequence():
            return [well_formed(one) for one in value]
        case _:
            return value
