"""A contact as a CRM gives it, and many of them as the table an import reads. Pure."""

import json
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from campaigns.lists.columns.fields import ColumnField, ValueType
from dialer.errors import Invalid
from dialer.text import PlainText

#: Contacts of one request: it is answered while its sender waits.
MOST_CONTACTS = 1_000
_MOST_PHONES = 10
_MOST_FIELDS = 100

_Cell = Annotated[PlainText, Field(max_length=1_000)]
_Phone = Annotated[PlainText, Field(max_length=50)]
_Name = Annotated[PlainText, Field(min_length=1, max_length=100)]

#: Our headings and what they give a contact; numbers have headings of their own.
_OWN = {
    "external_id": ColumnField.EXTERNAL_KEY,
    "name": ColumnField.NAME,
    "language": ColumnField.LANGUAGE,
    "region": ColumnField.REGION,
    "zone": ColumnField.ZONE,
    "priority": ColumnField.PRIORITY,
    "owner": ColumnField.OWNER,
    "tags": ColumnField.TAGS,
}


class ReservedField(Invalid):
    """A field of the client's own has the name of one of ours."""

    code = "reserved_field"
    message = "A field has a name that the program uses itself: name it otherwise."


class ContactIn(BaseModel):
    """A person by the client's own key; what is left out stays as it is."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    external_id: Annotated[PlainText, Field(min_length=1, max_length=200)]
    phones: Annotated[
        list[_Phone], Field(max_length=_MOST_PHONES)
    ] = []  #: the first is dialled first
    name: _Cell = ""
    language: _Cell = ""  #: ISO 639-1
    region: _Cell = ""  #: ISO 3166-2
    zone: _Cell = ""  #: IANA
    priority: Annotated[int, Field(ge=-100, le=100)] | None = None
    owner: _Cell = ""  #: name of the agent whose contact it is
    tags: Annotated[list[_Cell], Field(max_length=50)] = []
    fields: Annotated[dict[_Name, _Cell], Field(max_length=_MOST_FIELDS)] = {}


def table_of(contacts: Sequence[ContactIn]) -> tuple[bytes, dict[str, Any]]:
    """Return the contacts as JSON lines, and what each of their columns is for.

    Raises:
        ReservedField: a field has the name of one of ours.
    """
    phones = [_phone_heading(at) for at in range(max((len(c.phones) for c in contacts), default=1))]
    phones = phones or [_phone_heading(0)]
    used = [name for name in _OWN if any(_own_cell(one, name) for one in contacts)]
    fields = list(dict.fromkeys(name for one in contacts for name in one.fields))
    taken = {*_OWN, *phones}
    for name in fields:
        if name in taken:
            raise ReservedField(field=name)
    columns = [
        *({"column": name, "field": _OWN[name].value} for name in used),
        *({"column": name, "field": ColumnField.PHONE.value} for name in phones),
        *(
            {"column": name, "field": ColumnField.CUSTOM.value, "type": ValueType.TEXT.value}
            for name in fields
        ),
    ]
    lines = [json.dumps(_row(one, used, phones, fields), ensure_ascii=False) for one in contacts]
    return "\n".join([*lines, ""]).encode(), {"columns": columns}


def _row(
    one: ContactIn, used: Sequence[str], phones: Sequence[str], fields: Sequence[str]
) -> dict[str, str]:
    row = {name: _own_cell(one, name) for name in used}
    row |= {name: one.phones[at] if at < len(one.phones) else "" for at, name in enumerate(phones)}
    return row | {name: one.fields.get(name, "") for name in fields}


def _own_cell(one: ContactIn, name: str) -> str:
    value = getattr(one, name)
    if isinstance(value, list):
        return ", ".join(value)
    return "" if value is None else str(value)


def _phone_heading(at: int) -> str:
    return "phone" if at == 0 else f"phone_{at + 1}"
