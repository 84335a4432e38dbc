"""What a client's file turned out to be."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shape:
    """How the file was read, so that a person can see a wrong guess."""

    format: str  #: csv, xlsx (XLSM and XLSB too), xls, ods or jsonl
    encoding: str | None  #: as found, such as "cp1251" or "utf-8-sig"; None for workbooks
    separator: str | None  #: None for workbooks and JSON
    sheet: str | None  #: the one that is read; None for text
    sheets: tuple[str, ...]  #: all there are; none for text
    sheet_rows: tuple[int, ...]  #: rows with any text, sheet by sheet, headings included
    headings_row: int  #: line or row where the headings begin, from 1; 0 if the file has none
