"""Figures of reports: equal to the raw count before, while and after days are rolled up."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.reports import settings as report_settings
from campaigns.reports.asking import Question, Table
from campaigns.reports.dimensions import CUBES, Dimension
from campaigns.reports.figures import campaign_figures
from campaigns.reports.measures import MEASURES
from campaigns.reports.periods import Period, day_of
from campaigns.reports.query import figures
from campaigns.reports.rolling import check
from campaigns.tenancy.limits import ClientWish, change_client
from campaigns.wall.choices import in_force
from dialer import settings as dialer_settings
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.conftest import NOON_MONDAY
from tests.factories import make_client
from tests.reports_world import ReportsWorld, forget_rollups, make_reports_world
from tests.world import until
from workers.deps import BackgroundDeps
from workers.jobs.reports import sweep_reports

TODAY = day_of(NOON_MONDAY, "UTC")
WEEK = Period(TODAY - timedelta(days=7), TODAY)
ALL = tuple(MEASURES)


def questions(world: ReportsWorld) -> list[Question]:
    """What is kept rolled up, what is not, and filters of both kinds."""
    one = (str(world.campaigns[0].id),)
    asked = [Question(ALL, WEEK, cube.keys) for cube in CUBES]
    return [
        *asked,
        Question(ALL, WEEK, (Dimension.CAMPAIGN, Dimension.DAY, Dimension.HOUR)),
        Question(ALL, WEEK, (Dimension.WEEK, Dimension.WEEKDAY), {Dimension.CAMPAIGN: one}),
        Question(ALL, WEEK, (Dimension.LIST, Dimension.MONTH), {Dimension.REGION: ("RU-PRI",)}),
        Question(ALL, WEEK, (Dimension.AGENT, Dimension.FORM, Dimension.HOUR)),
        Question(ALL, WEEK, (), {Dimension.HOUR: ("9", "10", "11")}),
        Question(ALL, WEEK, (Dimension.YEAR, Dimension.TRUNK), {Dimension.CAUSE: ("SIP 486",)}),
    ]


async def answers(session: AsyncSession, world: ReportsWorld) -> list[Table]:
    return [await figures(session, world.client_id, one, now=world.now) for one in questions(world)]


async def raw_answers(sessions: SessionFactory, world: ReportsWorld) -> list[Table]:
    async with sessions() as session:
        await forget_rollups(session)
        found = await answers(session, world)
        await session.rollback()
    return found


def same(found: list[Table], raw: list[Table]) -> bool:
    for one, other in zip(found, raw, strict=True):
        had = {(row.key, name): value for row in one.rows for name, value in row.counts.items()}
        due = {(row.key, name): value for row in other.rows for name, value in row.counts.items()}
        assert dict(had.items() - due.items()) == dict(due.items() - had.items()), (
            one.question.dimensions
        )
    return True


async def roll(sessions: SessionFactory, clock: FrozenClock) -> int:
    """Do what the background worker does every minute."""
    return await sweep_reports({"deps": BackgroundDeps(dialer_settings.load(), sessions, clock)})


@pytest.mark.parametrize(("seed", "zone"), [(1, "Europe/Moscow"), (2, "Asia/Kolkata")])
async def test_rolled_up_days_equal_the_raw_count_over_random_histories(
    sessions: SessionFactory, clock: FrozenClock, seed: int, zone: str
) -> None:
    async with transaction(sessions) as session:
        world = await make_reports_world(session, clock.now(), seed=seed, calls=100)
        change = report_settings.SettingsChange(
            zone=zone, hour_rate=Decimal("12.50"), minute_tariff=Decimal("0.031")
        )
        await report_settings.change_terms(
            session, world.client_id, change, user_id=None, clock=clock
        )
        before = await answers(session, world)
    assert all(table.raw_days > 0 for table in before)
    assert await roll(sessions, clock) > 8
    async with sessions() as session:
        after = await answers(session, world)
        found = await check(session, world.client_id, WEEK, clock)
    assert same(after, before)
    assert found.days > 8
    assert found.wrong == ()
    for _ in range(2):
        for _ in range(8):
            async with transaction(sessions) as session:
                await world.something_late(session)
        raw = await raw_answers(sessions, world)
        async with sessions() as session:
            assert same(await answers(session, world), raw)  # before anything is rolled up again
        await roll(sessions, clock)
        async with sessions() as session:
            assert same(await answers(session, world), raw)
            assert (await check(session, world.client_id, WEEK, clock)).wrong == ()


async def test_a_wrong_cell_is_found(sessions: SessionFactory, clock: FrozenClock) -> None:
    async with transaction(sessions) as session:
        world = await make_reports_world(session, clock.now(), seed=3, calls=30)
    await roll(sessions, clock)
    async with transaction(sessions) as session:
        await session.execute(
            text("UPDATE report_cell SET attempts = attempts + 1 WHERE cube = 'list'")
        )
        await session.execute(text("UPDATE report_case_cell SET refused = refused + 1"))
        found = await check(session, world.client_id, WEEK, clock)
    assert len(found.wrong) > 1


async def test_reports_follow_the_clients_zone_until_they_have_one_of_their_own(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    async with transaction(sessions) as session:
        world = await make_reports_world(session, clock.now(), seed=5, calls=30)
    await roll(sessions, clock)

    async def move(zone: str) -> tuple[str, int]:
        async with transaction(sessions) as session:
            wish = ClientWish(zone=zone)
            await change_client(session, world.client_id, wish, by=None, clock=clock)
        async with sessions() as session:
            terms = await report_settings.terms_of(session, world.client_id)
            days = "SELECT count(*) FROM report_day WHERE client_id = :c"
            kept = await session.scalar(text(days), {"c": world.client_id})
        return terms.zone, int(kept or 0)

    assert await move("Asia/Vladivostok") == ("Asia/Vladivostok", 0)
    await roll(sessions, clock)
    async with transaction(sessions) as session:
        own = report_settings.SettingsChange(zone="Europe/Moscow")
        await report_settings.change_terms(session, world.client_id, own, user_id=None, clock=clock)
    await roll(sessions, clock)
    zone, kept = await move("Asia/Omsk")
    assert zone == "Europe/Moscow"
    assert kept
    for wanted, expected in (("Asia/Omsk", "Asia/Omsk"), ("", "Asia/Omsk")):
        async with transaction(sessions) as session:
            change = report_settings.SettingsChange(zone=wanted)
            client_id = world.client_id
            terms = await report_settings.change_terms(
                session, client_id, change, user_id=None, clock=clock
            )
            assert terms.zone == expected
            assert (await in_force(session, client_id))[1] == expected, "the wall's days"
    await roll(sessions, clock)
    assert await move("Asia/Kolkata") == ("Asia/Kolkata", 0), "followed again"
    async with sessions() as session:
        assert (await in_force(session, world.client_id))[1] == "Asia/Kolkata"
    async with transaction(sessions) as session:
        own_zone = report_settings.SettingsChange(zone="Asia/Kolkata")
        await report_settings.change_terms(
            session, world.client_id, own_zone, user_id=None, clock=clock
        )
    zone, _ = await move("Asia/Omsk")
    assert zone == "Asia/Kolkata", "an own zone stays, also one that was the client's"


async def test_whoever_changes_where_days_begin_waits_for_whoever_does_it_now(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    async with transaction(sessions) as session:
        client_id = (await make_client(session, clock.now())).id
    waits = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")

    async def change(session: AsyncSession, zone: str) -> None:
        terms = report_settings.SettingsChange(zone=zone)
        await report_settings.change_terms(session, client_id, terms, user_id=None, clock=clock)

    async def change_alone(zone: str) -> None:
        async with transaction(sessions) as session:
            await change(session, zone)

    async def move(zone: str) -> None:
        async with transaction(sessions) as session:
            await change_client(session, client_id, ClientWish(zone=zone), by=None, clock=clock)

    async def waiting() -> bool:
        async with sessions() as session:
            return bool((await session.execute(waits)).scalar())

    for now, later in (("Asia/Omsk", change_alone("Europe/Moscow")), ("", move("Asia/Kolkata"))):
        async with transaction(sessions) as session:
            await change(session, now)  # the first time there was no row yet
            changing = asyncio.create_task(later)
            await until(waiting, "the other one waits before it reads the zone")
        await changing
    async with sessions() as session:
        assert (await report_settings.terms_of(session, client_id)).zone == "Asia/Kolkata"


async def test_the_board_and_the_reports_agree(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    async with transaction(sessions) as session:
        world = await make_reports_world(session, clock.now(), seed=4, calls=120)
    await roll(sessions, clock)
    async with sessions() as session:
        by = Question(ALL, WEEK, (Dimension.CAMPAIGN,))
        table = await figures(session, world.client_id, by, now=clock.now())
        for row in table.rows:
            board = await campaign_figures(
                session,
                next(made.id for made in world.campaigns if str(made.id) == row.key[0]),
                client_id=world.client_id,
                now=clock.now(),
            )
            calls, counts = board.calls, row.counts
            assert counts["attempts"] == calls.attempts
            assert counts["answered"] == calls.answered
            assert counts["persons"] == calls.answered_by_person
            assert counts["connected"] == calls.connected
            assert counts["lost"] == calls.abandoned
            assert counts["talk_ms"] / 1000 == pytest.approx(calls.talk_total_s, abs=0.2)
            shown = {name: table.value(row, MEASURES[name]) for name in ("occupancy", "aht")}
            assert float(shown["occupancy"] or 0) == pytest.approx(board.agents.occupancy_rate)
            assert float(shown["aht"] or 0) == pytest.approx(board.handling_mean_s)
            assert float(table.value(row, MEASURES["abandoned_rate"]) or 0) == pytest.approx(
                calls.abandoned_rate
            )


async def test_another_clients_calls_are_not_counted(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    async with transaction(sessions) as session:
        mine = await make_reports_world(session, clock.now(), seed=5, calls=20)
        stranger = await make_client(session, clock.now())
    await roll(sessions, clock)
    theirs = str(mine.campaigns[0].id)
    async with sessions() as session:
        for filters in ({}, {Dimension.CAMPAIGN: (theirs,)}):
            asked = Question(ALL, WEEK, (), filters)
            table = await figures(session, stranger.id, asked, now=clock.now())
            assert {value for row in table.rows for value in row.counts.values()} <= {0}


async def test_figures_stay_when_a_person_is_erased(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    """What the erasers do: interviews and numbers are deleted, contacts emptied."""
    async with transaction(sessions) as session:
        world = await make_reports_world(session, clock.now(), seed=6, calls=60)
        before = await answers(session, world)
    await roll(sessions, clock)
    async with transaction(sessions) as session:
        for statement in (
            "DELETE FROM interview",
            "DELETE FROM phone",
            "UPDATE contact SET name = '', erased_at = now()",
        ):
            await session.execute(text(statement))
    async with sessions() as session:
        assert same(await answers(session, world), before)
    assert same(await raw_answers(sessions, world), before)


async def test_satisfaction_is_counted_from_the_clients_question(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    async with transaction(sessions) as session:
        world = await make_reports_world(session, clock.now(), seed=8, calls=60)
    await roll(sessions, clock)
    change = report_settings.SettingsChange(csat_question="happy", csat_from=4)
    async with transaction(sessions) as session:
        await report_settings.change_terms(
            session, world.client_id, change, user_id=None, clock=clock
        )
    await roll(sessions, clock)
    grade = (
        "INSERT INTO interview_answer (interview_id, code, client_id, sequence, answer, saved_at)"
        " SELECT id, 'happy', client_id, 1, jsonb_build_object('value', given), now() FROM ("
        " SELECT id, client_id, (ARRAY['5', '4', '2', 'bad'])[row_number() OVER (ORDER BY id)] AS given"
        " FROM interview ORDER BY id LIMIT 4) AS x"
    )
    async with transaction(sessions) as session:
        await session.execute(text(grade))
    for again in range(2):  # from raw rows, then from roll-ups
        async with sessions() as session:
            asked = Question(("csat",), WEEK)
            table = await figures(session, world.client_id, asked, now=clock.now())
        assert (table.total.counts["csat_answers"], table.total.counts["csat_satisfied"]) == (3, 2)
        assert again == 0 or table.raw_days < 20
        await roll(sessions, clock)
