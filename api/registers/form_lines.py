"""The list of forms: sorted by what a version says, which no column has, and cut into pages. Pure."""

from collections.abc import Sequence

from campaigns.forms.editing.listing import FormLine
from campaigns.registers.finding import PAGE, Found, Shown, Wanted


def sorted_lines(lines: Sequence[FormLine], wanted: Wanted, language: str) -> list[FormLine]:
    """Return the lines that are wanted; usual is: lately changed ones first."""
    kept = [
        one
        for one in lines
        if wanted.shown is Shown.ALL
        or (one.archived_at is not None) == (wanted.shown is Shown.PUT_AWAY)
    ]
    if wanted.sort == "name":
        return sorted(kept, key=lambda one: (one.name(language).casefold(), one.code))
    if wanted.sort == "interviews":
        return sorted(kept, key=lambda one: (-one.interviews, one.code))
    return kept


def paged(lines: Sequence[FormLine], wanted: Wanted) -> Found:
    """Return one page of the lines; a page beyond the last one is the last one."""
    page = min(max(0, wanted.page), max(0, -(-len(lines) // PAGE) - 1))
    return Found(lines[page * PAGE : (page + 1) * PAGE], len(lines), page)
