"""What a do-not-call list is loaded from, whose it is, and what can be wrong with it."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from compliance.dnc.formats import DncFormat
from compliance.rulebook.rules import DncSemantics
from dialer.errors import Conflict, Invalid, NotFound


class DncListNotFound(NotFound):
    """The client has no such list."""

    code = "dnc_list_not_found"
    message = "There is no such do-not-call list: load it first."


class OlderList(Conflict):
    """What is to be loaded is older than what is in force."""

    code = "older_list"
    message = "A newer version of this list is in force: force the older one, if it is meant."


class ListFromTheFuture(Invalid):
    """A list cannot have been obtained later than now: its age would be unknown."""

    code = "list_from_the_future"
    message = "The list's date lies in the future: its age would be unknown."


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose list it is, and who does something with it."""

    client_id: UUID  #: of the person who acts; the audit log's
    user_id: UUID | None = None
    for_everybody: bool = False  #: a list of all clients, such as a national one

    @property
    def list_client_id(self) -> UUID | None:
        """Return the list's client; None for everybody's."""
        return None if self.for_everybody else self.client_id

    def directory(self, lists_dir: Path) -> Path:
        """Return where the owner's versions are; ``prune`` sweeps one owner at a time."""
        return lists_dir if self.for_everybody else lists_dir / self.client_id.hex


@dataclass(frozen=True, slots=True)
class ListSource:
    """A file as the register gave it."""

    code: str  #: as the rule packs name the list, or a client's own name
    path: Path
    obtained_at: datetime  #: when the register gave it: the list's age is counted from here
    region: str  #: alpha-2, for numbers without a country code
    file_name: str | None = None  #: when ``path`` has another
    format: DncFormat | None = None  #: None: told from the text


@dataclass(frozen=True, slots=True)
class ListTerms:
    """How a list is used; None leaves what is in force (or the start value)."""

    semantics: DncSemantics | None = None
    max_age_days: int | None = None
    always_applies: bool | None = None
