"""The law in force: rule packs, calendars and time zones, read once by an entry point."""

from functools import lru_cache
from pathlib import Path

import tzdata

from compliance.facts import Law
from compliance.hours.calendars import load_calendars
from compliance.rulebook.packs import check_tzdata, load_packs


@lru_cache(maxsize=4)
def load_law(operator_packs: Path | None = None) -> Law:
    """Read the shipped packs and the operator's own, which add rows and never take any away.

    Raises:
        PackError: a pack cannot be read; the sentence names the file and the row.
        StaleTimeZones: the time-zone data are older than the packs need.
    """
    own = sorted(operator_packs.glob("*.toml")) if operator_packs is not None else []
    book = load_packs(operator_files=own)
    check_tzdata(book, tzdata.IANA_VERSION)
    return Law(book, load_calendars(), tzdata.IANA_VERSION)
