"""What reading a list counted."""

from dataclasses import dataclass, field

from compliance.dnc.errors import DncUnreadable

#: How many refused lines are named.
SAMPLES = 20
#: Refused lines after which a file that is mostly refused is given up: a wrong file or region.
PATIENCE = 10_000


@dataclass(frozen=True, slots=True)
class DncReport:
    """What became of the lines of a file. It never holds their text."""

    lines: int  #: lines of text, rows of CSV, or number elements of XML
    numbers: int  #: lines that gave a number, repeated ones included
    refused: int  #: lines that are neither blank nor a number
    refused_samples: tuple[int, ...]  #: numbers of the first refused lines, from 1


@dataclass(slots=True)
class Tally:
    """Counts while a file is read."""

    lines: int = 0
    numbers: int = 0
    refused: int = 0
    samples: list[int] = field(default_factory=list)

    def refuse(self, line: int) -> None:
        """Count a line that is not a number.

        Raises:
            DncUnreadable: most of the file was refused.
        """
        self.refused += 1
        if len(self.samples) < SAMPLES:
            self.samples.append(line)
        if self.refused > PATIENCE:
            self._check_share()

    def report(self) -> DncReport:
        """Return the counts of a file that has been read to its end.

        Raises:
            DncUnreadable: no line, or only the smaller part of the lines, was a number. An empty
                block list would clear everybody.
        """
        if not self.numbers:
            raise DncUnreadable("No line of this file is a phone number.", refused=self.refused)
        self._check_share()
        return DncReport(self.lines, self.numbers, self.refused, tuple(self.samples))

    def _check_share(self) -> None:
        if self.refused > self.numbers:
            raise DncUnreadable(
                "Most lines of this file are not phone numbers of this country.",
                refused=self.refused,
                numbers=self.numbers,
            )
