"""The form of a webhook endpoint: from fields of a page to an endpoint, and from faults to fields."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.events.kinds import EventKind
from campaigns.webhooks.endpoint_in import EndpointIn
from campaigns.webhooks.models import WebhookEndpoint
from dialer.errors import Invalid


class BadPlace(Invalid):
    """What a person wrote is no event's number and no time."""

    code = "bad_replay_place"
    message = "Give the number of an event, or a day and a time."


def endpoint_of(given: Mapping[str, Any]) -> EndpointIn:
    """Return the endpoint a form tells of; all kinds ticked means all that come later, too.

    Raises:
        ValidationError: a field is wrong; see ``target_forms.faults_of``.
    """
    kinds = given.get("kinds", [])
    return EndpointIn.model_validate(
        {
            **{name: given[name] for name in ("name", "url", "most_events") if given.get(name)},
            "kinds": () if set(kinds) >= set(EventKind) else kinds,
            "campaign_id": given.get("campaign_id") or None,
            "with_numbers": bool(given.get("with_numbers")),
        }
    )


def shown(row: WebhookEndpoint) -> dict[str, Any]:
    """Return an endpoint as its form shows it."""
    return row.model_dump() | {"campaign_id": str(row.campaign_id or "")}


def place_of(given: Mapping[str, Any], zone: str) -> dict[str, Any]:
    """Return from where to send again: an event's number, or a time by the viewer's clock.

    Raises:
        BadPlace: it is neither.
    """
    number, moment = str(given.get("position", "")).strip(), str(given.get("at", "")).strip()
    try:
        if number:
            return {"position": int(number)}
        return {"at": datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(zone))}
    except ValueError as error:
        raise BadPlace from error
