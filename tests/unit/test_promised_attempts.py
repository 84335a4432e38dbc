"""A promised call may go beyond the campaign's limit of attempts, by one."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from campaigns.leads.asking import ClientLaw, Gatekeeper
from campaigns.leads.hopper import Candidate
from campaigns.settings import CampaignSettings
from compliance.facts import Law
from compliance.hours.calendars import Calendars
from compliance.rulebook.packs import RuleBook

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
NOBODY = UUID(int=0)


def limit(attempts_made: int, *, promised: bool) -> int:
    """The limit of which the gate is told, in a campaign with three attempts."""
    law = Law(RuleBook((), "2026a", date(2026, 1, 1)), Calendars({}, {}), "2026a")
    client = ClientLaw(NOBODY, (), frozenset(), frozenset(), frozenset(), frozenset(), frozenset())
    keeper = Gatekeeper(
        law, CampaignSettings(max_attempts=3), client, False, lambda known, e164: None
    )
    candidate = Candidate(
        lead_id=NOBODY,
        contact_id=NOBODY,
        attempts_made=attempts_made,
        phone_position=0,
        e164="+74952000000",
        place_id=1,
        lane=2,
        person_key="person",
        reserved_for=None,
        suppressed=False,
        promised=promised,
    )
    return keeper.facts(candidate, None, None, NOW).max_attempts


@pytest.mark.parametrize(
    ("made", "promised", "most"), [(2, True, 3), (3, True, 4), (9, True, 10), (3, False, 3)]
)
def test_a_promise_is_worth_one_attempt_more(made: int, promised: bool, most: int) -> None:
    assert limit(made, promised=promised) == most
