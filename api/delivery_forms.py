"""The form of a delivery plan: from fields of a page to a plan, and from faults to fields."""

from collections.abc import Mapping
from typing import Any

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


def plan_of(given: Mapping[str, Any], kind: TargetKind) -> PlanIn:
    """Return the plan a form tells of.

    Raises:
        ValidationError: a field is wrong; see ``target_forms.faults_of``.
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
