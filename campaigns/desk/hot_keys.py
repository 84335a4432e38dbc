"""One key for each disposition: what the campaign says, else 1 to 9, then letters. Pure."""

from collections.abc import Iterable, Iterator, Sequence

DIGITS = "123456789"
#: Letters that mean something on the desk besides: ready, pause, sign out, callback, note, call, skip,
#: hang up, mute, hold, keypad, transfer, script search.
RESERVED = frozenset("rpqbncshmokt")
LETTERS = "".join(one for one in "adefgijluvwxyz" if one not in RESERVED)
#: "Do not call me again", in every campaign.
DO_NOT_CALL_KEY = "0"


def hot_keys(chosen: Sequence[str | None]) -> list[str]:
    """Return a key for each disposition, in their order; "" when the keys are used up.

    A key that was chosen twice is the first one's, and one that is reserved is nobody's.
    """
    keys, taken = [""] * len(chosen), set[str]()
    for place, wish in enumerate(chosen):
        if wish is not None and is_free(wish) and wish not in taken:
            keys[place] = wish
            taken.add(wish)
    spare = _spare(taken)
    return [key or next(spare, "") for key in keys]


def is_free(key: str) -> bool:
    """Tell whether a campaign may give a key to a disposition."""
    return len(key) == 1 and (key in DIGITS or key in LETTERS)


def _spare(taken: Iterable[str]) -> Iterator[str]:
    used = frozenset(taken)
    return iter([key for key in DIGITS + LETTERS if key not in used])
