"""What somebody types, as queries of PostgreSQL's full-text search; what it marks, as plain parts. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from campaigns.scripts.ukrainian import STOP_WORDS, beginning_of

#: The languages of the knowledge base.
LANGUAGES = ("en", "ru", "uk")

#: What stands around a hit in a snippet: private characters that no text may hold, so none can be forged.
HIT_BEGINS, HIT_ENDS = "\ue000", "\ue001"

LONGEST_QUESTION = 200
_MOST_WORDS = 12
_WORD = re.compile(r"[^\W_]+")
#: Letters and signs that are written in several ways; the index folds them alike (``search_text``).
_FOLDED = str.maketrans("ёЁ’ʼ`", "еЕ'''")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question in one language, as the texts of three ``tsquery``.

    The last word may be half typed, so it is looked for as a beginning, as it is written and as a stem.
    """

    language: str
    all_words: str  #: the words before the last one: all of them
    any_word: str  #: the same: any of them
    last_stem: str
    last_literal: str


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a text, and whether it is a hit."""

    text: str
    is_hit: bool = False


def words_of(question: str) -> tuple[str, ...]:
    """Return the words of a question in lower case, the first twelve."""
    folded = question[:LONGEST_QUESTION].translate(_FOLDED).lower()
    return tuple(_WORD.findall(folded)[:_MOST_WORDS])


def asked_in(words: Sequence[str], language: str) -> Asked:
    """Return a question of at least one word as queries for texts of a language."""
    before, last = words[:-1], words[-1]
    if language != "uk":
        stems, last_stem = before, last
    else:
        stems = [beginning_of(word) for word in before if word not in STOP_WORDS]
        last_stem = beginning_of(last)
    terms = [_beginning(word) for word in stems]
    return Asked(
        language, " & ".join(terms), " | ".join(terms), _beginning(last_stem), _beginning(last)
    )


def _beginning(word: str) -> str:
    """Return a term of ``to_tsquery``: letters and digits only, so nothing in it is an operator."""
    return f"'{word}':*"


def parts_of(marked: str) -> tuple[Part, ...]:
    """Return a text in which the search has marked its hits, as parts; marks are gone."""
    parts: list[Part] = []
    for number, piece in enumerate(marked.split(HIT_BEGINS)):
        hit, ends, rest = piece.partition(HIT_ENDS)
        if number == 0 or not ends:
            rest = hit + rest
        elif hit:
            parts.append(Part(hit, is_hit=True))
        if rest := rest.replace(HIT_ENDS, ""):
            parts.append(Part(rest))
    return tuple(parts)


def cleaned(text: str) -> str:
    """Return a text without the characters that mark hits, and without null characters."""
    return text.translate({ord(HIT_BEGINS): None, ord(HIT_ENDS): None, 0: None})
