"""What a script may say of a contact: the client's own columns, under names common to all lists."""

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.lists.columns.column_words import field_of
from campaigns.lists.columns.fields import ColumnField
from campaigns.lists.models import Contact, ContactList

#: Headings that mean the same in three languages have one name, whatever the list calls them.
_SAME = {
    ColumnField.FIRST_NAME: "first_name",
    ColumnField.MIDDLE_NAME: "middle_name",
    ColumnField.LAST_NAME: "last_name",
    ColumnField.COMPANY: "company",
}

#: What every contact may have, whatever columns its list has.
OWN_FIELDS = frozenset({"name", "language", "region", "external_key"})


def field_name(heading: str) -> str:
    """Return a heading as a field's name: lower case, ``_`` for what is no letter or digit."""
    return re.sub(r"\W+", "_", heading.lower()).strip("_")


def names_of(heading: str) -> tuple[str, ...]:
    """Return the names under which a column is known: its own and, of names and firms, the common one."""
    common = _SAME.get(field_of(heading))
    own = field_name(heading)
    return (own,) if common in (None, own) else (common, own)


def contact_values(contact: Contact) -> dict[str, str]:
    """Return what is known of a contact, by field; what is empty is not known."""
    own = {
        "name": contact.name,
        "language": contact.language,
        "region": contact.region,
        "external_key": contact.external_key,
    }
    return _told(own) | _columns(contact.fields)


def _columns(fields: Mapping[str, Any]) -> dict[str, str]:
    known: dict[str, str] = {}
    for heading, value in fields.items():
        for name in names_of(heading):
            known = {**_told({name: value}), **known}  # of two columns of one name the first counts
    return known


def _told(fields: Mapping[str, Any]) -> dict[str, str]:
    told = {name: str(value).strip() for name, value in fields.items() if value is not None}
    return {name: value for name, value in told.items() if value}


async def known_fields(session: AsyncSession, *, client_id: UUID) -> frozenset[str] | None:
    """Return the fields that some list of the client has; None without a list, when nobody can say."""
    columns = select(ContactList.columns).where(col(ContactList.client_id) == client_id)
    rows = (await session.exec(columns)).all()
    if not rows:
        return None
    headings = {heading for row in rows for heading in row}
    return OWN_FIELDS.union(*(names_of(heading) for heading in headings))
