"""Alembic's environment: migrations run on the connection (or URL) handed in by ``cli.migrations``."""

from typing import Any

from alembic import context
from sqlalchemy import Connection

from campaigns.tables import metadata


def run(connection: Connection) -> None:
    """Run the migrations inside one transaction, comparing types too."""
    context.configure(
        connection=connection, target_metadata=metadata, compare_type=True, render_item=render_item
    )
    with context.begin_transaction():
        context.run_migrations()


def render_item(kind: str, item: Any, _autogen: Any) -> str | bool:
    """Write our column types as the plain types they are in the database."""
    if kind == "type" and type(item).__name__ == "UtcDateTime":
        return "sa.DateTime(timezone=True)"
    if kind == "type" and type(item).__name__ in ("TextEnum", "AutoString"):
        return "sa.String()"
    return False


run(context.config.attributes["connection"])
