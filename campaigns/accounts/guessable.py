"""Which passwords are guessed first, pure.

Source: NIST SP 800-63B, section 5.1.1.2: length and a list of common ones count, rules about kinds of
characters do not.

What a guesser knows is taken out of the password: common words, runs of the keyboard, repeated
characters, years, the person's own login. What is left must be long enough by itself.
"""

import re
from collections.abc import Iterable

from campaigns.accounts.common_words import COMMON_WORDS, KEYBOARD_ROWS

#: So many characters must be left of a password without its guessable parts.
LEAST_LEFT = 6
#: A password of fewer different characters is a pattern.
LEAST_DIFFERENT = 5
_SHORTEST_RUN = 3
_LEET = str.maketrans(
    {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s"}
)
_REPEATED = re.compile(r"(.+?)\1+")
_SAME = re.compile(r"(.)\1{2,}")
_YEAR = re.compile(r"(19|20)\d\d")


def is_guessable(password: str, own_words: Iterable[str] = ()) -> bool:
    """Tell whether a guesser comes to this password early.

    Args:
        password: Normalised.
        own_words: What is known of the person and the place: login, names.
    """
    plain = password.lower()
    if len(set(plain)) < LEAST_DIFFERENT:
        return True
    own = {part for word in own_words for part in re.split(r"[^\w]+|_", word.lower())}
    words = COMMON_WORDS | {part for part in own if len(part) >= _SHORTEST_RUN}
    return any(_left_of(text, words) < LEAST_LEFT for text in {plain, plain.translate(_LEET)})


def _left_of(text: str, words: frozenset[str] | set[str]) -> int:
    """Return how many characters no guesser has for nothing."""
    whole = _REPEATED.fullmatch(text)
    rest = whole.group(1) if whole else text
    for word in sorted(words, key=len, reverse=True):
        rest = rest.replace(word, " ")
    rest = _SAME.sub(" ", _YEAR.sub(" ", _without_runs(rest)))
    return sum(character.isalnum() for character in rest)


def _without_runs(text: str) -> str:
    """Return the text without pieces of keyboard rows, forwards or backwards."""
    kept, at = [], 0
    while at < len(text):
        length = _run_at(text, at)
        if length >= _SHORTEST_RUN:
            kept.append(" ")
            at += length
        else:
            kept.append(text[at])
            at += 1
    return "".join(kept)


def _run_at(text: str, at: int) -> int:
    best = 0
    for row in KEYBOARD_ROWS:
        length = 0
        while at + length < len(text) and text[at : at + length + 1] in row:
            length += 1
        best = max(best, length)
    return best
