"""Workbooks: their sheets surveyed, and the rows of one as a stream."""

import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import msgspec

from campaigns.lists.reading import sheet_process
from campaigns.lists.reading.faults import EmptyFile, UnknownSheet, UnreadableFile
from campaigns.lists.reading.limits import Limits, Source, in_words
from campaigns.lists.reading.sheet_process import Fault, SheetSurvey, Survey

_SURVEY = msgspec.json.Decoder(Survey | Fault)
_ROWS = msgspec.json.Decoder(list[list[str]] | Fault)
#: Asks for the survey instead of a sheet's rows.
_NO_SHEET = -1


@dataclass(frozen=True, slots=True)
class Workbook:
    """A workbook on which a first look has been taken."""

    source: Source
    file_name: str
    limits: Limits
    sheets: list[SheetSurvey]

    def choose(self, name: str | None) -> SheetSurvey:
        """Return the sheet of that name; without one, the largest sheet that is not hidden.

        Raises:
            UnknownSheet: there is none of that name.
            EmptyFile: there is no sheet at all.
        """
        if name is None:
            shown = [sheet for sheet in self.sheets if sheet.visible and sheet.rows]
            largest = max(shown or self.sheets, key=lambda sheet: sheet.rows, default=None)
            if largest is None:
                raise EmptyFile(file_name=self.file_name)
            return largest
        for sheet in self.sheets:
            if sheet.name == name:
                return sheet
        names = ", ".join(f"“{sheet.name}”" for sheet in self.sheets)
        raise UnknownSheet(
            f"This workbook has no sheet “{name}”. It has {names or 'none'}.",
            file_name=self.file_name,
            sheets=[sheet.name for sheet in self.sheets],
        )

    def rows(self, sheet: SheetSurvey, width: int) -> Generator[list[str]]:
        """Yield the rows of ``sheet`` that have any text, ``width`` cells each.

        Raises:
            UnreadableFile: the workbook is broken, needs too much memory, or has too long a cell.
        """
        with _taken_apart(self.source, self.limits, sheet.index, width) as answers:
            for line in answers:
                batch = _ROWS.decode(line)
                if isinstance(batch, Fault):
                    raise _refusal(batch, self.limits, self.file_name)
                if not batch:
                    return
                yield from batch
        raise _overtaxed(self.limits, self.file_name)


def open_workbook(source: Source, file_name: str, limits: Limits) -> Workbook:
    """Count the rows of every sheet, and read the first ones.

    Raises:
        UnreadableFile: broken, protected by a password, or it needs too much memory or time.
    """
    with _taken_apart(source, limits, _NO_SHEET, 0) as answers:
        line = answers.readline()
    if not line.endswith(b"\n"):
        raise _overtaxed(limits, file_name)
    survey = _SURVEY.decode(line)
    if isinstance(survey, Fault):
        raise _refusal(survey, limits, file_name)
    return Workbook(source, file_name, limits, survey.sheets)


@contextmanager
def _taken_apart(source: Source, limits: Limits, index: int, width: int) -> Iterator[IO[bytes]]:
    """Start the process on ``source``; it ends with the block."""
    numbers = (
        limits.workbook_memory_bytes, limits.workbook_cpu_s, limits.cell_characters, index, width,
    )  # fmt: skip
    program = [sys.executable, "-I", str(Path(sheet_process.__file__)), *map(str, numbers)]
    with _as_file(source) as file:
        process = subprocess.Popen(  # noqa: S603 - our own module, and numbers
            program, stdin=file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
    with process:
        assert process.stdout is not None  # noqa: S101 - asked for above
        try:
            yield process.stdout
        finally:
            process.kill()


@contextmanager
def _as_file(source: Source) -> Iterator[IO[bytes]]:
    """Give ``source`` as a file of the operating system, at its start."""
    if isinstance(source, Path):
        with source.open("rb") as file:
            yield file
        return
    with tempfile.TemporaryFile() as copy:
        copy.write(source)
        copy.seek(0)
        yield copy


def _refusal(fault: Fault, limits: Limits, file_name: str) -> UnreadableFile:
    if fault.fault == "password":
        return UnreadableFile(
            "This workbook is protected by a password. Save it without one.", file_name=file_name
        )
    if fault.fault == "long":
        return UnreadableFile(
            f"Row {fault.row:,} has a cell of more than {limits.cell_characters:,} characters.",
            file_name=file_name,
            row=fault.row,
            limit=limits.cell_characters,
        )
    return UnreadableFile(file_name=file_name)


def _overtaxed(limits: Limits, file_name: str) -> UnreadableFile:
    return UnreadableFile(
        "This workbook is broken, or needs more than "
        f"{in_words(limits.workbook_memory_bytes)} of memory. Save the sheet as CSV.",
        file_name=file_name,
    )
