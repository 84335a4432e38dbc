"""Bring a database's tables up to date with Alembic, from Python, without an ini file."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from dialer.settings import PROJECT_ROOT


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(PROJECT_ROOT / "alembic"))
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection) -> None:
    # Two processes that start together must not migrate together.
    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7140215)")
    command.upgrade(_config(connection), "head")


async def migrate(database_url: str) -> None:
    """Bring the database at ``database_url`` to the newest revision."""
    engine = create_async_engine(database_url)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_upgrade)
    finally:
        await engine.dispose()


def _autogenerate(connection: Connection, message: str, revision: str) -> None:
    command.revision(_config(connection), message, autogenerate=True, rev_id=revision)


async def autogenerate(database_url: str, message: str, revision: str) -> None:
    """Write a migration for what the tables have and the database has not."""
    engine = create_async_engine(database_url)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_autogenerate, message, revision)
    finally:
        await engine.dispose()
