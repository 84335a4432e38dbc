"""Scorecards: made, changed as drafts, published for good. Nothing here commits."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.quality.models import Scorecard, ScorecardVersion
from campaigns.quality.scorecard import Sheet, sheet_of
from campaigns.tenancy import audit
from campaigns.tenancy.tokens import Identity
from dialer.clock import Clock
from dialer.errors import Conflict, Invalid, NotFound

MOST_NAME = 100


class ScorecardNotFound(NotFound):
    """The client has no such scorecard."""

    code = "scorecard_not_found"
    message = "There is no such scorecard."


class NothingToPublish(Conflict):
    """Every version is published already."""

    code = "nothing_to_publish"
    message = "There is no draft: change the scorecard first."


class NameTaken(Conflict):
    """Another scorecard has the name."""

    code = "scorecard_name_taken"
    message = "Another scorecard has this name."


@dataclass(frozen=True, slots=True)
class ShownScorecard:
    """A scorecard with its versions, the newest first."""

    row: Scorecard
    versions: Sequence[ScorecardVersion]

    @property
    def draft(self) -> ScorecardVersion | None:
        """Return the version that can still be changed."""
        return next((one for one in self.versions if one.published_at is None), None)

    @property
    def published(self) -> ScorecardVersion | None:
        """Return the newest published version: the one calls are scored by."""
        return next((one for one in self.versions if one.published_at is not None), None)


async def scorecards_of(session: AsyncSession, client_id: UUID) -> list[ShownScorecard]:
    """Return a client's scorecards by name."""
    rows = await session.exec(
        select(Scorecard).where(col(Scorecard.client_id) == client_id).order_by(col(Scorecard.name))
    )
    versions = await session.exec(
        select(ScorecardVersion)
        .where(col(ScorecardVersion.client_id) == client_id)
        .order_by(col(ScorecardVersion.number).desc())
    )
    known = versions.all()
    return [
        ShownScorecard(row, [one for one in known if one.scorecard_id == row.id]) for row in rows
    ]


async def find_scorecard(
    session: AsyncSession, scorecard_id: UUID, *, client_id: UUID, lock: bool = False
) -> ShownScorecard:
    """Return a scorecard of the client; ``lock``: nobody else changes it until the commit.

    Raises:
        ScorecardNotFound: there is none, or it is another client's.
    """
    asked = select(Scorecard).where(
        col(Scorecard.id) == scorecard_id, col(Scorecard.client_id) == client_id
    )
    row = (await session.exec(asked.with_for_update() if lock else asked)).one_or_none()
    if row is None:
        raise ScorecardNotFound(scorecard_id=str(scorecard_id))
    versions = await session.exec(
        select(ScorecardVersion)
        .where(col(ScorecardVersion.scorecard_id) == row.id)
        .order_by(col(ScorecardVersion.number).desc())
    )
    return ShownScorecard(row, versions.all())


async def find_published(
    session: AsyncSession, version_id: UUID, *, client_id: UUID
) -> ScorecardVersion:
    """Return a published version of the client.

    Raises:
        ScorecardNotFound: there is none, or it is a draft or another client's.
    """
    row = await session.get(ScorecardVersion, version_id)
    if row is None or row.client_id != client_id or row.published_at is None:
        raise ScorecardNotFound(version_id=str(version_id))
    return row


async def make(
    session: AsyncSession, name: str, sheet: Sheet, *, who: Identity, clock: Clock
) -> Scorecard:
    """Make a scorecard with a first draft.

    Raises:
        Invalid: it has no name.
        NameTaken: another scorecard has it.
    """
    name = name.strip()[:MOST_NAME]
    if not name:
        raise Invalid("Give the scorecard a name.")
    same = select(Scorecard.id).where(
        col(Scorecard.client_id) == who.client_id, col(Scorecard.name) == name
    )
    if (await session.exec(same)).first() is not None:
        raise NameTaken(name=name)
    row = Scorecard(client_id=who.client_id, name=name, created_at=clock.now())
    session.add(row)
    await session.flush()
    session.add(_version(row, 1, sheet, who, clock))
    facts = {"name": name}
    await audit.trace(session, row, "scorecard.made", facts, user_id=who.user_id, clock=clock)
    return row


async def save_draft(
    session: AsyncSession, scorecard_id: UUID, sheet: Sheet, *, who: Identity, clock: Clock
) -> ScorecardVersion:
    """Change the draft, or begin a new one after the published versions, which stay as they are.

    Raises:
        ScorecardNotFound: there is none, or it is another client's.
    """
    shown = await find_scorecard(session, scorecard_id, client_id=who.client_id, lock=True)
    draft = shown.draft
    if draft is None:
        newest = max((one.number for one in shown.versions), default=0)
        draft = _version(shown.row, newest + 1, sheet, who, clock)
        session.add(draft)
    draft.content = sheet.model_dump(mode="json")
    await session.flush()
    facts = {"number": draft.number, "questions": len(sheet.items)}
    await audit.trace(
        session, shown.row, "scorecard.changed", facts, user_id=who.user_id, clock=clock
    )
    return draft


async def publish(
    session: AsyncSession, scorecard_id: UUID, *, who: Identity, clock: Clock
) -> ScorecardVersion:
    """Publish the draft: from now on calls are scored by it, and it never changes.

    Raises:
        ScorecardNotFound: there is none, or it is another client's.
        NothingToPublish: there is no draft.
        SheetWrong: nothing can be scored by it.
    """
    shown = await find_scorecard(session, scorecard_id, client_id=who.client_id, lock=True)
    draft = shown.draft
    if draft is None:
        raise NothingToPublish
    sheet_of(draft.content).require_usable()
    draft.published_at, draft.published_by = clock.now(), who.user_id
    await session.flush()
    facts = {"number": draft.number}
    await audit.trace(
        session, shown.row, "scorecard.published", facts, user_id=who.user_id, clock=clock
    )
    return draft


def _version(
    row: Scorecard, number: int, sheet: Sheet, who: Identity, clock: Clock
) -> ScorecardVersion:
    return ScorecardVersion(
        client_id=row.client_id,
        scorecard_id=row.id,
        number=number,
        content=sheet.model_dump(mode="json"),
        created_at=clock.now(),
        created_by=who.user_id,
    )
