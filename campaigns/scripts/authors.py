"""Who writes scripts and articles: a person on a page, or the command line."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


class Author(Protocol):
    """Whoever changes something of a client's."""

    @property
    def client_id(self) -> UUID:
        """Whose scripts and articles they are."""
        ...

    @property
    def user_id(self) -> UUID | None:
        """The person; None: the command line."""
        ...


@dataclass(frozen=True, slots=True)
class CommandLine:
    """The command line, at work for a client."""

    client_id: UUID
    user_id: UUID | None = None
