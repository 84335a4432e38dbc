"""Which columns hold phones and which hold names: by their headings, else by what is in them."""

import re
from dataclasses import dataclass

from campaigns.lists.reading import Table
from dialer.errors import Invalid

#: Rows that are looked at to tell what a column holds.
_SAMPLE_ROWS = 500
#: Headings that say "phone" by themselves: English, Russian, Ukrainian.
_PHONE = re.compile(
    r"phone|(?<!\w)(?:tel|mobile|cell|msisdn|whatsapp|viber)(?!\w)|телефон(?!ист)|"
    r"(?<!\w)тел(?!\w)|(?<!\w)моб(?!\w)|мобильн|мобільн|сотов|стільник",
    re.IGNORECASE,
)
#: Headings that may mean a phone: the cells must confirm it.
_MAYBE_PHONE = re.compile(r"номер|number|contact|контакт|(?<!\w)num(?!\w)", re.IGNORECASE)
#: Headings of what looks like phones and is not: register, tax, account, document numbers; and fax.
_NOT_PHONE = re.compile(
    r"fax|факс|(?<!\w)(?:инн|інн|огрн|огрнип|кпп|окпо|едрпоу|єдрпоу|ипн|іпн|рнокпп|снилс|inn|vat|ssn)"
    r"(?!\w)|паспорт|догов|договір|сч[её]т|рахун|account|order|заказ|замовл|invoice|passport|"
    r"(?<!\w)(?:id|zip|date|дата|iban|imei)(?!\w)|карт[аы]|картк|card",
    re.IGNORECASE,
)
#: Headings of a number to be tried after the others.
_SECOND = re.compile(
    r"доп|дод|втор|друг|інш|запас|second|other|alt|add|backup|work|раб|роб|home|дом|[2-9](?!\d)",
    re.IGNORECASE,
)
_PHONE_CELL = re.compile(r"^\D{0,12}(?:\d[\s().-]{0,3}){9,15}(?!\d)")
#: The least share of filled cells that look like phones, for a column to be one.
_CONFIRMING_SHARE = 0.2
_TELLING_SHARE = 0.6

_FULL_NAME = re.compile(
    r"^(?:ф\.?\s?и\.?\s?о\.?|п\.?\s?[іи]\.?\s?б\.?|name|full\s?_?name|contact\s?_?(?:name|person)|"
    r"customer(?:\s?_?name)?|клиент|клієнт|контактное лицо|контактна особа|"
    r"полное имя|повне ім.я)(?!\w)",
    re.IGNORECASE,
)
_NAME_PART = re.compile(
    r"^(?:(?:first|last|middle|given|family)(?:[\s_]?name)?|surname|имя|фамилия|отчество|"
    r"ім.?я|прізвище|по[\s-]батькові)$",
    re.IGNORECASE,
)
_FIRM = re.compile(
    r"^(?:company|organi[sz]ation|firm|business|компания|организация|фирма|компанія|організація|"
    r"фірма|название|назва)(?!\w)",
    re.IGNORECASE,
)


class NoPhoneColumn(Invalid):
    """No column of the file holds phone numbers."""

    code = "no_phone_column"
    message = "No column with phone numbers was found. Name its heading “Phone”."


@dataclass(frozen=True, slots=True)
class Mapping:
    """Positions of columns, from 0. The first phone column is dialled first."""

    phone_columns: tuple[int, ...]
    name_columns: tuple[int, ...]  #: joined with a blank; empty when nobody is named


def propose(table: Table) -> Mapping:
    """Return which columns hold the phones and the name.

    A heading that says "phone" is believed when some of its cells agree (or when no column's cells
    do). Without such a heading the cells decide.

    Raises:
        NoPhoneColumn: neither headings nor cells tell of a phone.
    """
    return Mapping(_phone_columns(table), _name_columns(table.columns))


def _phone_columns(table: Table) -> tuple[int, ...]:
    candidates = [at for at, name in enumerate(table.columns) if not _NOT_PHONE.search(name)]
    named = [at for at in candidates if _PHONE.search(table.columns[at])]
    shares = {at: _phone_share(table, at) for at in candidates}
    confirmed = [at for at in named if shares[at] >= _CONFIRMING_SHARE]
    if not confirmed:
        confirmed = [at for at in candidates if _tells(table.columns[at], shares[at])]
    found = confirmed or named
    if not found:
        raise NoPhoneColumn(columns=table.columns)
    return tuple(sorted(found, key=lambda at: bool(_SECOND.search(table.columns[at]))))


def _tells(heading: str, share: float) -> bool:
    """Tell whether the cells alone make a column one of phones; a vague heading lowers the bar."""
    return share >= (_CONFIRMING_SHARE if _MAYBE_PHONE.search(heading) else _TELLING_SHARE)


def _phone_share(table: Table, column: int) -> float:
    """Return which share of the column's filled cells looks like phones."""
    cells = [row[column] for row in table.rows[:_SAMPLE_ROWS] if row[column].strip()]
    if not cells:
        return 0.0
    return sum(bool(_PHONE_CELL.match(cell)) for cell in cells) / len(cells)


def _name_columns(columns: list[str]) -> tuple[int, ...]:
    """Return the full name's column, else its parts, else the firm's."""
    for pattern in (_FULL_NAME, _NAME_PART, _FIRM):
        found = tuple(at for at, name in enumerate(columns) if pattern.search(name.strip()))
        if found:
            return found if pattern is _NAME_PART else found[:1]
    return ()
