"""What a form wants to be kept: read field by field, so that each fault is told beside its field."""

from collections.abc import Mapping
from datetime import date

from dialer.errors import Invalid

NEEDED = "This is needed."
TOO_LONG = "This is too long."
NO_NUMBER = "This is no number."
OUT_OF_RANGE = "This is out of range."
NO_DATE = "Write the date as 2026-05-09."
NAME_TAKEN = "There is one of this name already, perhaps put away."


class BadFields(Invalid):
    """Fields of a form cannot be kept as they are."""

    code = "bad_fields"
    message = "Something cannot be kept: see beside the fields."

    def __init__(self, problems: Mapping[str, str]) -> None:
        """Keep what is wrong with each field."""
        super().__init__("", problems=dict(problems))
        self.problems = dict(problems)


class Reader:
    """Reads the fields of a form and keeps what is wrong with each."""

    def __init__(self, given: Mapping[str, str]) -> None:
        """Read ``given``: what was typed, by field."""
        self._given = given
        self.problems: dict[str, str] = {}

    def text(self, name: str, *, most: int = 200, needed: bool = False) -> str:
        """Return a text without the spaces around it."""
        said = " ".join(self._given.get(name, "").split())
        if needed and not said:
            self.problems[name] = NEEDED
        if len(said) > most:
            self.problems[name] = TOO_LONG
        return said

    def number(self, name: str, *, least: float, most: float, needed: bool = True) -> float | None:
        """Return a number; None when nothing is said."""
        said = self._given.get(name, "").strip().replace(",", ".").replace("\u00a0", "")
        if not said:
            if needed:
                self.problems[name] = NEEDED
            return None
        try:
            found = float(said)
        except ValueError:
            self.problems[name] = NO_NUMBER
            return None
        if not least <= found <= most:
            self.problems[name] = OUT_OF_RANGE
            return None
        return found

    def day(self, name: str) -> date:
        """Return a date."""
        try:
            return date.fromisoformat(self._given.get(name, "").strip())
        except ValueError:
            self.problems[name] = NO_DATE
            return date.min

    def ticked(self, name: str) -> bool:
        """Tell whether a box is ticked."""
        return bool(self._given.get(name))

    def finish(self) -> None:
        """Refuse the form if anything is wrong with it.

        Raises:
            BadFields: names each.
        """
        if self.problems:
            raise BadFields(self.problems)
