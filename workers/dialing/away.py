"""What it looks like when the database is away for a moment, as against a statement that is wrong."""

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

#: Errors among which are those of a lost or restarting server; ask ``is_passing``.
DATABASE_AWAY = (OSError, DBAPIError, PoolTimeout, TimeoutError)

#: Source: PostgreSQL 18, Appendix A: 08 connection, 40 rollback, 53 resources, 57 intervention.
_PASSING_CLASSES = ("08", "40", "53", "57")


def is_passing(error: BaseException) -> bool:
    """Tell a lost or restarting server from a statement that can never succeed."""
    if not isinstance(error, DBAPIError):
        return True
    state = getattr(error.orig, "sqlstate", None)
    return error.connection_invalidated or state is None or state[:2] in _PASSING_CLASSES
