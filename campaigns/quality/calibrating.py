"""Calibration: two reviewers score one call blind; then both see how far they agree."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.quality.agreement import Agreement, Pair, agreement, pairs_of
from campaigns.quality.blindness import hidden_calls
from campaigns.quality.calls import find_taken, reviewers_of
from campaigns.quality.models import Calibration, Review, Scorecard, ScorecardVersion
from campaigns.quality.reviewing import record
from campaigns.quality.scorecard import Answers, Sheet, sheet_of
from campaigns.quality.scorecards import find_published
from campaigns.tenancy import audit
from campaigns.tenancy.tokens import Identity
from dialer.clock import Clock
from dialer.errors import Conflict, Invalid, NotFound

PAGE = 100


class CalibrationNotFound(NotFound):
    """The client has no such calibration."""

    code = "calibration_not_found"
    message = "There is no such calibration."


class NotYourTurn(Conflict):
    """Two named reviewers take part."""

    code = "not_your_turn"
    message = "Only the two reviewers of this calibration score its call."


@dataclass(frozen=True, slots=True)
class ShownCalibration:
    """A calibration, and what came of it once both have scored."""

    row: Calibration
    version: ScorecardVersion
    scorecard: str
    sheet: Sheet
    done_by: frozenset[UUID]
    first: Review | None = None  #: None until both have scored: they score blind
    second: Review | None = None
    pairs: Mapping[str, Pair] = field(default_factory=dict)

    @property
    def is_complete(self) -> bool:
        """Tell whether both have scored."""
        return self.first is not None

    @property
    def overall(self) -> Agreement | None:
        """Return how far the two agree over all questions."""
        return agreement(list(self.pairs.values()))

    @property
    def difference(self) -> Decimal | None:
        """Return by how many points the two scores differ."""
        if self.first is None or self.second is None:
            return None
        return abs(self.first.percent - self.second.percent)

    def of_item(self, code: str) -> Agreement | None:
        """Return how far the two agree on a question."""
        return agreement([self.pairs[code]]) if code in self.pairs else None


async def begin(
    session: AsyncSession,
    attempt_id: UUID,
    version_id: UUID,
    reviewers: tuple[UUID, UUID],
    *,
    who: Identity,
    clock: Clock,
) -> Calibration:
    """Have two reviewers score a call blind.

    Raises:
        CallNotFound, NobodyTalked, ScorecardNotFound: there is nothing to score, or nothing to score by.
        Invalid: they are not two different reviewers, or one of them took the call.
    """
    call = await find_taken(session, attempt_id, client_id=who.client_id)
    version = await find_published(session, version_id, client_id=who.client_id)
    known = await reviewers_of(session, who.client_id)
    if len(set(reviewers)) < 2 or not set(reviewers) <= set(known):
        raise Invalid("Choose two different reviewers.")
    if call.agent.user_id in reviewers:
        raise Invalid("Who took the call does not score it.")
    row = Calibration(
        client_id=who.client_id,
        attempt_id=attempt_id,
        version_id=version.id,
        first_id=reviewers[0],
        second_id=reviewers[1],
        created_at=clock.now(),
        created_by=who.user_id,
    )
    session.add(row)
    await session.flush()
    facts = {"attempt_id": str(attempt_id), "reviewers": [str(one) for one in reviewers]}
    await audit.trace(session, row, "calibration.begun", facts, user_id=who.user_id, clock=clock)
    return row


async def score_blind(
    session: AsyncSession,
    calibration_id: UUID,
    answers: Answers,
    words: str,
    *,
    who: Identity,
    clock: Clock,
) -> Review:
    """Store one reviewer's part of a calibration.

    Raises:
        CalibrationNotFound: there is none, or it is another client's.
        NotYourTurn: the person is not one of the two.
        AnswersWrong: the answers do not fit the scorecard.
        AlreadyScored: the person has scored it.
    """
    row = await session.get(Calibration, calibration_id)
    if row is None or row.client_id != who.client_id:
        raise CalibrationNotFound(calibration_id=str(calibration_id))
    if who.user_id not in (row.first_id, row.second_id):
        raise NotYourTurn
    return await record(
        session,
        row.attempt_id,
        row.version_id,
        answers,
        words,
        who=who,
        clock=clock,
        calibration_id=row.id,
    )


async def calibrations_of(session: AsyncSession, who: Identity) -> list[ShownCalibration]:
    """Return a client's calibrations, the newest first."""
    statement = select(Calibration).where(col(Calibration.client_id) == who.client_id)
    rows = await session.exec(statement.order_by(col(Calibration.id).desc()).limit(PAGE))
    return await _shown(session, rows.all(), who)


async def find_calibration(
    session: AsyncSession, calibration_id: UUID, *, who: Identity
) -> ShownCalibration:
    """Return a calibration.

    Raises:
        CalibrationNotFound: there is none, or it is another client's.
    """
    row = await session.get(Calibration, calibration_id)
    if row is None or row.client_id != who.client_id:
        raise CalibrationNotFound(calibration_id=str(calibration_id))
    return (await _shown(session, [row], who))[0]


async def _shown(
    session: AsyncSession, rows: Sequence[Calibration], who: Identity
) -> list[ShownCalibration]:
    hidden = await hidden_calls(session, who)  # also what two others said of such a call
    asked = (
        select(ScorecardVersion, Scorecard.name)
        .join(Scorecard, col(Scorecard.id) == col(ScorecardVersion.scorecard_id))
        .where(col(ScorecardVersion.id).in_({row.version_id for row in rows}))
    )
    versions = {version.id: (version, name) for version, name in await session.exec(asked)}
    reviews = await session.exec(
        select(Review).where(col(Review.calibration_id).in_([row.id for row in rows]))
    )
    by_row: dict[UUID | None, dict[UUID, Review]] = defaultdict(dict)
    for one in reviews:
        by_row[one.calibration_id][one.reviewer_id] = one
    return [
        _one(row, *versions[row.version_id], by_row[row.id], row.attempt_id in hidden)
        for row in rows
    ]


def _one(
    row: Calibration,
    version: ScorecardVersion,
    name: str,
    reviews: Mapping[UUID, Review],
    is_hidden: bool,
) -> ShownCalibration:
    sheet, done = sheet_of(version.content), frozenset(reviews)
    first, second = reviews.get(row.first_id), reviews.get(row.second_id)
    if first is None or second is None or is_hidden:
        return ShownCalibration(row, version, name, sheet, done)
    pairs = pairs_of(sheet, first.answers, second.answers)
    return ShownCalibration(row, version, name, sheet, done, first, second, pairs)


@dataclass(frozen=True, slots=True)
class ItemAgreement:
    """How far reviewers agree on a question, over all calls that were calibrated by a version."""

    scorecard: str
    number: int
    text: str
    found: Agreement


def by_item(calibrations: Sequence[ShownCalibration]) -> list[ItemAgreement]:
    """Return agreement by question over complete calibrations, the weakest first."""
    pairs: dict[tuple[UUID, str], list[Pair]] = defaultdict(list)
    names: dict[tuple[UUID, str], tuple[str, int, str]] = {}
    for one in calibrations:
        for item in one.sheet.items if one.is_complete else ():
            key = (one.version.id, item.code)
            pairs[key].append(one.pairs[item.code])
            names[key] = (one.scorecard, one.version.number, item.text)
    found = [
        ItemAgreement(*names[key], counted)
        for key, some in pairs.items()
        if (counted := agreement(some)) is not None
    ]
    return sorted(found, key=lambda one: (one.found.near, one.scorecard, one.text))
