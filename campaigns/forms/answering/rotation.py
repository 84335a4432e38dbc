"""The order of what rotates: by a digest of the person's seed, so it needs no state and no chance.

An item's place depends on the seed, on what is rotated and on the item's own code alone: an option that a new
version adds moves no other option past its neighbours.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import TypeVar

from campaigns.forms.form import Form, Section
from campaigns.forms.question_parts import Option, Row
from campaigns.forms.questions import Matrix, Multiple, Question, Ranking, Single

T = TypeVar("T")


def rotated(
    items: Sequence[T],
    *,
    seed: str,
    place: str,
    code_of: Callable[[T], str],
    stays: Callable[[T], bool] = lambda _item: False,
) -> tuple[T, ...]:
    """Return the items in the person's order; those that stay keep their places.

    Args:
        items: What is ordered.
        seed: The person's.
        place: What is rotated: two questions with the same options have orders of their own.
        code_of: The name of an item.
        stays: Whether an item keeps its place.
    """

    def key(item: T) -> bytes:
        return sha256("\x1f".join((seed, place, code_of(item))).encode()).digest()

    moved = iter(sorted((item for item in items if not stays(item)), key=key))
    return tuple(item if stays(item) else next(moved) for item in items)


def options_for(question: Question, seed: str) -> tuple[Option, ...]:
    """Return a question's options in the person's order; none for a question without options."""
    if isinstance(question, Matrix):
        return question.options
    if not isinstance(question, Single | Multiple | Ranking):
        return ()
    if not question.rotate:
        return question.options
    return rotated(
        question.options,
        seed=seed,
        place=question.code,
        code_of=lambda option: option.code,
        stays=lambda option: option.pinned or option.exclusive or option.other,
    )


def rows_for(question: Matrix, seed: str) -> tuple[Row, ...]:
    """Return a matrix's rows in the person's order."""
    if not question.rotate:
        return question.rows
    return rotated(question.rows, seed=seed, place=question.code, code_of=lambda row: row.code)


def sections_for(form: Form, seed: str) -> tuple[Section, ...]:
    """Return the sections in the person's order: those of one block change places."""
    order = list(form.sections)
    for block in dict.fromkeys(section.block for section in form.sections if section.block):
        places = [at for at, section in enumerate(order) if section.block == block]
        ordered = rotated(
            [order[at] for at in places],
            seed=seed,
            place=f"block {block}",
            code_of=lambda section: section.code,
        )
        for at, section in zip(places, ordered, strict=True):
            order[at] = section
    return tuple(order)


def questions_for(section: Section, seed: str) -> tuple[Question, ...]:
    """Return a section's questions in the person's order."""
    if not section.rotate:
        return section.questions
    return rotated(
        section.questions,
        seed=seed,
        place=f"section {section.code}",
        code_of=lambda question: question.code,
    )
