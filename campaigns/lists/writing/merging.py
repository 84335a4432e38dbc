"""Merging: rows of a person who is known go to that contact, and what was there before is kept."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.lists.models import Contact, ContactChange, Phone
from campaigns.lists.staged.plan import Then
from campaigns.lists.writing.batch import Draft, ListHead
from campaigns.lists.writing.placing import Places
from campaigns.states import PhoneKind

#: What an update may change; tags and fields are joined, the rest is replaced where the row says it.
_REPLACED = ("external_key", "language", "region", "zone", "priority", "owner")
_KEPT = ("name", "fields", *_REPLACED, "tags")
_PHONE = ("position", "kind", "e164", "region", "place_id")
#: Numbers that moved to another place take their waiting leads with them. One in a call is not held
#: until the import's end: whatever returns it to wait reads its number's place anew.
_MOVE_LEADS = """
    UPDATE lead SET place_id = p.place_id, e164 = p.e164 FROM phone p
    WHERE lead.contact_id = ANY(:ids) AND lead.state = 'waiting' AND p.contact_id = lead.contact_id
      AND p.position = lead.phone_position AND (p.place_id, p.e164) <> (lead.place_id, lead.e164)
"""
#: A known person belongs to the campaign as the row does; whoever is in it already stays as he is.
_ENROL = """
    INSERT INTO lead (id, client_id, campaign_id, contact_id, lane, place_id, sort_key, state,
                      next_attempt_at, waiting_reason, phone_position, attempts_made, e164, person_key)
    SELECT uuidv7(), :client_id, :campaign_id, n.contact_id, n.lane, p.place_id, n.row, 'waiting',
           :now, 'new', 0, 0, p.e164, t.external_key
    FROM unnest(CAST(:ids AS uuid[]), CAST(:lanes AS int[]), CAST(:rows AS int[]))
         AS n(contact_id, lane, row)
    JOIN phone p ON p.contact_id = n.contact_id AND p.position = 0
    JOIN contact t ON t.id = n.contact_id
    ON CONFLICT (contact_id, campaign_id) DO NOTHING
"""


class Merger:
    """Merges the drafts of one import into stored contacts."""

    def __init__(self, session: AsyncSession, head: ListHead, then: Then, places: Places) -> None:
        """Merge in the session's transaction."""
        self._session = session
        self._head = head
        self._then = then
        self._places = places
        self.phones_added = 0

    async def merge(self, drafts: Sequence[Draft], lanes: dict[int, int] | None) -> None:
        """Merge drafts in their order; ``lanes`` (by priority) None: without enrolment."""
        merging = [draft for draft in drafts if draft.merges]
        if not merging:
            return
        ids = sorted({UUID(bytes=draft.contact_id) for draft in merging})
        contacts, phones = await self._load(ids)
        changes = self._changes(merging, contacts, phones)
        moved: set[UUID] = set()
        added: list[dict[str, Any]] = []
        for draft in merging:
            contact_id = UUID(bytes=draft.contact_id)
            contact, known = contacts.get(contact_id), phones[contact_id]
            if contact is None:
                continue
            if self._then is Then.UPDATE:
                self._update(contact, draft)
                if draft.traits.region or draft.traits.zone or draft.traits.postal_code:
                    moved.add(contact_id)
                    await self._move(known, contact, draft)
            added += self._new_phones(draft, contact_id, known)
        self.phones_added += len(added)
        await self._store(changes, contacts, phones, moved, added)
        if lanes is not None:
            await self._enrol(merging, lanes)
        if moved:  # last, so that leads are held for as short a time as can be
            connection = await self._session.connection()
            await connection.execute(text(_MOVE_LEADS), {"ids": sorted(moved)})

    async def _load(
        self, ids: list[UUID]
    ) -> tuple[dict[UUID, dict[str, Any]], dict[UUID, list[dict[str, Any]]]]:
        connection = await self._session.connection()
        contact, phone = _table(Contact), _table(Phone)
        found = await connection.execute(
            select(contact.c.id, contact.c.import_id, *(contact.c[name] for name in _KEPT))
            .where(
                contact.c.id.in_(ids),
                contact.c.client_id == self._head.client_id,
                contact.c.erased_at.is_(None),
            )
            .order_by(contact.c.id)
            # Not the key: an attempt to one of them can be opened while the import runs.
            .with_for_update(key_share=True)
        )
        contacts = {row["id"]: dict(row) for row in found.mappings()}
        numbers = await connection.execute(
            select(phone.c.contact_id, *(phone.c[name] for name in _PHONE))
            .where(phone.c.contact_id.in_(list(contacts)))
            .order_by(phone.c.contact_id, phone.c.position)
        )
        phones: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
        for row in numbers.mappings():
            phones[row["contact_id"]].append(dict(row))
        return contacts, phones

    def _changes(
        self,
        merging: Sequence[Draft],
        contacts: dict[UUID, dict[str, Any]],
        phones: dict[UUID, list[dict[str, Any]]],
    ) -> list[dict[str, Any]]:
        """Return what to keep of contacts that were there before this import."""
        import_id = self._head.import_id
        if import_id is None:
            return []
        changes: dict[UUID, dict[str, Any]] = {}
        for draft in merging:
            contact = contacts.get(UUID(bytes=draft.contact_id))
            if contact is None or contact["import_id"] == import_id or contact["id"] in changes:
                continue
            before = {name: contact[name] for name in _KEPT}
            before["phones"] = [
                {name: phone[name] for name in _PHONE} for phone in phones[contact["id"]]
            ]
            changes[contact["id"]] = {
                "import_id": import_id,
                "contact_id": contact["id"],
                "source_row": draft.source_row,
                "before": before,
            }
        return list(changes.values())

    def _update(self, contact: dict[str, Any], draft: Draft) -> None:
        cells = zip(self._head.columns, draft.cells, strict=True)
        contact["fields"] = contact["fields"] | {
            column: cell
            for column, cell in cells
            if cell.strip() or column not in contact["fields"]
        }
        contact["name"] = draft.name or contact["name"]
        for name in _REPLACED:
            said = getattr(draft.traits, name)
            contact[name] = contact[name] if said is None else said
        contact["tags"] = list(dict.fromkeys([*contact["tags"], *draft.traits.tags]))

    async def _move(
        self, known: list[dict[str, Any]], contact: dict[str, Any], draft: Draft
    ) -> None:
        """Place the contact's numbers anew, because the row says where the person is."""
        traits = draft.traits._replace(region=contact["region"], zone=contact["zone"])
        slots = [self._places.slot(phone["e164"], traits) for phone in known]
        await self._places.save(self._session)
        for phone, slot in zip(known, slots, strict=True):
            phone["place_id"] = self._places.ids[slot]

    def _new_phones(
        self, draft: Draft, contact_id: UUID, known: list[dict[str, Any]]
    ) -> list[dict[str, Any]]:
        """Return the row's numbers that the contact lacks, to be dialled after those it has."""
        there = {phone["e164"] for phone in known}
        added = []
        for number, kind, slot in zip(draft.numbers, draft.kinds, draft.places, strict=True):
            if number.e164 in there:
                continue
            row = {
                "contact_id": contact_id,
                "client_id": self._head.client_id,
                "position": max((phone["position"] for phone in known), default=-1) + 1,
                "kind": PhoneKind.OTHER if kind is PhoneKind.PRIMARY and known else kind,
                "e164": number.e164,
                "region": number.region,
                "place_id": self._places.ids[slot],
            }
            known.append(row)
            added.append(row)
        return added

    async def _store(
        self,
        changes: list[dict[str, Any]],
        contacts: dict[UUID, dict[str, Any]],
        phones: dict[UUID, list[dict[str, Any]]],
        moved: set[UUID],
        added: list[dict[str, Any]],
    ) -> None:
        connection = await self._session.connection()
        if changes:
            await connection.execute(
                insert(_table(ContactChange)).on_conflict_do_nothing(), changes
            )
        contact, phone = _table(Contact), _table(Phone)
        if self._then is Then.UPDATE and contacts:
            await connection.execute(
                update(contact)
                .where(contact.c.id == bindparam("known"))
                .values({name: bindparam(f"new_{name}") for name in _KEPT}),
                [
                    {"known": row["id"]} | {f"new_{name}": row[name] for name in _KEPT}
                    for row in contacts.values()
                ],
            )
        if added:
            await connection.execute(insert(phone), added)
        if moved:
            await connection.execute(
                update(phone)
                .where(
                    phone.c.contact_id == bindparam("known"), phone.c.position == bindparam("at")
                )
                .values(place_id=bindparam("place")),
                [
                    {"known": contact_id, "at": row["position"], "place": row["place_id"]}
                    for contact_id in sorted(moved)
                    for row in phones[contact_id]
                ],
            )

    async def _enrol(self, merging: Sequence[Draft], lanes: dict[int, int]) -> None:
        usual = self._head.priority
        lane = [lanes[usual if d.traits.priority is None else d.traits.priority] for d in merging]
        connection = await self._session.connection()
        await connection.execute(
            text(_ENROL),
            {
                "client_id": self._head.client_id,
                "campaign_id": self._head.campaign_id,
                "now": self._head.now,
                "ids": [UUID(bytes=draft.contact_id) for draft in merging],
                "lanes": lane,
                "rows": [draft.source_row for draft in merging],
            },
        )


def _table(model: type[SQLModel]) -> Any:
    return model.metadata.tables[str(model.__tablename__)]
