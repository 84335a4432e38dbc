"""Rendering: a batch becomes rows of PostgreSQL's binary COPY format, off the event loop.

Binary rows spare the server the parsing of every UUID, instant and number, a sixth of its work. What
all rows share, and what many share, is packed once.

Source: PostgreSQL manual, COPY, binary format.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from campaigns.lists.columns.traits import NO_TRAITS, Traits
from campaigns.lists.refusals import Refusal
from campaigns.lists.writing.batch import Batch, Draft, ListHead
from campaigns.lists.writing.identifiers import Identifiers
from campaigns.lists.writing.packing import (
    PACK_LONG,
    PACK_ROW,
    array_cell,
    instant_cell,
    int_cell,
    json_head,
    json_lines,
    plain,
    row_head,
    short_cell,
    text_cell,
    uuid_cell,
)
from campaigns.states import LeadState, PhoneKind

CONTACT_COLUMNS = (
    *("id", "client_id", "list_id", "import_id", "source_row", "name", "fields", "external_key"),
    *("language", "region", "zone", "owner", "priority", "tags", "created_at"),
)
PHONE_COLUMNS = ("contact_id", "client_id", "position", "kind", "e164", "region", "place_id")
LEAD_COLUMNS = (
    *("id", "client_id", "campaign_id", "contact_id", "lane", "place_id", "sort_key", "state"),
    *("next_attempt_at", "waiting_reason", "phone_position", "attempts_made", "e164", "person_key"),
)
REFUSED_COLUMNS = (
    *("id", "client_id", "list_id", "import_id", "source_row", "reason", "detail", "original"),
)
#: Rendered traits kept, some 300 bytes each.
_TAILS_KEPT = 50_000


class Rendered(NamedTuple):
    """The rows of one batch for each table, without the format's head and end."""

    contacts: bytes
    phones: bytes
    leads: bytes
    refused: bytes


class Renderer:
    """Renders the batches of one import."""

    def __init__(self, head: ListHead) -> None:
        """Put ``head`` into every row."""
        self._head = head
        self._shared = uuid_cell(head.client_id) + uuid_cell(head.list_id)
        self._shared += uuid_cell(head.import_id)
        self._at = instant_cell(head.now)
        self._lead_ids = Identifiers()
        self._refused_ids = Identifiers()
        self._tails: dict[tuple[object, ...], bytes] = {}
        self._no_traits = self._traits(NO_TRAITS)
        self._phone_middles: dict[tuple[int, PhoneKind], bytes] = {}
        self._phone_tails: dict[tuple[str, int], bytes] = {}
        self._lead_middles: dict[tuple[int, int], bytes] = {}

    def render(
        self, batch: Batch, place_ids: Sequence[int], lanes: Mapping[int, int] | None
    ) -> Rendered:
        """Return the rows of what is new in ``batch``; ``lanes`` (by priority) None: without leads."""
        drafts = [draft for draft in batch.drafts if not draft.merges]
        return Rendered(
            self._contacts(drafts),
            self._phones(drafts, place_ids),
            b"" if lanes is None else self._leads(drafts, place_ids, lanes),
            self._refused(batch.refused),
        )

    def _contacts(self, drafts: list[Draft]) -> bytes:
        columns, shared = self._head.columns, self._shared
        fields = json_lines([dict(zip(columns, draft.cells, strict=True)) for draft in drafts])
        start, pack = row_head(CONTACT_COLUMNS), PACK_ROW
        out: list[bytes] = []
        for draft, text in zip(drafts, fields, strict=True):
            name = plain(draft.name)
            traits = draft.traits
            out += (
                start,
                draft.contact_id,
                shared,
                pack(4, draft.source_row, len(name)),
                name,
                json_head(len(text)),
                text,
                self._no_traits if traits is NO_TRAITS else self._traits(traits),
            )
        return b"".join(out)

    def _traits(self, traits: Traits) -> bytes:
        rest = traits[1:]
        tail = self._tails.get(rest)
        if tail is None:
            tail = self._tail(traits)
            if len(self._tails) < _TAILS_KEPT:
                self._tails[rest] = tail
        return text_cell(traits.external_key) + tail

    def _tail(self, traits: Traits) -> bytes:
        """Return what comes after the key: the same for many rows."""
        priority = self._head.priority if traits.priority is None else traits.priority
        said = (traits.language, traits.region, traits.zone, traits.owner)
        cells = [*map(text_cell, said), short_cell(priority), array_cell(traits.tags), self._at]
        return b"".join(cells)

    def _phones(self, drafts: list[Draft], place_ids: Sequence[int]) -> bytes:
        start = row_head(PHONE_COLUMNS)
        middles, tails = self._phone_middles, self._phone_tails
        out: list[bytes] = []
        for draft in drafts:
            kinds, places = draft.kinds, draft.places
            for at, number in enumerate(draft.numbers):
                middle, tail = (at, kinds[at]), (number.region, place_ids[places[at]])
                out += (
                    start,
                    draft.contact_id,
                    middles.get(middle) or self._phone_middle(middle),
                    text_cell(number.e164),
                    tails.get(tail) or self._phone_tail(tail),
                )
        return b"".join(out)

    def _phone_middle(self, key: tuple[int, PhoneKind]) -> bytes:
        cells = uuid_cell(self._head.client_id) + short_cell(key[0]) + text_cell(key[1].value)
        self._phone_middles[key] = cells
        return cells

    def _phone_tail(self, key: tuple[str, int]) -> bytes:
        cells = self._phone_tails[key] = text_cell(key[0]) + int_cell(key[1])
        return cells

    def _leads(
        self, drafts: list[Draft], place_ids: Sequence[int], lanes: Mapping[int, int]
    ) -> bytes:
        head, next_id, pack = self._head, self._lead_ids.next, PACK_LONG
        start = row_head(LEAD_COLUMNS)
        # The length of the contact's id ends what is shared before it.
        shared = uuid_cell(head.client_id) + uuid_cell(head.campaign_id) + start[2:]
        tail = text_cell(LeadState.WAITING.value) + self._at + text_cell("new") + int_cell(0) * 2
        middles = self._lead_middles
        out: list[bytes] = []
        for draft in drafts:
            priority = draft.traits.priority
            lane = lanes[head.priority if priority is None else priority]
            middle = (lane, place_ids[draft.places[0]])
            out += (
                start,
                next_id(),
                shared,
                draft.contact_id,
                middles.get(middle) or self._lead_middle(middle),
                pack(8, draft.source_row),
                tail,
                text_cell(draft.numbers[0].e164),
                text_cell(draft.traits.external_key),
            )
        return b"".join(out)

    def _lead_middle(self, key: tuple[int, int]) -> bytes:
        cells = self._lead_middles[key] = short_cell(key[0]) + int_cell(key[1])
        return cells

    def _refused(self, refused: list[Refusal]) -> bytes:
        start, next_id = row_head(REFUSED_COLUMNS), self._refused_ids.next
        originals = json_lines([self._original(refusal.cells) for refusal in refused])
        out: list[bytes] = []
        for (row, reason, detail, _), text in zip(refused, originals, strict=True):
            out += (start, next_id(), self._shared, int_cell(row), text_cell(str(reason)))
            out += (text_cell(detail), json_head(len(text)), text)
        return b"".join(out)

    def _original(self, cells: list[str]) -> list[str]:
        """Return the cells in the order of the list's columns, in which refusals are given out."""
        head = self._head
        if head.columns == head.list_columns:
            return cells
        named = dict(zip(head.columns, cells, strict=True))
        return [named.get(column, "") for column in head.list_columns]
