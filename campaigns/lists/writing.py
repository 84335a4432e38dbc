"""Bulk writing: a batch becomes text that PostgreSQL takes by COPY, several times faster than INSERT.

Rendering is done off the event loop, row by row with as little as possible for each; sending is left to
the driver, in the caller's transaction.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.lists.batch import Batch, Draft, ListHead
from campaigns.lists.identifiers import Identifiers
from campaigns.lists.refusals import Refusal
from campaigns.lists.traits import NO_TRAITS, Traits

CONTACT_COLUMNS = (
    *("id", "client_id", "list_id", "import_id", "source_row", "name", "fields", "external_key"),
    *("language", "region", "zone", "owner", "priority", "tags", "created_at"),
)
PHONE_COLUMNS = ("contact_id", "client_id", "position", "kind", "e164", "region", "place_id")
LEAD_COLUMNS = (
    *("id", "client_id", "campaign_id", "contact_id", "lane", "place_id", "sort_key", "state"),
    *("next_attempt_at", "waiting_reason", "phone_position", "attempts_made"),
)
REFUSED_COLUMNS = (
    *("id", "client_id", "list_id", "import_id", "source_row", "reason", "detail", "original"),
)

#: Absent. Source: PostgreSQL manual, COPY, text format.
NULL = "\\N"
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": None})
#: Rendered traits kept, some 300 bytes each.
_TAILS_KEPT = 50_000
_json = msgspec.json.Encoder()
#: Bytes given to the driver at a time: the event loop breathes between two pieces.
_PIECE = 1 << 18


class Rendered(NamedTuple):
    """The text of one batch for each table."""

    contacts: bytes
    phones: bytes
    leads: bytes
    refused: bytes


class Renderer:
    """Renders the batches of one import."""

    def __init__(self, head: ListHead) -> None:
        """Put ``head`` into every row."""
        self._head = head
        import_id = NULL if head.import_id is None else str(head.import_id)
        self._start = f"\t{head.client_id}\t{head.list_id}\t{import_id}\t"
        self._at = head.now.isoformat()
        self._lead_ids = Identifiers()
        self._refused_ids = Identifiers()
        self._tails: dict[tuple[object, ...], str] = {}
        self._no_traits = self._traits(NO_TRAITS)

    def render(
        self, batch: Batch, place_ids: Sequence[int], lanes: Mapping[int, int] | None
    ) -> Rendered:
        """Return the rows of what is new in ``batch``; ``lanes`` (by priority) None: without leads."""
        drafts = [draft for draft in batch.drafts if not draft.merges]
        return Rendered(
            _encoded(self._contacts(drafts)),
            _encoded(self._phones(drafts, place_ids)),
            b"" if lanes is None else _encoded(self._leads(drafts, place_ids, lanes)),
            _encoded(self._refused(batch.refused)),
        )

    def _contacts(self, drafts: list[Draft]) -> list[str]:
        columns, start, plain = self._head.columns, self._start, self._no_traits
        fields = json_lines([dict(zip(columns, draft.cells, strict=True)) for draft in drafts])
        lines = []
        for draft, text in zip(drafts, fields, strict=True):
            traits = draft.traits
            tail = plain if traits is NO_TRAITS else self._traits(traits)
            name = draft.name
            if "\\" in name or not name.isprintable():
                name = name.translate(_ESCAPES)
            lines.append(f"{draft.contact_id}{start}{draft.source_row}\t{name}\t{text}\t{tail}")
        return lines

    def _traits(self, traits: Traits) -> str:
        key = traits.external_key
        rest = traits[1:]
        tail = self._tails.get(rest)
        if tail is None:
            tail = self._tail(traits)
            if len(self._tails) < _TAILS_KEPT:
                self._tails[rest] = tail
        return f"{NULL if key is None else escaped(key)}\t{tail}"

    def _tail(self, traits: Traits) -> str:
        """Return what comes after the key: the same for many rows."""
        _, language, region, _, zone, priority, owner, tags = traits
        cells = [
            NULL if cell is None else escaped(cell) for cell in (language, region, zone, owner)
        ]
        cells.append(str(self._head.priority if priority is None else priority))
        cells += (_array(tags) if tags else "{}", self._at)
        return "\t".join(cells)

    def _phones(self, drafts: list[Draft], place_ids: Sequence[int]) -> list[str]:
        client_id = f"\t{self._head.client_id}\t"
        first = f"{client_id}0\t"
        lines = []
        for draft in drafts:
            number = draft.numbers[0]
            lines.append(
                f"{draft.contact_id}{first}{draft.kinds[0].value}\t{number.e164}\t{number.region}"
                f"\t{place_ids[draft.places[0]]}"
            )
            for at in range(1, len(draft.numbers)):
                number = draft.numbers[at]
                lines.append(
                    f"{draft.contact_id}{client_id}{at}\t{draft.kinds[at].value}\t{number.e164}"
                    f"\t{number.region}\t{place_ids[draft.places[at]]}"
                )
        return lines

    def _leads(
        self, drafts: list[Draft], place_ids: Sequence[int], lanes: Mapping[int, int]
    ) -> list[str]:
        head, next_id = self._head, self._lead_ids.next
        start = f"\t{head.client_id}\t{head.campaign_id}\t"
        tail = f"\twaiting\t{self._at}\tnew\t0\t0"
        usual = head.priority
        lines = []
        for draft in drafts:
            priority = draft.traits.priority
            lane = lanes[usual if priority is None else priority]
            place_id = place_ids[draft.places[0]]
            lines.append(
                f"{next_id()}{start}{draft.contact_id}\t{lane}\t{place_id}\t{draft.source_row}{tail}"
            )
        return lines

    def _refused(self, refused: list[Refusal]) -> list[str]:
        next_id, start = self._refused_ids.next, self._start
        originals = json_lines([self._original(refusal.cells) for refusal in refused])
        return [
            f"{next_id()}{start}{row}\t{reason}\t{escaped(detail)}\t{text}"
            for (row, reason, detail, _), text in zip(refused, originals, strict=True)
        ]

    def _original(self, cells: list[str]) -> list[str]:
        """Return the cells in the order of the list's columns, in which refusals are given out."""
        head = self._head
        if head.columns == head.list_columns:
            return cells
        named = dict(zip(head.columns, cells, strict=True))
        return [named.get(column, "") for column in head.list_columns]


def escaped(text: str) -> str:
    """Return ``text`` as a cell of COPY's text format; zero characters are left out.

    Source: PostgreSQL manual, COPY, text format.
    """
    return text if text.isprintable() and "\\" not in text else text.translate(_ESCAPES)


def json_lines(values: Sequence[Any]) -> list[str]:
    """Return each value (texts in lists or dicts) as JSON in a cell of COPY's text format."""
    if not values:
        return []
    try:
        text = _json.encode_lines(values)
    except UnicodeEncodeError:  # half of a character: no encoding has it
        return json_lines([_storable(value) for value in values])
    if b"\\u0000" in text and any(_has_zero(value) for value in values):
        return json_lines([_storable(value) for value in values])
    return text.replace(b"\\", b"\\\\").decode().split("\n")[:-1]


async def copy_text(session: AsyncSession, table: str, columns: Sequence[str], text: bytes) -> None:
    """Write rendered rows in the session's transaction.

    Every column without a default in the database must be there.
    """
    if not text:
        return
    connection = await (await session.connection()).get_raw_connection()
    driver: Any = connection.driver_connection  # asyncpg's own
    await driver.copy_to_table(table, source=_pieces(text), columns=list(columns))


async def copy_batch(session: AsyncSession, rendered: Rendered) -> None:
    """Write a batch's contacts, then what belongs to them."""
    await copy_text(session, "contact", CONTACT_COLUMNS, rendered.contacts)
    await copy_text(session, "phone", PHONE_COLUMNS, rendered.phones)
    await copy_text(session, "lead", LEAD_COLUMNS, rendered.leads)
    await copy_text(session, "refused_row", REFUSED_COLUMNS, rendered.refused)


async def _pieces(text: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(text), _PIECE):
        yield text[start : start + _PIECE]


def _encoded(lines: list[str]) -> bytes:
    if not lines:
        return b""
    lines.append("")
    return "\n".join(lines).encode("utf-8", "replace")


def _array(items: Sequence[str]) -> str:
    quoted = (item.replace("\\", "\\\\").replace('"', '\\"') for item in items)
    return escaped("{" + ",".join(f'"{item}"' for item in quoted) + "}")


def _texts(value: Any) -> list[str]:
    return [*value, *value.values()] if isinstance(value, dict) else list(value)


def _has_zero(value: Any) -> bool:
    return any("\0" in text for text in _texts(value))


def _storable(value: Any) -> Any:
    if isinstance(value, dict):
        return {_clean(key): _clean(text) for key, text in value.items()}
    return [_clean(text) for text in value]


def _clean(text: str) -> str:
    return text.replace("\0", "").encode("utf-8", "replace").decode()
