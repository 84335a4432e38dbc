"""One row of every table for a client, whatever the table's rules are: for tests of who sees it.

Works on a database of its own: rules about values (checks, foreign keys, triggers, exclusion) are dropped
first, since they say nothing of who may see a row.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.tables import metadata
from dialer.ids import new_id

#: A value of each of PostgreSQL's types that our tables use, as SQL.
_VALUES = {
    "integer": "1",
    "smallint": "1",
    "bigint": "1",
    "numeric": "1",
    "double precision": "1",
    "boolean": "false",
    "date": "DATE '2026-01-01'",
    "timestamp with time zone": "TIMESTAMPTZ '2026-01-01 00:00+00'",
    "jsonb": "'{}'",
    "json": "'{}'",
    "ARRAY": "'{}'",
    "bytea": "'\\x00'",
    "tsvector": "''::tsvector",
    "interval": "INTERVAL '1 day'",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column as PostgreSQL describes it."""

    name: str
    kind: str
    is_needed: bool  #: without a default, and not nullable


async def drop_rules(session: AsyncSession) -> None:
    """Drop what could refuse a made-up row, but no policy and no primary key."""
    rules = await session.execute(
        text(
            "SELECT conrelid::regclass::text AS t, conname FROM pg_constraint"
            " WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'f', 'x')"
            " AND conparentid = 0"
        )
    )
    for table, name in rules.all():
        await session.execute(text(f'ALTER TABLE {table} DROP CONSTRAINT IF EXISTS "{name}"'))
    for table in metadata.tables:
        await session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))


async def enforce_again(session: AsyncSession) -> None:
    """Have triggers work again, for what the program itself does from now on."""
    for table in metadata.tables:
        await session.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))


async def columns_of(session: AsyncSession, table: str) -> list[Column]:
    """Return the columns that a row may name."""
    found = await session.execute(
        text(
            "SELECT column_name, data_type, is_nullable = 'NO' AND column_default IS NULL"
            " FROM information_schema.columns WHERE table_name = :table AND is_identity = 'NO'"
            " AND is_generated = 'NEVER' AND table_schema = 'public' ORDER BY ordinal_position"
        ),
        {"table": table},
    )
    return [Column(*row) for row in found.all()]


def id_of(table: str, client_id: UUID) -> UUID:
    """Return the id that the client's row of a table has."""
    return client_id if table == "client" else uuid5(NAMESPACE_URL, f"{table} {client_id}")


def secret_of(client_id: UUID) -> str:
    """Return what every text of the client's rows says: who reads it has read one of them."""
    return f"secret-{client_id.hex[::-1]}"


def code_of(client_id: UUID) -> str:
    """Return the code of the client's rows that have one: people write it into addresses."""
    return f"code-{client_id.hex[::-1]}"


def values_of(table: str, columns: list[Column], client_id: UUID) -> Mapping[str, str]:
    """Return SQL of the values of a client's row; keys of other tables lead to the client's rows there."""
    values: dict[str, str] = {}
    for column in columns:
        value = _own(table, column, client_id)
        if value is None and column.kind in ("text", "character varying"):
            value = f"'{code_of(client_id) if column.name == 'code' else secret_of(client_id)}'"
        if value is None and column.is_needed:
            value = f"'{new_id()}'" if column.kind == "uuid" else _VALUES[column.kind]
        if value is not None:
            values[column.name] = value
    return values


def _own(table: str, column: Column, client_id: UUID) -> str | None:
    if column.name == "client_id":
        return f"'{client_id}'"
    if column.name == "id" and column.kind == "uuid":
        return f"'{id_of(table, client_id)}'"
    if column.kind != "uuid" or not column.is_needed:
        return None
    known = metadata.tables[table].columns.get(column.name)
    for key in known.foreign_keys if known is not None else ():
        return f"'{id_of(key.column.table.name, client_id)}'"
    parent = column.name.removesuffix("_id")
    return f"'{id_of(parent, client_id)}'" if parent in metadata.tables else None


async def fill(session: AsyncSession, client_id: UUID) -> None:
    """Add one row to every table for a client."""
    for table in metadata.tables:
        await session.execute(text(insert_of(table, await columns_of(session, table), client_id)))


def insert_of(table: str, columns: list[Column], client_id: UUID) -> str:
    """Return the statement that adds the client's row."""
    values = values_of(table, columns, client_id)
    names = ", ".join(f'"{name}"' for name in values)
    # Rows of the whole installation have no client: both clients' rows are the same one there.
    again = " ON CONFLICT DO NOTHING" if table in {"place", "emergency_switch"} else ""
    given = ", ".join(values.values())
    return f"INSERT INTO {table} ({names}) VALUES ({given}){again}"  # noqa: S608 - our tables


async def checksum(session: AsyncSession, table: str, where: str) -> Any:
    """Return a digest of rows: another one when anything in them changed."""
    rows = "md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), ''))"
    statement = f"SELECT {rows} FROM {table} t WHERE {where}"  # noqa: S608 - our tables
    return (await session.execute(text(statement))).scalar_one()
