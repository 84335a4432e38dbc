"""Lists as clients send them, made small and on the spot."""

import io
import random
import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
)
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def xlsx(*sheets: Sequence[Sequence[str | float]]) -> bytes:
    """Return a workbook; numbers are numeric cells, text is text."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("[Content_Types].xml", _TYPES)
        package.writestr(
            "_rels/.rels",
            f'{_RELATIONS}<Relationship Id="r0" Type="{_RELATION}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
        )
        package.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATION}"><sheets>'
            + "".join(
                f'<sheet name="S{at}" sheetId="{at}" r:id="r{at}"/>'
                for at in range(1, len(sheets) + 1)
            )
            + "</sheets></workbook>",
        )
        package.writestr(
            "xl/_rels/workbook.xml.rels",
            _RELATIONS
            + "".join(
                f'<Relationship Id="r{at}" Type="{_RELATION}/worksheet" '
                f'Target="worksheets/sheet{at}.xml"/>'
                for at in range(1, len(sheets) + 1)
            )
            + "</Relationships>",
        )
        for at, rows in enumerate(sheets, start=1):
            package.writestr(f"xl/worksheets/sheet{at}.xml", _sheet(rows))
    return out.getvalue()


def _sheet(rows: Sequence[Sequence[str | float]]) -> str:
    body = "".join(
        f'<row r="{at}">' + "".join(_cell(f"{chr(65 + i)}{at}", c) for i, c in enumerate(row))
        + "</row>"
        for at, row in enumerate(rows, start=1)
    )  # fmt: skip
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{body}</sheetData></worksheet>'


def _cell(place: str, cell: str | float) -> str:
    if isinstance(cell, str):
        return f'<c r="{place}" t="inlineStr"><is><t>{escape(cell)}</t></is></c>'
    return f'<c r="{place}"><v>{cell!r}</v></c>'


@dataclass(frozen=True)
class DirtyList:
    """Rows under "name; phone; other phone; comment", and what an import must make of them."""

    rows: list[list[str]]
    refused: Counter[str]
    phones: int

    @property
    def accepted(self) -> int:
        """Return how many rows are contacts."""
        return len(self.rows) - self.refused.total()


_COMMENTS = ["", "перезвонить", 'ООО "Макет"; филиал', "первая\nвторая", "=1+1", "Ґонта, «Їжак»"]
_BAD = {
    "no_phone": ["", " ", "-", "нет", "немає"],
    "invalid_phone": ["12345", "abc", "+7 943", "+7 943 12345678901", "8 (000) 123-45-67"],
    "damaged_phone": ["7.943E+10", "7,943E+10"],
}


def dirty_list(rows: int, rng: random.Random) -> DirtyList:
    """Return a Russian list with two numbers in a cell, duplicates, and what is no number."""
    made: list[list[str]] = []
    refused: Counter[str] = Counter()
    numbers: list[str] = []
    phones = 0
    for at in range(rows):
        kind = rng.choices(["ok", "two", "second", "duplicate", *_BAD], [70, 8, 6, 6, 4, 4, 2])[0]
        second = f"8974{at:07d}"
        phone, other = _written(f"943{at:07d}", rng), ""
        if kind in _BAD:
            phone = rng.choice(_BAD[kind])
        elif kind == "duplicate" and numbers:
            phone = _written(rng.choice(numbers), rng)
        else:
            numbers.append(f"943{at:07d}")
            phones += 1 if kind in ("ok", "duplicate") else 2
            phone += rng.choice([" / ", ", ", " или "]) + second if kind == "two" else ""
            other = second if kind == "second" else ""
            kind = "ok"
        refused.update([kind] if kind != "ok" else [])
        made.append([f"Тестов {at}", phone, other, rng.choice(_COMMENTS)])
    return DirtyList(made, refused, phones)


def _written(number: str, rng: random.Random) -> str:
    """Return a ten-digit Russian number as somebody might type it."""
    a, b, c, d = number[:3], number[3:6], number[6:8], number[8:]
    return rng.choice(
        [
            f"8 ({a}) {b}-{c}-{d}",
            f"+7({a}){b}{c}{d}",
            f"+7 {a} {b} {c} {d}",
            f"7{number}",
            number,
            f"тел. +7{number}",
            f"8\xa0{a}\xa0{b}{c}{d}",
            f"8-{a}-{b}-{c}-{d} доб. 12",
        ]
    )
