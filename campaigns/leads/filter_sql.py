"""Filters as SQL: every name and value a client gave is a bound parameter, and no cast ever fails."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    Numeric,
    Text,
    and_,
    cast,
    collate,
    false,
    func,
    literal,
    not_,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY

from campaigns.filter_words import SEVERAL, Op, ValueKind
from campaigns.filters import AllOf, AnyOf, Condition, Not, Operand
from campaigns.leads.models import Attempt
from campaigns.lists.columns.fields import ValueType
from campaigns.lists.columns.values import typed_sql
from campaigns.lists.models import Contact, Phone
from compliance.models import Place

Column = ColumnElement[Any]

_CONTACT, _PHONE = Contact.metadata.tables["contact"], Phone.metadata.tables["phone"]
_PLACE, _ATTEMPT = Place.metadata.tables["place"], Attempt.metadata.tables["attempt"]

#: Folds the case of all alphabets, whatever the database's own collation does.
_ANY_ALPHABET = "pg_c_utf8"


def matches(
    part: AllOf | AnyOf | Not | Condition, *, campaign_id: UUID | None = None
) -> ColumnElement[bool]:
    """Return a condition on ``contact``: true or false, never NULL.

    ``campaign_id`` is the campaign the ``campaign.`` fields speak of; without one they are empty.
    """
    match part:
        case AllOf(all=inner):
            return and_(*(matches(each, campaign_id=campaign_id) for each in inner))
        case AnyOf(any=inner):
            return or_(*(matches(each, campaign_id=campaign_id) for each in inner))
        case Not(not_=only):
            return not_(matches(only, campaign_id=campaign_id))
        case Condition():
            return func.coalesce(_holds(part, campaign_id), false())


def _holds(part: Condition, campaign_id: UUID | None) -> ColumnElement[bool]:
    positive = {Op.IS_NOT: Op.IS, Op.NOT_IN: Op.IN, Op.NOT_EMPTY: Op.IS_EMPTY}.get(part.op)
    if positive is not None:
        plain = _compare(part, positive, campaign_id)
        return not_(func.coalesce(plain, false()))
    return _compare(part, part.op, campaign_id)


def _compare(part: Condition, op: Op, campaign_id: UUID | None) -> ColumnElement[bool]:
    column = _column(part, campaign_id)
    if part.field in SEVERAL:
        if op is Op.IS_EMPTY:
            return func.coalesce(func.cardinality(column), 0) == 0
        each = func.unnest(column).column_valued("each")
        fits = _TESTS[op](_folded(each), _operands(part))
        return select(literal(1)).where(fits).correlate(_CONTACT).exists()
    if op is Op.IS_EMPTY:
        return func.coalesce(func.btrim(cast(column, Text)), "") == ""
    return _TESTS[op](_as_kind(part, column), _operands(part))


def _operands(part: Condition) -> list[Column]:
    return [_operand(value, part.kind) for value in part.operands]


def _operand(value: Operand, kind: ValueKind) -> Column:
    match kind:
        case ValueKind.TEXT:
            return _folded(literal(value, Text))
        case ValueKind.NUMBER:
            return literal(value, Numeric)
        case ValueKind.DATE:
            return literal(value, Date)


_TESTS: Mapping[Op, Callable[[Column, list[Column]], ColumnElement[bool]]] = {
    Op.IS: lambda column, values: column == values[0],
    Op.IN: lambda column, values: column.in_(values),
    Op.CONTAINS: lambda column, values: func.strpos(column, values[0]) > 0,
    Op.STARTS_WITH: lambda column, values: func.starts_with(column, values[0]),
    Op.LT: lambda column, values: column < values[0],
    Op.LE: lambda column, values: column <= values[0],
    Op.GT: lambda column, values: column > values[0],
    Op.GE: lambda column, values: column >= values[0],
    Op.BETWEEN: lambda column, values: column.between(values[0], values[1]),
}


def _folded(value: Column) -> Column:
    return func.lower(collate(func.btrim(value), _ANY_ALPHABET))


def _as_kind(part: Condition, column: Column) -> Column:
    """Return the column as what the condition compares; NULL where its text is none."""
    if part.custom_name is not None and part.kind is not ValueKind.TEXT:
        kinds = {ValueKind.NUMBER: ValueType.DECIMAL, ValueKind.DATE: ValueType.DATE}
        return typed_sql(column, kinds[part.kind])
    match part.kind:
        case ValueKind.TEXT:
            return _folded(cast(column, Text))
        case ValueKind.NUMBER:
            return cast(column, Numeric)
        case ValueKind.DATE:
            return cast(func.timezone("UTC", column), Date)


def _column(part: Condition, campaign_id: UUID | None) -> Column:
    if part.custom_name is not None:
        return _CONTACT.c.fields.op("->>", return_type=Text())(literal(part.custom_name, Text))
    if part.field in _OF_CONTACT:
        return _OF_CONTACT[part.field]
    if part.field in _OF_NUMBERS:
        return _OF_NUMBERS[part.field]
    own = part.field.removeprefix("campaign.")
    return _of_calls(own, campaign_id, in_campaign=own != part.field)


_OF_CONTACT: Mapping[str, Column] = {
    "name": _CONTACT.c.name,
    "external_key": _CONTACT.c.external_key,
    "language": _CONTACT.c.language,
    "region": _CONTACT.c.region,
    "owner": _CONTACT.c.owner,
    "tags": _CONTACT.c.tags,
    "list": _CONTACT.c.list_id,
    "import": _CONTACT.c.import_id,
    "priority": _CONTACT.c.priority,
    "source_row": _CONTACT.c.source_row,
    "created_at": _CONTACT.c.created_at,
}

_MINE = _PHONE.c.contact_id == _CONTACT.c.id


def _numbers(column: Column) -> Column:
    """Return one column of all numbers of the contact, as an array."""
    each = select(cast(column, Text)).where(_MINE).correlate(_CONTACT)
    return func.array(each.scalar_subquery(), type_=ARRAY(Text))


def _places(column: Column) -> Column:
    """Return an array column of the places of the contact's numbers, as one array."""
    each = (
        select(func.unnest(column).label("name"))
        .select_from(_PHONE)
        .join(_PLACE, _PLACE.c.id == _PHONE.c.place_id)
        .where(_MINE)
        .correlate(_CONTACT)
    )
    return func.array(each.scalar_subquery(), type_=ARRAY(Text))


_OF_NUMBERS: Mapping[str, Column] = {
    "zone": _places(_PLACE.c.zones),
    "jurisdiction": _places(_PLACE.c.jurisdictions),
    "phone": _numbers(_PHONE.c.e164),
    "phone.region": _numbers(_PHONE.c.region),
    "phone.kind": _numbers(_PHONE.c.kind),
    "phones": select(func.count())
    .select_from(_PHONE)
    .where(_MINE)
    .correlate(_CONTACT)
    .scalar_subquery(),
}


def _of_calls(name: str, campaign_id: UUID | None, *, in_campaign: bool) -> Column:
    """Return a figure of the client's calls to the contact, or of one campaign's."""
    calls = _ATTEMPT.c.contact_id == _CONTACT.c.id
    if in_campaign:
        calls = and_(calls, _ATTEMPT.c.campaign_id == campaign_id)
    if name == "attempts_made":
        count = select(func.count()).select_from(_ATTEMPT).where(calls)
        return count.correlate(_CONTACT).scalar_subquery()
    column = {
        "last_outcome": _ATTEMPT.c.outcome,
        "last_disposition": _ATTEMPT.c.disposition,
        "last_attempt_at": _ATTEMPT.c.started_at,
    }[name]
    newest = select(column).where(calls).order_by(_ATTEMPT.c.started_at.desc()).limit(1)
    return newest.correlate(_CONTACT).scalar_subquery()
