"""A contact's own columns on the desk: hidden, locked or editable, and for agents without numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from campaigns.desk.codes import DeskCampaign
from campaigns.desk.settings import FieldAccess
from dialer.phone_number import masked_in


@dataclass(frozen=True, slots=True)
class FieldView:
    """One of the contact's own columns, as this person may see it."""

    name: str
    value: str
    is_editable: bool


def tell(value: object, secrets: tuple[str, ...]) -> str:
    """Return a value of the client's; for an agent without the contact's numbers in it."""
    words = "" if value is None else str(value)
    return masked_in(words, secrets) if secrets else words


def fields_of(
    values: Mapping[str, Any], campaign: DeskCampaign, secrets: tuple[str, ...], *, edit: bool
) -> tuple[FieldView, ...]:
    """Return the columns that are not hidden.

    One in which a number is masked is not corrected: the mask would be what is kept.
    """
    rules, found = campaign.settings.desk, []
    for name, value in values.items():
        access = rules.access(name)
        if access is FieldAccess.HIDDEN:
            continue
        raw = "" if value is None else str(value)
        told = tell(value, secrets)
        editable = edit and access is FieldAccess.EDITABLE and told == raw
        found.append(FieldView(name, told, editable))
    return tuple(found)
