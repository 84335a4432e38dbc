"""Finding a lead of a campaign by what a person knows: a number, a name or the client's own key."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from dialer import phone
from dialer.phone import InvalidPhone

#: Leads shown at most: whoever sees more writes more of the name.
MOST_FOUND = 5
#: Digits from which a text is taken for a number.
_LEAST_DIGITS = 7
_NUMBER = re.compile(r"^[+\d\s().\-/]+$")

_REGIONS = text(
    """
    SELECT DISTINCT l.region FROM contact_list l JOIN campaign_list c ON c.list_id = l.id
    WHERE c.campaign_id = :campaign_id
    """
)
_FOUND = """
    SELECT l.id AS lead_id, t.name, t.source_row, i.name AS list_name,
           coalesce(p.e164, '') AS e164
    FROM lead l JOIN contact t ON t.id = l.contact_id JOIN contact_list i ON i.id = t.list_id
    LEFT JOIN phone p ON p.contact_id = l.contact_id AND p.position = l.phone_position
    WHERE l.campaign_id = :campaign_id AND l.client_id = :client_id AND {which}
    LIMIT :most
"""
_BY_NUMBER = text(
    _FOUND.format(
        which="l.contact_id IN (SELECT contact_id FROM phone"
        " WHERE e164 = ANY(CAST(:numbers AS text[])) AND client_id = :client_id)"
    )
)
_BY_WORDS = text(
    _FOUND.format(which="(t.name ILIKE :pattern OR t.external_key = :words)"),
)


@dataclass(frozen=True, slots=True)
class FoundLead:
    """A lead that fits, with what tells its contact from others."""

    lead_id: UUID
    name: str
    source_row: int
    list_name: str
    e164: str  #: its next number; "" = it has none


async def find_leads(
    session: AsyncSession, campaign_id: UUID, words: str, *, client_id: UUID
) -> Sequence[FoundLead]:
    """Return the campaign's leads with this number, client's key or part of a name.

    At most ``MOST_FOUND`` and one, which says that there are more. A number may be written as the
    lists' countries write it.
    """
    words = " ".join(words.split())
    if not words:
        return ()
    scope = {"campaign_id": campaign_id, "client_id": client_id, "most": MOST_FOUND + 1}
    rows = []
    if _NUMBER.match(words) and sum(map(str.isdigit, words)) >= _LEAST_DIGITS:
        regions = (await session.execute(_REGIONS, {"campaign_id": campaign_id})).scalars()
        numbers = sorted(_readings(words, regions))
        found = await session.execute(_BY_NUMBER, {**scope, "numbers": numbers})
        rows = list(found)
    if not rows:
        escaped = re.sub(r"([\\%_])", r"\\\1", words)
        facts = {**scope, "pattern": f"%{escaped}%", "words": words}
        rows = list(await session.execute(_BY_WORDS, facts))
    return [FoundLead(*row) for row in rows]


def _readings(words: str, regions: Iterable[str]) -> set[str]:
    """Return what the digits mean in each of the countries; ``ZZ`` demands a country code."""
    digits = "".join(character for character in words if character.isdigit())
    found = set()
    for written, region in [(f"+{digits}", "ZZ"), *((words, region) for region in regions)]:
        try:
            found.add(phone.parse(written, region).e164)
        except InvalidPhone:
            continue
    return found
