"""Which pack rows bind a call, pure: of every jurisdiction, and every date it may have there."""

from datetime import datetime
from zoneinfo import ZoneInfo

from compliance.facts import Law
from compliance.places.placement import Placement
from compliance.rulebook.rules import Channel, Party, Purpose, Rule


def binding_rules(
    law: Law,
    placement: Placement | None,
    at: datetime,
    *,
    purpose: Purpose | None,
    channel: Channel,
    party: Party,
    exempted: frozenset[str],
) -> tuple[Rule, ...]:
    """Return the rows that bind a call: of every jurisdiction, and every date it may have there."""
    if purpose is None:
        return ()
    zones = placement.zones if placement else ()
    dates = {at.astimezone(ZoneInfo(zone)).date() for zone in zones} or {at.date()}
    found: dict[str, Rule] = {}
    for day in sorted(dates):
        rows = law.book.select(
            jurisdictions=placement.jurisdictions if placement else (),
            purpose=purpose,
            channel=channel,
            party=party,
            on=day,
            without=exempted,
        )
        found.update((row.id, row) for row in rows)
    return tuple(found.values())
