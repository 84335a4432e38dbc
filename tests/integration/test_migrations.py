"""The tables that the migrations make are those that the models describe."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from campaigns.tables import metadata
from dialer.db import SessionFactory


async def test_the_migrations_make_what_the_models_describe(sessions: SessionFactory) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))

    async with sessions() as session:
        found = await (await session.connection()).run_sync(differences)
    assert not found
