"""Row-level security for migrations: which statements put a table under a policy of its client.

A table that a migration makes and does not name here is closed to people's requests, since their role has no
right to it; a test tells which tables have neither a policy nor a reason to have none.
"""

from collections.abc import Iterable
from typing import Any, Protocol

from dialer.rows import ROLE

#: The client of the request. A query of its own, so that PostgreSQL computes it once for each statement and
#: can use indexes. Source: PostgreSQL 18, "Row Security Policies".
CLIENT = "(SELECT NULLIF(current_setting('app.client_id', true), '')::uuid)"
#: The person of the request.
PERSON = "(SELECT NULLIF(current_setting('app.user_id', true), '')::uuid)"

_ALL = "SELECT, INSERT, UPDATE, DELETE"
_POLICIES = ("client_rows", "client_sees", "client_adds", "client_changes", "client_deletes")


class Operations(Protocol):
    """What a migration works on: ``alembic.op``."""

    def execute(self, sqltext: str) -> Any:
        """Run a statement."""
        ...


def enable_client_rows(op: Operations, table: str, *, shared: bool = False) -> None:
    """Show a client its own rows of a table only, by ``client_id``.

    Args:
        op: ``alembic.op``.
        table: The table; it has a column ``client_id``.
        shared: Rows without a client are everybody's to read (and nobody's to write).
    """
    own = f"client_id = {CLIENT}"
    if not shared:
        enable_rows(op, table, see=own)
        return
    enable_rows(op, table, see=f"client_id IS NULL OR {own}", write=own)


def enable_rows_through(op: Operations, table: str, column: str, parent: str) -> None:
    """Show a client those rows of a table whose parent it may see: for tables without ``client_id``.

    Args:
        op: ``alembic.op``.
        table: The table.
        column: Its column with the parent's ``id``.
        parent: The parent; it has a policy of its own.
    """
    enable_rows(op, table, see=f"EXISTS (SELECT FROM {parent} p WHERE p.id = {table}.{column})")


def enable_rows(op: Operations, table: str, *, see: str, write: str | None = None) -> None:
    """Put a table under a policy: rows for which ``see`` holds are read, and ``write`` written.

    May be repeated: the policies are then replaced. Without ``write`` what is seen may be written.
    """
    for policy in _POLICIES:
        op.execute(f"DROP POLICY IF EXISTS {policy} ON {table}")
    op.execute(f"GRANT {_ALL} ON {table} TO {ROLE}")
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    if write is None:
        op.execute(f"CREATE POLICY client_rows ON {table} TO {ROLE} USING ({see})")
        return
    made = f"ON {table} FOR"
    op.execute(f"CREATE POLICY client_sees {made} SELECT TO {ROLE} USING ({see})")
    op.execute(f"CREATE POLICY client_adds {made} INSERT TO {ROLE} WITH CHECK ({write})")
    op.execute(f"CREATE POLICY client_changes {made} UPDATE TO {ROLE} USING ({write})")
    op.execute(f"CREATE POLICY client_deletes {made} DELETE TO {ROLE} USING ({write})")


def open_to_all(op: Operations, table: str, rights: str) -> None:
    """Let every request use a table of the whole installation: no client's facts are in it.

    Args:
        op: ``alembic.op``.
        table: The table; the test of policies wants the reason.
        rights: What requests may do: ``"SELECT"``, or ``"SELECT, INSERT"``.
    """
    op.execute(f"GRANT {rights} ON {table} TO {ROLE}")


def disable_rows(op: Operations, tables: Iterable[str]) -> None:
    """Take policies and rights away again: for downgrades."""
    for table in tables:
        op.execute(f"REVOKE ALL ON {table} FROM {ROLE}")
        for policy in _POLICIES:
            op.execute(f"DROP POLICY IF EXISTS {policy} ON {table}")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")


def ensure_role(op: Operations) -> None:
    """Make the role, which all databases of a server share, and let the connecting user take it.

    Raises:
        Exception: PostgreSQL's ``insufficient_privilege``; it has the SQL that an administrator runs.
    """
    op.execute(
        f"""
        DO $$
        DECLARE may boolean;
        BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{ROLE}') THEN
                BEGIN
                    CREATE ROLE {ROLE} NOLOGIN NOSUPERUSER NOBYPASSRLS;
                EXCEPTION
                    WHEN duplicate_object OR unique_violation THEN NULL;  -- another database's migration
                END;
            END IF;
            IF NOT pg_has_role(current_user, '{ROLE}', 'SET') THEN
                EXECUTE format('GRANT {ROLE} TO %I WITH INHERIT FALSE, SET TRUE', current_user);
            END IF;
        EXCEPTION WHEN insufficient_privilege THEN
            RAISE insufficient_privilege USING MESSAGE = format(
                '%1$I may not make or take the role {ROLE}, which keeps the rows of clients apart. Run this'
                ' once as an administrator of the server, then start again: CREATE ROLE {ROLE} NOLOGIN;'
                ' GRANT {ROLE} TO %1$I WITH INHERIT FALSE, SET TRUE;', current_user);
        END $$
        """
    )
    op.execute(
        f"""
        DO $$ BEGIN
            IF NOT has_schema_privilege('{ROLE}', current_schema(), 'USAGE') THEN
                EXECUTE format('GRANT USAGE ON SCHEMA %I TO {ROLE}', current_schema());
            END IF;
        END $$
        """
    )
