"""A code made from a name: Latin letters, digits, ``_``."""

import re
import unicodedata

#: Cyrillic letters in Latin ones, roughly as passports have them.
_LATIN = dict(
    zip(
        "абвгґдеєзиійклмнопрстуфхцьыэё",
        [*"abvggdeeziijklmnoprstufhc", "", "y", "e", "e"],
        strict=True,
    )
) | {"ж": "zh", "ї": "i", "ч": "ch", "ш": "sh", "щ": "sch", "ъ": "", "ю": "yu", "я": "ya"}
_CHARACTERS = 40


def code_for(name: str) -> str:
    """Return a code for a form of that name; one without letters is ``form``."""
    latin = "".join(_LATIN.get(letter, letter) for letter in name.lower())
    plain = unicodedata.normalize("NFKD", latin).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    code = re.sub(r"^[^a-z]+", "", words)[:_CHARACTERS].rstrip("_")
    return code or "form"
