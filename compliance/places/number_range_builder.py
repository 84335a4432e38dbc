"""Rebuild the table of Russian mobile ranges from the regulator's file, or from our short CSV.

The regulator publishes ``DEF-9xx.csv``: semicolons, UTF-8 with a mark (older copies: cp1251), columns
"АВС/ DEF;От;До;Емкость;Оператор;Регион;Территория ГАР;ИНН". A region the table of subdivisions does not
know is reported and left out: its numbers are then treated as outside the table, which is the safe side.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from compliance.places.number_ranges import NOBODY
from compliance.places.regions import parse_region, region_zones
from dialer.errors import Invalid

#: The short CSV names one subject where the plan names a city and the region around it.
_TWINS = {"MOS": "MOS+MOW", "LEN": "LEN+SPE"}

#: Between the parts of a region's text: "г. Москва и Московская область", "г. Тюмень|Тюменская обл.".
_LEVELS = re.compile(r"\s*\|\s*")
_ALSO = re.compile(r"\s+и\s+|\s*[*,]\s*")

#: A range of the whole country (satellite, machines) says nothing of the place.
_NATIONWIDE = "Российская Федерация"

_HEAD = "# Russian mobile ranges: who holds the numbers of a code from here on. Built, not written."


class NotARangeFile(Invalid):
    """The file has neither of the two forms."""

    code = "not_a_range_file"
    message = "This is not a table of Russian number ranges."


@dataclass(frozen=True, slots=True)
class RebuildReport:
    """What became of the source's rows."""

    rows: int
    ranges: int  #: written, after joining neighbours with one holder
    numbers: int  #: telephone numbers they cover
    unknown_regions: dict[str, int] = field(default_factory=dict)  #: text -> numbers left out
    nationwide: int = 0  #: numbers of ranges issued for the whole country, left out too
    skipped_rows: int = 0  #: damaged, not mobile, or running into the row before


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of either source: numbers are the ten digits after the 7."""

    first: int
    last: int
    text: str  #: the region, as the source writes it
    regions: tuple[str, ...]
    zones: tuple[str, ...]


def rebuild_ru_ranges(source: Path, target: Path) -> RebuildReport:
    """Read ``source`` and write the table to ``target``, whole or not at all.

    Raises:
        NotARangeFile: unknown columns, or no row that can be used.
        OSError: the files cannot be read or written.
    """
    rows, skipped, unknown = list[_Row](), 0, Counter[str]()
    read = 0
    for row in _rows(_decode(source.read_bytes())):
        read += 1
        if row is None:
            skipped += 1
        elif not row.zones:
            unknown[row.text] += row.last - row.first + 1
        else:
            rows.append(row)
    joined, overlapping = _join(sorted(rows, key=lambda row: row.first))
    if not joined:
        raise NotARangeFile
    part = target.with_suffix(".part")
    part.write_text(_render(joined), encoding="utf-8")
    part.replace(target)
    numbers = sum(row.last - row.first + 1 for row in joined)
    nationwide = unknown.pop(_NATIONWIDE, 0)
    return RebuildReport(
        read, len(joined), numbers, dict(unknown), nationwide, skipped + overlapping
    )


def _decode(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1251", errors="replace")


def _rows(text: str) -> Iterator[_Row | None]:
    """Yield the rows of either form, None for a damaged one."""
    lines = text.splitlines()
    head = lines[0] if lines else ""
    if head.startswith("first,last,region,zones"):
        yield from map(_short_row, csv.reader(lines[1:]))
    elif "DEF;" in head and "Регион" in head:
        columns = [name.strip() for name in head.split(";")]
        yield from (_plan_row(columns, line) for line in lines[1:] if line.strip())
    else:
        raise NotARangeFile


def _short_row(cells: list[str]) -> _Row | None:
    if len(cells) != 4:
        return None
    first, last, key, zones = cells
    bounds = _bounds("", first.removeprefix("7"), last.removeprefix("7"))
    subjects = _TWINS.get(key, key).split("+") if key else []
    return bounds and _Row(
        *bounds,
        text=key,
        regions=tuple(sorted(f"RU-{subject}" for subject in subjects)),
        zones=tuple(sorted(zones.split(";"))),
    )


def _plan_row(columns: list[str], line: str) -> _Row | None:
    """Read a row of the regulator's file; no operator's name holds a semicolon."""
    cells = line.split(";")
    if len(cells) != len(columns):
        return None
    row = dict(zip(columns, cells, strict=True))
    bounds = _bounds(cells[0].strip(), row.get("От", ""), row.get("До", ""))
    texts = [row["Регион"].strip(), row.get("Территория ГАР", "").strip()]
    regions = subjects_of(texts)
    zones = sorted({zone for region in regions for zone in region_zones(region)})
    text = next((text for text in reversed(texts) if text not in ("", "-")), "")
    return bounds and _Row(*bounds, text=text, regions=regions, zones=tuple(zones))


def _bounds(code: str, first: str, last: str) -> tuple[int, int] | None:
    low, high = code + first.strip(), code + last.strip()
    if re.fullmatch(r"9\d{9}", low) and re.fullmatch(r"9\d{9}", high) and low <= high:
        return int(low), int(high)
    return None


def subjects_of(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the subjects (``RU-MOW``) that a row's region texts name, sorted; empty when any is unknown.

    A text goes from the town to the subject ("г. Тюмень|Тюменская обл."); the last level counts, and
    so does a city that is a subject itself. Both columns are united where they differ.
    """
    found: set[str] = set()
    for text in texts:
        if text in ("", "-"):
            continue
        *towns, subject = _LEVELS.split(text)
        codes = [_subject(part) for part in _ALSO.split(subject)]
        if None in codes:
            return ()
        cities = (_subject(town) for town in towns)
        found |= {code for code in (*codes, *cities) if code}
    return tuple(sorted(found))


def _subject(name: str) -> str | None:
    code = parse_region(name, "RU") if len(name) > 3 else None
    return code if code and code.startswith("RU-") else None


def _join(rows: list[_Row]) -> tuple[list[_Row], int]:
    """Join neighbours with one holder; return them and how many rows ran into the one before."""
    joined: list[_Row] = []
    overlapping = 0
    for row in rows:
        before = joined[-1] if joined else None
        if before and row.first <= before.last:
            overlapping += 1
        elif before and row.first == before.last + 1 and _holder(row) == _holder(before):
            joined[-1] = _Row(before.first, row.last, row.text, row.regions, row.zones)
        else:
            joined.append(row)
    return joined, overlapping


def _holder(row: _Row) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return row.regions, row.zones


def _render(rows: list[_Row]) -> str:
    holders = sorted({_holder(row) for row in rows})
    names = {holder: _name(holder[0], number) for number, holder in enumerate(holders)}
    lines = [_HEAD]
    lines += [
        f"key\t{names[holder]}\t{' '.join(holder[0])}\t{' '.join(holder[1])}" for holder in holders
    ]
    code = ""
    for start, key in _starts(rows, names):
        if start[:3] != code:
            code = start[:3]
            lines.append(f"@{code}")
        lines.append(f"{start[3:]} {key}")
    return "\n".join(lines) + "\n"


def _name(regions: tuple[str, ...], number: int) -> str:
    return "+".join(region.removeprefix("RU-") for region in regions) or f"*{number}"


def _starts(
    rows: list[_Row], names: dict[tuple[tuple[str, ...], tuple[str, ...]], str]
) -> Iterator[tuple[str, str]]:
    """Yield (ten digits, key): where each range begins, and where a gap does."""
    for row, following in zip(rows, [*rows[1:], None], strict=True):
        yield f"{row.first:010d}", names[_holder(row)]
        if row.last < 9_999_999_999 and (following is None or following.first > row.last + 1):
            yield f"{row.last + 1:010d}", NOBODY
