"""What is wrong with a form's file, each fault with its place."""

from collections.abc import Sequence
from dataclasses import dataclass

from dialer.errors import Invalid

#: Faults told at most; the rest is counted.
MOST_TOLD = 50


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong in a file."""

    place: str  #: ``line 12``, ``survey, row 7``
    sentence: str

    def __str__(self) -> str:
        """Return both for people."""
        return f"{self.place}: {self.sentence}" if self.place else self.sentence


class UnreadableForm(Invalid):
    """A file that is no form; ``facts["faults"]`` lists what is wrong and where."""

    code = "unreadable_form"
    message = "This file cannot be read as a form."

    def __init__(self, faults: Sequence[Fault]) -> None:
        """Keep the faults; the sentence tells the first ones."""
        told = [str(fault) for fault in faults[:MOST_TOLD]]
        left = len(faults) - len(told)
        more = f" And {left} more." if left else ""
        super().__init__(" ".join(told[:5]) + more, faults=told)
        self.faults = tuple(faults)
