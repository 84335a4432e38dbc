"""Erasure reaches quality: words about the person's calls go, the operator's scores stay."""

from pathlib import Path

from redis.asyncio import Redis
from sqlmodel import select

from campaigns.leads.models import Attempt
from campaigns.lists.erasure.erasing import erase
from campaigns.lists.erasure.person import Vault, Who
from campaigns.lists.erasure.subject_key import subject_key
from campaigns.quality import disputes, notes, reviewing
from campaigns.quality.models import Dispute, NoteKind, QualityNote, Review
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.quality_world import GOOD, open_quality


async def test_words_about_an_erased_person_go(
    sessions: SessionFactory, redis: Redis, clock: FrozenClock, tmp_path: Path
) -> None:
    async with open_quality(sessions, redis, clock, tmp_path) as quality:
        who, olga = await quality.who(), quality.identity(quality.operator)
        version = await quality.published(who)
        own = frozenset({quality.agents[0]})
        async with transaction(sessions) as session:
            for call in quality.calls[:2]:
                row = await reviewing.record(
                    session, call, version.id, GOOD, "He is ill.", who=who, clock=clock
                )
                await disputes.open_dispute(
                    session, row.id, "asked", "He was ill.", own, who=olga, clock=clock
                )
            attempt = await session.get_one(Attempt, quality.calls[0])
            tells = f"See also {attempt.e164}."
            for call, words in ((quality.calls[0], "He coughs."), (quality.calls[1], tells)):
                await notes.add(session, call, NoteKind.COACHING, 1.0, words, who=who, clock=clock)
            number = attempt.e164
        settings = quality.made.settings
        async with transaction(sessions) as session:
            receipt = await erase(
                session,
                Who(e164=number),
                client_id=quality.client_id,
                reason="a letter",
                user_id=None,
                clock=clock,
                vault=Vault(
                    subject_key(tmp_path / "erasure.key"),
                    settings.recordings(),
                    settings.raw_recordings(),
                ),
            )
        async with sessions() as session:
            reviews = (await session.exec(select(Review).order_by(Review.id))).all()  # type: ignore[arg-type]
            left = (await session.exec(select(Dispute).order_by(Dispute.id))).all()  # type: ignore[arg-type]
            (note,) = (await session.exec(select(QualityNote))).all()
    assert {one: receipt.counts[one] for one in receipt.counts if one.startswith("quality")} == {
        "quality_note": 1,
        "quality_review": 1,
        "quality_dispute": 1,
        "quality_mention": 1,
    }
    assert [one.words for one in reviews] == ["", "He is ill."]
    assert [str(one.percent) for one in reviews] == ["85.0", "85.0"]
    assert [one.words for one in left] == ["", "He was ill."]
    assert number not in note.words
