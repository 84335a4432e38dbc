"""The form of a delivery plan: from fields of a page to a plan, and from faults to fields."""

from collections.abc import Mapping
from typing import Any

from fastapi import Request
from pydantic import ValidationError

from api.delivery_words import FIELDS
from campaigns.delivery.deliveries.plan_in import PlanIn
from campaigns.delivery.deliveries.words import TargetKind

_TARGET_FIELDS: Mapping[TargetKind, tuple[str, ...]] = {
    TargetKind.PORTAL: (),
    TargetKind.SFTP: ("host", "port", "user", "directory", "host_key", "password", "private_key"),
    TargetKind.S3: (
        *("bucket", "prefix", "region", "endpoint"),
        *("access_key_id", "secret_access_key"),
    ),
    TargetKind.EMAIL: ("recipients", "language"),
    TargetKind.WEBHOOK: ("url", "signing"),
}


async def as_form(request: Request) -> dict[str, Any]:
    """Return what a page sent; of fields that are there several times, all values."""
    async with request.form(max_files=0, max_fields=60) as form:
        given: dict[str, Any] = {
            name: value for name, value in form.items() if isinstance(value, str)
        }
        given["formats"] = [value for value in form.getlist("formats") if isinstance(value, str)]
    return given


def plan_of(given: Mapping[str, Any], kind: TargetKind) -> PlanIn:
    """Return the plan a form tells of.

    Raises:
        ValidationError: a field is wrong; see ``wrong_fields``.
    """
    target: dict[str, Any] = {
        name: given[name] for name in _TARGET_FIELDS[kind] if str(given.get(name, "")).strip()
    }
    if "recipients" in target:
        target["recipients"] = str(target["recipients"]).replace(",", " ").split()
    hours, _, minutes = str(given.get("at") or "00:00").partition(":")
    is_time = hours.isdecimal() and minutes[:2].isdecimal()
    plain = ("name", "schedule", "zone", "link_days", "keep_days", "layout_number")
    return PlanIn.model_validate(
        {
            **{name: given[name] for name in plain if given.get(name)},
            "formats": given.get("formats", ()),
            "at_minute": int(hours) * 60 + int(minutes[:2]) if is_time else -1,
            "target": {"kind": kind, **target},
        }
    )


def wrong_fields(wrong: ValidationError) -> dict[str, str]:
    """Return what is wrong, by field; the words of faults are the library's, in English."""
    faults: dict[str, str] = {}
    for one in wrong.errors(include_input=False, include_url=False):
        named = [str(part) for part in one["loc"] if str(part) in FIELDS]
        faults.setdefault(named[-1] if named else "name", one["msg"])
    return faults
