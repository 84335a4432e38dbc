"""The language of filters: conditions on a contact, joined with all, any and not. Shape only.

As JSON: ``{"all": [...]}``, ``{"any": [...]}``, ``{"not": ...}``, or one condition such as
``{"field": "fields.City", "op": "is", "value": "Kyiv"}``.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    Tag,
    model_validator,
)

from campaigns.filter_words import (
    BARE,
    CUSTOM,
    FIELDS,
    FOR_SEVERAL,
    LISTS,
    SEVERAL,
    TEXTS,
    Op,
    ValueKind,
)
from campaigns.lists.columns.fields import ValueType
from campaigns.lists.columns.values import typed

#: Filters are read by people and run for millions of contacts: deeper or longer ones are mistakes.
MOST_LEVELS = 8
MOST_CONDITIONS = 100
MOST_VALUES = 1000

_FITS = {ValueKind.NUMBER: ValueType.DECIMAL, ValueKind.DATE: ValueType.DATE}

Operand = str | Decimal | date
_Scalar = StrictBool | StrictInt | StrictFloat | StrictStr


class _Part(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True
    )


class Condition(_Part):
    """One comparison of one field."""

    field: str
    op: Op
    value: _Scalar | list[_Scalar] | None = None
    as_: ValueKind | None = Field(default=None, alias="as")

    @property
    def custom_name(self) -> str | None:
        """Return the name of the client's own column; None for a field every contact has."""
        return self.field.removeprefix(CUSTOM) if self.field.startswith(CUSTOM) else None

    @property
    def kind(self) -> ValueKind:
        """Return as what is compared: as said, as the field is, or as the values are."""
        if self.as_ is not None:
            return self.as_
        if self.custom_name is None:
            return FIELDS[self.field]
        numbers = self._raw() and all(not isinstance(raw, str | bool) for raw in self._raw())
        return ValueKind.NUMBER if numbers else ValueKind.TEXT

    @property
    def operands(self) -> tuple[Operand, ...]:
        """Return what is compared with, of the kind in which it is compared."""
        return tuple(_operand(raw, self.kind) for raw in self._raw())

    def _raw(self) -> list[bool | int | float | str]:
        if self.value is None:
            return []
        return self.value if isinstance(self.value, list) else [self.value]

    @model_validator(mode="after")
    def _must_make_sense(self) -> "Condition":
        if self.custom_name == "" or (self.custom_name is None and self.field not in FIELDS):
            known = ", ".join(sorted(FIELDS))
            raise ValueError(f"there is no field {self.field!r}: use {known} or fields.<column>")
        if self.field in SEVERAL and self.op not in FOR_SEVERAL:
            raise ValueError(
                f"{self.field} has several values: {self.op.value} cannot compare them"
            )
        if self.custom_name is None and self.kind is not FIELDS[self.field]:
            raise ValueError(f"{self.field} compares as {FIELDS[self.field].value}")
        if "\0" in self.field or any("\0" in str(raw) for raw in self._raw()):
            raise ValueError("a NUL character fits nothing")
        if self.op in TEXTS and self.kind is not ValueKind.TEXT:
            raise ValueError(f"{self.op.value} compares texts, not a {self.kind.value}")
        self._check_values()
        return self

    def _check_values(self) -> None:
        given, is_list = len(self._raw()), isinstance(self.value, list)
        if self.op in BARE:
            if self.value is not None:
                raise ValueError(f"{self.op.value} takes no value")
        elif self.op is Op.BETWEEN:
            if not is_list or given != 2:
                raise ValueError("between takes two values: [from, to]")
        elif self.op in LISTS:
            if not is_list or not 1 <= given <= MOST_VALUES:
                raise ValueError(f"{self.op.value} takes a list of 1 to {MOST_VALUES} values")
        elif is_list or given != 1:
            raise ValueError(f"{self.op.value} takes one value")
        _ = self.operands  # each must fit


class AllOf(_Part):
    """Everything must hold."""

    all: list["Filter"] = Field(min_length=1)


class AnyOf(_Part):
    """Something must hold."""

    any: list["Filter"] = Field(min_length=1)


class Not(_Part):
    """The opposite must hold."""

    not_: "Filter" = Field(alias="not")


_WORDS: tuple[tuple[type[_Part], str], ...] = ((AllOf, "all"), (AnyOf, "any"), (Not, "not"))


def _shape(raw: Any) -> str:
    for model, word in _WORDS:
        if isinstance(raw, model):
            return word
    keys = raw if isinstance(raw, dict) else {}
    return next((word for _, word in _WORDS if word in keys), "condition")


Filter = Annotated[
    Annotated[AllOf, Tag("all")]
    | Annotated[AnyOf, Tag("any")]
    | Annotated[Not, Tag("not")]
    | Annotated[Condition, Tag("condition")],
    Discriminator(_shape),
]


class FilterRoot(_Part):
    """A whole filter, checked for its size as well; ``{"filter": {...}}``."""

    filter: Filter

    @model_validator(mode="after")
    def _must_be_readable(self) -> "FilterRoot":
        depths = list(_depths(self.filter))
        if max(depths) > MOST_LEVELS or len(depths) > MOST_CONDITIONS:
            raise ValueError(
                f"a filter may have {MOST_CONDITIONS} conditions in {MOST_LEVELS} levels"
            )
        return self


def parse(raw: Any) -> AllOf | AnyOf | Not | Condition:
    """Return the filter ``raw`` (JSON) says.

    Raises:
        pydantic.ValidationError: what is wrong, and where.
    """
    return FilterRoot.model_validate({"filter": raw}).filter


def _depths(part: AllOf | AnyOf | Not | Condition, level: int = 1) -> Iterator[int]:
    """Yield the level of each condition."""
    match part:
        case AllOf(all=inner) | AnyOf(any=inner):
            for each in inner:
                yield from _depths(each, level + 1)
        case Not(not_=only):
            yield from _depths(only, level + 1)
        case Condition():
            yield level


def _operand(raw: bool | int | float | str, kind: ValueKind) -> Operand:
    plain = str(raw).lower() if isinstance(raw, bool) else str(raw)
    if kind is ValueKind.TEXT:
        return plain
    found = typed(plain, _FITS[kind])
    if isinstance(found, Decimal | date):
        return found
    raise ValueError(f"{plain!r} is no {kind.value}")


for _model in (AllOf, AnyOf, Not):
    _model.model_rebuild()
