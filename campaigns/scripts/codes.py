"""Codes made of names in any language, for settings and addresses. Pure."""

import re

_LATIN = {
    **dict(zip("абвгґдезийклмнопрстуфъыьэ", "abvggdezijklmnoprstuf_y_e", strict=True)),
    **{"ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ю": "yu", "я": "ya"},
    **{"ё": "e", "є": "ye", "і": "i", "ї": "yi", "'": "", "’": "", "ʼ": ""},
}
_LONGEST = 40


def code_of(name: str) -> str:
    """Return a code: lower-case Latin letters, digits and ``-``, at most 47; ``script`` if none is left."""
    letters = "".join(_LATIN.get(one, one) for one in name.lower()).replace("_", "")
    words = re.findall(r"[a-z0-9]+", letters)
    code = "-".join(words)[:_LONGEST].strip("-")
    return code if code[:1].isalpha() else f"script-{code}".strip("-")
