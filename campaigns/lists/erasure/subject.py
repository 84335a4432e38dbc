"""The subject of an erasure: whose data go."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import phonenumbers
from sqlmodel.ext.asyncio.session import AsyncSession

#: A run of fewer digits may be anything: then the number is looked for with its country code.
_LEAST_DIGITS = 7


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose data go."""

    client_id: UUID
    contact_ids: tuple[UUID, ...]
    numbers: tuple[str, ...]  #: E.164: the person's, and no other person's of the client
    keys: tuple[str, ...]  #: the client's own keys of the person
    names: tuple[str, ...]  #: as the person's contacts say them
    key: bytes  #: of the installation
    recordings: Path  #: directory of finished recordings
    raw_recordings: Path  #: directory of unfinished ones
    now: datetime
    uploads: Path | None = None  #: directory of clients' files; None: there are none
    exports: Path | None = None  #: directory of exports
    deliveries: Path | None = None  #: directory of deliveries' files

    @property
    def ids(self) -> list[UUID]:
        """Return the contacts as a statement takes them."""
        return list(self.contact_ids)

    @property
    def patterns(self) -> list[str]:
        """Return the numbers as SQL patterns for a text of which nothing but its digits is left."""
        return [f"%{bare_digits(number)}%" for number in self.numbers]

    def facts(self, statement: str) -> dict[str, Any]:
        """Return the values a statement asks for by name."""
        known = {
            "client_id": self.client_id,
            "ids": self.ids,
            "numbers": list(self.numbers),
            "keys": list(self.keys),
            "patterns": self.patterns,
        }
        return {name: value for name, value in known.items() if f":{name}" in statement}


#: Returns how many rows (or files) it changed.
Eraser = Callable[[AsyncSession, Subject], Awaitable[int]]


def bare_digits(e164: str) -> str:
    """Return the digits that every way of writing the number has in one run."""
    national = phonenumbers.national_significant_number(phonenumbers.parse(e164))
    return national if len(national) >= _LEAST_DIGITS else e164[1:]
