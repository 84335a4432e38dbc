"""Contacts, phones and leads without their parents are refused, whoever writes them (ADR 0011)."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.factories import make_campaign, make_client, numbers

ORPHANS = {
    "a contact of no list": (
        "INSERT INTO contact (id, client_id, list_id, source_row, name, fields, priority, created_at)"
        " VALUES (uuidv7(), :client, uuidv7(), 1, '', '{}', 0, now())"
    ),
    "a contact in another client's list": (
        "INSERT INTO contact (id, client_id, list_id, source_row, name, fields, priority, created_at)"
        " SELECT uuidv7(), :other, id, 99, '', '{}', 0, now() FROM contact_list"
    ),
    "a phone of no contact": (
        "INSERT INTO phone (contact_id, position, client_id, kind, e164, region, place_id)"
        " SELECT uuidv7(), 0, :client, 'primary', '+74952000000', 'RU', id FROM place"
    ),
    "a phone without a place": (
        "INSERT INTO phone (contact_id, position, client_id, kind, e164, region, place_id)"
        " SELECT id, 1, :client, 'other', '+74952000000', 'RU', 999999 FROM contact"
    ),
    "a lead of another client": (
        "INSERT INTO lead (id, client_id, campaign_id, contact_id, place_id, sort_key, state,"
        " waiting_reason, phone_position, attempts_made, e164)"
        " SELECT uuidv7(), :other, :campaign, id, 1, 0, 'waiting', 'new', 0, 0, '+7' FROM contact"
    ),
    "a lead of no campaign": (
        "INSERT INTO lead (id, client_id, campaign_id, contact_id, place_id, sort_key, state,"
        " waiting_reason, phone_position, attempts_made, e164)"
        " SELECT uuidv7(), :client, uuidv7(), id, 1, 0, 'waiting', 'new', 0, 0, '+7' FROM contact"
    ),
    "a contact deleted under its lead": "DELETE FROM contact",
    "a list deleted under its contacts": "DELETE FROM contact_list",
}


@pytest.mark.parametrize("statement", ORPHANS.values(), ids=ORPHANS.keys())
async def test_nothing_is_written_without_its_parents(
    sessions: SessionFactory, clock: FrozenClock, statement: str
) -> None:
    async with transaction(sessions) as session:
        made = await make_campaign(session, clock.now(), leads=numbers(2))
        other = await make_client(session, clock.now())
    facts = {"client": made.client_id, "other": other.id, "campaign": made.id}
    used = {name: value for name, value in facts.items() if f":{name}" in statement}
    with pytest.raises(IntegrityError):
        async with transaction(sessions) as session:
            await session.execute(text(statement), used)
