"""Duplicates: which rows bring a person who is known, in the file or among the contacts of a scope.

In the file, persons are remembered, see :mod:`campaigns.lists.writing.seen`. Among stored contacts the
persons of a batch are looked up, set-wise: that costs as much as the file is long, however many contacts
there are.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.lists.refusals import Refusal, RefusalReason
from campaigns.lists.staged.plan import ImportPlan, SameBy, Scope, Then
from campaigns.lists.writing.batch import Batch, Draft
from campaigns.lists.writing.seen import KEY_MARK

_WHAT = {SameBy.PHONE: "number", SameBy.KEY: "key", SameBy.PERSON: "name and number"}

#: Contacts a row may repeat; each scope is one more condition.
_WITHIN = {
    Scope.FILE: "c.list_id = :list_id AND c.import_id IS NOT DISTINCT FROM :import_id",
    Scope.LIST: "c.list_id = :list_id",
    Scope.CAMPAIGN: "(c.list_id = :list_id OR EXISTS (SELECT FROM lead d"
    " WHERE d.contact_id = c.id AND d.campaign_id = :campaign_id))",
    Scope.CLIENT: "true",
}
# One look-up for each identity: no plan that a table without statistics could mislead into reading
# all of it for every batch.
_BY_NUMBER = """
    SELECT n.e164 AS identity, x.* FROM unnest(CAST(:wanted AS varchar[])) AS n(e164)
    CROSS JOIN LATERAL (
        SELECT c.id, c.source_row, c.list_id, c.name, l.name AS list_name
        FROM phone p JOIN contact c ON c.id = p.contact_id JOIN contact_list l ON l.id = c.list_id
        WHERE p.e164 = n.e164 COLLATE "C" AND p.position = 0 AND c.client_id = :client_id
          AND c.erased_at IS NULL AND {within}
        ORDER BY c.id LIMIT :most
    ) x
"""
_BY_KEY = """
    SELECT n.key AS identity, x.* FROM unnest(CAST(:wanted AS varchar[])) AS n(key)
    CROSS JOIN LATERAL (
        SELECT c.id, c.source_row, c.list_id, c.name, l.name AS list_name
        FROM contact c JOIN contact_list l ON l.id = c.list_id
        WHERE c.external_key = n.key AND c.client_id = :client_id
          AND c.erased_at IS NULL AND {within}
        ORDER BY c.id LIMIT :most
    ) x
"""
#: Persons behind one number that are told apart by name; more share no telephone.
_MOST_NAMES = 100


class Known(NamedTuple):
    """A contact that was known before the row that repeats it."""

    contact_id: bytes
    source_row: int
    list_id: UUID
    list_name: str = ""


class DoubleFinder:
    """Decides of every row that repeats a person: refused, or merged into the known contact."""

    def __init__(self, plan: ImportPlan) -> None:
        """Decide as the plan says."""
        self._plan = plan
        self._policy = plan.duplicates
        self._waiting: list[Draft] = []  #: of the batch before, perhaps not written yet

    @property
    def asks_the_database(self) -> bool:
        """Tell whether batches must be looked up after the batch before them was written."""
        return self._policy.scope is not Scope.FILE or self._policy.then is not Then.SKIP

    async def resolve(self, session: AsyncSession | None, batch: Batch, *, written: bool) -> None:
        """Take what is refused out of the batch's drafts, and mark what is merged.

        ``written``: the rows before this batch are, or will be, in the database, so that others can be
        merged into them.
        """
        wide = self._policy.scope is not Scope.FILE
        merged = written and self._policy.then is not Then.SKIP
        asked = [one.identity for one in batch.drafts if wide or (merged and one.first_row)]
        stored: dict[str, Known] = {}
        if session is not None and asked:
            stored = await self._stored(session, asked)
        repeats = bool(stored) or any(draft.first_row for draft in batch.drafts)
        if repeats:
            self.decide(batch, stored, written=written)
        self._waiting = batch.drafts if written else []

    def decide(self, batch: Batch, stored: dict[str, Known], *, written: bool) -> None:
        """Decide a batch whose persons were looked up; see :meth:`resolve`."""
        merged = written and self._policy.then is not Then.SKIP
        recent = {draft.identity: draft for draft in self._waiting}
        kept: list[Draft] = []
        for draft in batch.drafts:
            identity = draft.identity
            if not draft.first_row and identity not in stored:
                recent[identity] = draft
                kept.append(draft)
                continue
            known = self._known(recent.get(identity)) or stored.get(identity)
            if known is None and merged:  # the row it repeats gave no contact
                recent[identity] = draft
                kept.append(draft)
            elif self._policy.then is Then.SKIP:
                detail = self._detail(known, draft)
                batch.refused.append(
                    Refusal(draft.source_row, RefusalReason.DUPLICATE, detail, draft.cells)
                )
            else:
                draft.merges = True
                draft.contact_id = known.contact_id if known else draft.contact_id
                kept.append(draft)
        batch.drafts = kept

    def _known(self, draft: Draft | None) -> Known | None:
        """Return what a draft that is on its way will be."""
        if draft is None:
            return None
        return Known(draft.contact_id, draft.source_row, self._plan.list_id)

    def _detail(self, known: Known | None, draft: Draft) -> str:
        by = self._policy.by
        if by is SameBy.KEY and not draft.identity.startswith(KEY_MARK):
            by = SameBy.PHONE
        what = _WHAT[by]
        if known is None or known.list_id == self._plan.list_id:
            return f"Row {known.source_row if known else draft.first_row} has the same {what}."
        return f"Row {known.source_row} of the list “{known.list_name}” has the same {what}."

    async def _stored(self, session: AsyncSession, identities: Sequence[str]) -> dict[str, Known]:
        """Return the stored contacts of the identities, the oldest of each."""
        keys = [one[1:] for one in identities if one.startswith(KEY_MARK)]
        others = [one for one in identities if not one.startswith(KEY_MARK)]
        found = {
            KEY_MARK + row.identity: _known(row) for row in await self._rows(session, _BY_KEY, keys)
        }
        if self._policy.by is not SameBy.PERSON:
            rows = await self._rows(session, _BY_NUMBER, others)
            return found | {row.identity: _known(row) for row in rows}
        names: dict[str, set[str]] = defaultdict(set)
        for one in others:
            name, _, e164 = one.rpartition("\n")
            names[e164].add(name)
        for row in await self._rows(session, _BY_NUMBER, list(names), most=_MOST_NAMES):
            if row.name.casefold() in names[row.identity]:
                found.setdefault(f"{row.name.casefold()}\n{row.identity}", _known(row))
        return found

    async def _rows(
        self, session: AsyncSession, query: str, wanted: list[str], *, most: int = 1
    ) -> Sequence[Any]:
        if not wanted:
            return ()
        scope = self._policy.scope
        plan = self._plan
        values: dict[str, Any] = {"wanted": wanted, "client_id": plan.client_id, "most": most}
        within = _WITHIN[scope]
        candidates = {
            "list_id": plan.list_id,
            "import_id": plan.import_id,
            "campaign_id": plan.campaign_id,
        }
        values |= {name: value for name, value in candidates.items() if f":{name}" in within}
        connection = await session.connection()
        return (await connection.execute(text(query.format(within=within)), values)).all()


def _known(row: Any) -> Known:
    return Known(row.id.bytes, row.source_row, row.list_id, row.list_name)
