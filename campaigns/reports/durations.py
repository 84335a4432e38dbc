"""How long something lasted, in SQL: the one way for reports, wall and boards.

Instants are read to the millisecond before they are taken from each other. So a span has the same length
however it is cut, at an hour, at midnight or at a moment at which somebody looked, and sums are the same
wherever they are made.
"""


def ms_of(instant: str) -> str:
    """Return the milliseconds of an instant since 1970, in SQL."""
    return f"floor(extract(epoch FROM {instant}) * 1000)"


def ms_between(since: str, until: str) -> str:
    """Return the milliseconds between two instants in SQL; 0 where a clock was set back, NULL for NULL."""
    span = f"{ms_of(until)} - {ms_of(since)}"
    return f"CASE WHEN {until} < {since} THEN 0 ELSE {span} END::bigint"
