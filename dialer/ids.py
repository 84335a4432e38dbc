"""Identifiers that sort by time: UUID version 7."""

from uuid import UUID

import uuid_utils.compat


def new_id() -> UUID:
    """Return a new UUIDv7: it sorts by creation and does not reveal how many there are.

    Source: RFC 9562, section 5.7.
    """
    return uuid_utils.compat.uuid7()
