"""The form of a webhook endpoint: from fields of a page to an endpoint, and from faults to fields."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import Request
from pydantic import ValidationError

from api.event_words import FIELDS
from campaigns.events.kinds import EventKind
from campaigns.webhooks.endpoint_in import EndpointIn
from campaigns.webhooks.models import WebhookEndpoint
from dialer.errors import Invalid


class BadPlace(Invalid):
    """What a person wrote is no event's number and no time."""

    code = "bad_replay_place"
    message = "Give the number of an event, or a day and a time."


async def as_form(request: Request) -> dict[str, Any]:
    """Return what a page sent; of the kinds all that are ticked."""
    async with request.form(max_files=0, max_fields=60) as form:
        given: dict[str, Any] = {
            name: value for name, value in form.items() if isinstance(value, str)
        }
        given["kinds"] = [value for value in form.getlist("kinds") if isinstance(value, str)]
    return given


def endpoint_of(given: Mapping[str, Any]) -> EndpointIn:
    """Return the endpoint a form tells of; all kinds ticked means all that come later, too.

    Raises:
        ValidationError: a field is wrong; see ``wrong_fields``.
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


def wrong_fields(wrong: ValidationError) -> dict[str, str]:
    """Return what is wrong, by field; the words of faults are the library's, in English."""
    faults: dict[str, str] = {}
    for one in wrong.errors(include_input=False, include_url=False):
        named = [str(part) for part in one["loc"] if str(part) in FIELDS]
        faults.setdefault(named[-1] if named else "name", one["msg"])
    return faults
