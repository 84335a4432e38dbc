"""PostgreSQL keeps the rows of clients apart, even for statements that name no client."""

from uuid import UUID

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.tables import metadata
from cli.migrations import migrate
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, affected, make_engine, make_sessions, transaction
from dialer.ids import new_id
from dialer.rows import ROLE, Whose, bind, over_all_clients, see_only
from tests.conftest import run_sql
from tests.factories import make_client, make_trunk
from tests.row_filler import checksum, columns_of, drop_rules, fill, id_of, insert_of

#: Tables of the whole installation, which every request may use, and why no client's facts are in them.
FOR_ALL = {
    "place": "zones and jurisdictions of numbers: says nothing of any client",
    "emergency_switch": "an emergency is declared for a territory, for everybody",
}
#: Tables that requests of people cannot touch at all.
CLOSED = {"alembic_version": "only migrations write it"}


async def test_every_table_is_under_a_policy_or_has_a_reason(sessions: SessionFactory) -> None:
    async with transaction(sessions) as session:
        tables = await session.execute(
            text(
                "SELECT c.relname, c.relrowsecurity,"  # noqa: S608 - our constant
                " EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid) AS has_policy,"
                f" has_table_privilege('{ROLE}', c.oid, 'SELECT') AS is_open"
                " FROM pg_class c WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition"
                " AND c.relnamespace = 'public'::regnamespace"
            )
        )
        found = {row.relname: row for row in tables}
        assert set(metadata.tables) <= set(found)
        for name, row in found.items():
            if name in FOR_ALL:
                assert (row.is_open, row.relrowsecurity) == (True, False), name
            elif name in CLOSED:
                assert not row.is_open, name
            else:
                told = f"{name}: its migration calls enable_client_rows (docs/tenancy.md)"
                assert (row.is_open, row.relrowsecurity, row.has_policy) == (True,) * 3, told
        # A part of a partitioned table is guarded by its parent only when it is read through it.
        parts = await session.execute(
            text(
                "SELECT relname FROM pg_class WHERE relispartition"  # noqa: S608 - our constant
                f" AND has_table_privilege('{ROLE}', oid, 'SELECT') AND NOT relrowsecurity"
            )
        )
        assert not parts.scalars().all()


async def test_no_statement_reads_or_changes_another_clients_rows(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    mine, other = new_id(), new_id()
    guarded = sorted(set(metadata.tables) - set(FOR_ALL))
    async with transaction(sessions) as session:
        await drop_rules(session)
        await fill(session, mine)
        await fill(session, other)
        columns = {name: await columns_of(session, name) for name in metadata.tables}
        before = {name: await _others(session, name, mine) for name in guarded}
        all_rows = {name: await _count(session, name) for name in guarded}
    whose = Whose(mine, id_of("user_account", mine))
    for name in guarded:
        async with transaction(sessions, whose=whose) as session:
            assert await _count(session, name) == 1 < all_rows[name], name
            first = columns[name][0].name
            changed = await session.execute(text(f'UPDATE {name} SET "{first}" = "{first}"'))  # noqa: S608 - our tables
            assert affected(changed) == 1, name
        adds = (f"DELETE FROM {name}", insert_of(name, columns[name], other))  # noqa: S608 - our tables
        await _refused(sessions, whose, *adds)
        if any(one.name == "client_id" for one in columns[name]):
            gives_away = f"UPDATE {name} SET client_id = '{other}'"  # noqa: S608 - our tables
            await _refused(sessions, whose, gives_away)
    for name in guarded:
        async with transaction(sessions, whose=whose) as session:
            gone = await session.execute(text(f"DELETE FROM {name}"))  # noqa: S608 - our tables
            assert affected(gone) <= 1, name
    async with transaction(sessions) as session:
        assert before == {name: await _others(session, name, mine) for name in guarded}


async def _refused(sessions: SessionFactory, whose: Whose, *statements: str) -> None:
    """Have statements run for a client, the last of which a policy refuses."""
    async with sessions() as session:
        bind(session, whose)
        for statement in statements[:-1]:
            await session.execute(text(statement))
        with pytest.raises(DBAPIError, match="row-level security"):
            await session.execute(text(statements[-1]))


async def _count(session: AsyncSession, table: str) -> int:
    counted = f"SELECT count(*) FROM {table}"  # noqa: S608 - our tables
    rows: int = (await session.execute(text(counted))).scalar_one()
    return rows


async def _others(session: AsyncSession, table: str, mine: UUID) -> object:
    """Return a digest of the rows that are not the client's: those that do not lead to it."""
    own = id_of("client", mine)
    ids = [str(own), *(str(id_of(name, mine)) for name in metadata.tables)]
    listed = "ARRAY[" + ", ".join(f"'{one}'" for one in ids) + "]"
    where = (
        f"NOT EXISTS (SELECT FROM unnest({listed}) AS k(id) WHERE t::text LIKE '%' || k.id || '%')"
    )
    return await checksum(session, table, where)


async def test_rows_of_everybody_are_read_and_not_changed(sessions: SessionFactory) -> None:
    client = new_id()
    async with transaction(sessions) as session:
        trunk = await make_trunk(session)
    async with transaction(sessions, whose=Whose(client)) as session:
        assert (await session.execute(text("SELECT name FROM trunk"))).scalars().all() == [
            trunk.name
        ]
        for statement in ("UPDATE trunk SET name = 'mine'", "DELETE FROM trunk"):
            done = await session.execute(text(statement))
            assert affected(done) == 0


async def test_the_role_lasts_through_rollbacks_and_savepoints_and_no_longer(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    async with transaction(sessions) as session:
        mine = await make_client(session, clock.now(), "Mine")
        await make_client(session, clock.now(), "Other")
        whose = Whose(mine.id)
    counted = text("SELECT count(*), current_user FROM client")
    async with transaction(sessions) as session:
        assert (await session.execute(counted)).one()[0] == 2  # the first look finds the person
        await see_only(session, whose)
        assert (await session.execute(counted)).one() == (1, ROLE)
        await session.rollback()
        assert (await session.execute(counted)).one() == (1, ROLE)
        with pytest.raises(DBAPIError, match="zero"):
            await _fail_over_all(session)
        assert (await session.execute(counted)).one() == (1, ROLE)
        async with over_all_clients(session):
            assert (await session.execute(counted)).one()[0] == 2
        assert (await session.execute(counted)).one() == (1, ROLE)
    for _ in range(3):  # whichever connection of the pool it is
        async with transaction(sessions) as session:
            assert (await session.execute(counted)).one()[0] == 2


async def _fail_over_all(session: AsyncSession) -> None:
    async with session.begin_nested(), over_all_clients(session):
        assert (await session.execute(text("SELECT count(*) FROM client"))).scalar_one() == 2
        await session.execute(text("SELECT 1 / 0"))


async def test_a_transaction_that_says_no_client_sees_nothing(sessions: SessionFactory) -> None:
    async with transaction(sessions) as session:
        await drop_rules(session)
        await fill(session, new_id())
    async with transaction(sessions) as session:
        await session.execute(text(f"SET LOCAL ROLE {ROLE}"))
        for name in sorted(set(metadata.tables) - set(FOR_ALL)):
            assert await _count(session, name) == 0, name


@pytest.mark.usefixtures("sessions")  # whose migration made the role
async def test_who_may_not_take_the_role_is_told_what_to_run(postgres_url: str) -> None:
    name = f"plain_{new_id().hex[-8:]}"
    await run_sql(postgres_url, f"CREATE ROLE {name} LOGIN PASSWORD 'x'")
    await run_sql(postgres_url, f"GRANT {name} TO current_user")
    await run_sql(postgres_url, f"CREATE DATABASE {name} OWNER {name}")
    theirs = make_url(postgres_url).set(username=name, password="x", database=name)
    url = theirs.render_as_string(hide_password=False)
    try:
        with pytest.raises(DBAPIError, match=f"GRANT {ROLE} TO {name} WITH INHERIT FALSE"):
            await migrate(url)
        await run_sql(postgres_url, f"GRANT {ROLE} TO {name} WITH INHERIT FALSE, SET TRUE")
        await migrate(url)
        engine = make_engine(url)
        async with transaction(make_sessions(engine), whose=Whose(new_id())) as session:
            assert await _count(session, "client") == 0
        await engine.dispose()
    finally:
        await run_sql(postgres_url, f"DROP DATABASE {name} WITH (FORCE)")
