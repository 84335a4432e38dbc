"""The file of the import bench: a million rows as clients send them, the same ones each time."""

import csv
import random
from dataclasses import dataclass
from pathlib import Path

from pyroaring import BitMap64

HEADINGS = ("Name", "Phone", "City", "Comment")
DUPLICATE_SHARE = 0.05
INVALID_SHARE = 0.02
DNC_SHARE = 0.03

_SURNAMES = ("Иванов", "Смирнова", "Кузнецов", "Попова", "Васильев", "Петрова", "Соколов")
_NAMES = ("Анна", "Пётр", "Мария", "Иван", "Юлия", "Сергей", "Ольга", "Дмитрий")
_CITIES = ("Самара", "Москва", "Казань", "Омск", "Пермь", "Чита", "Киров", "Хабаровск")
_COMMENTS = ("", "", "новый клиент", "просил перезвонить", "договор до мая", "тариф «Базовый»")
_INVALID = ("12345", "8 (000) 123-45-67", "+7 943 12345678901", "нет", "7.943E+10", "")
#: Codes of mobile numbers in use, enough for the ranges of every operator and region.
_CODES = tuple(range(900, 940)) + tuple(range(950, 954)) + tuple(range(960, 970)) + (977, 985, 999)


@dataclass(frozen=True, slots=True)
class DirtyFile:
    """What was written, and what an import must find in it."""

    path: Path
    rows: int
    duplicates: int
    invalid: int
    dnc: BitMap64  #: E.164 numbers of the do-not-call list that are in the file


def write_file(path: Path, rows: int, seed: int = 3) -> DirtyFile:
    """Write ``rows`` rows: five styles of phones, a few duplicates, invalid and listed numbers."""
    rng = random.Random(seed)
    dnc, duplicates, invalid = BitMap64(), 0, 0
    good: list[int] = []
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADINGS)
        for at in range(rows):
            chance = rng.random()
            if chance < INVALID_SHARE:
                invalid += 1
                phone = rng.choice(_INVALID)
            elif chance < INVALID_SHARE + DUPLICATE_SHARE and good:
                duplicates += 1
                phone = _written(rng.choice(good), at)
            else:
                # A row's number is its own: the last digits count.
                number = rng.choice(_CODES) * 10_000_000 + (at * 7 + 1_234_567) % 10_000_000
                if len(good) < 100_000:
                    good.append(number)
                phone = _written(number, at)
                if rng.random() < DNC_SHARE:
                    dnc.add(70_000_000_000 + number)
            name = f"{rng.choice(_SURNAMES)} {rng.choice(_NAMES)}"
            writer.writerow((name, phone, rng.choice(_CITIES), rng.choice(_COMMENTS)))
    return DirtyFile(path, rows, duplicates, invalid, dnc)


def _written(number: int, at: int) -> str:
    """Return a ten-digit number in one of five styles."""
    text = str(number)
    a, b, c, d = text[:3], text[3:6], text[6:8], text[8:]
    return (
        f"+7{text}",
        f"8 ({a}) {b}-{c}-{d}",
        f"7{text}",
        text,
        f"+7 {a} {b} {c} {d}",
    )[at % 5]
