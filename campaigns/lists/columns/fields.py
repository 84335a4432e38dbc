"""What a column of a client's file is for. Types only."""

from dataclasses import dataclass
from enum import StrEnum

from campaigns.states import PhoneKind


class ColumnField(StrEnum):
    """What a column gives a contact."""

    PHONE = "phone"
    NAME = "name"  #: the whole name
    FIRST_NAME = "first_name"
    MIDDLE_NAME = "middle_name"
    LAST_NAME = "last_name"
    COMPANY = "company"
    EXTERNAL_KEY = "external_key"  #: the client's own key of the person
    LANGUAGE = "language"
    REGION = "region"
    POSTAL_CODE = "postal_code"
    ZONE = "zone"
    PRIORITY = "priority"
    OWNER = "owner"  #: login of the agent whose contact it is
    TAGS = "tags"
    CUSTOM = "custom"  #: kept and exported, with a type for filters
    IGNORE = "ignore"  #: kept and exported only


class ValueType(StrEnum):
    """How the text of a custom column is understood by filters."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    MONEY = "money"
    DATE = "date"
    BOOLEAN = "boolean"


#: Fields that several columns may give.
REPEATABLE = frozenset(
    {ColumnField.PHONE, ColumnField.TAGS, ColumnField.CUSTOM, ColumnField.IGNORE}
)
#: Parts of a name, joined with a blank in the order of the columns.
NAME_PARTS = (ColumnField.FIRST_NAME, ColumnField.MIDDLE_NAME, ColumnField.LAST_NAME)


@dataclass(frozen=True, slots=True)
class ColumnUse:
    """What one column is for."""

    column: int  #: position from 0
    field: ColumnField
    kind: PhoneKind | None = (
        None  #: of a phone column; None: the first is primary, others are other
    )
    value_type: ValueType = ValueType.TEXT  #: of a custom column
