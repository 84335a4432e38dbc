"""What the name of a column says of it, in English, Russian and Ukrainian. Pure."""

import re

from campaigns.lists.columns.fields import ColumnField
from campaigns.states import PhoneKind

#: Headings that say "phone" by themselves.
PHONE = re.compile(
    r"phone|(?<!\w)(?:tel|mobile|cell|msisdn|whatsapp|viber)(?!\w)|телефон(?!ист)|"
    r"(?<!\w)тел(?!\w)|(?<!\w)моб(?!\w)|мобильн|мобільн|сотов|стільник",
    re.IGNORECASE,
)
#: Headings that may mean a phone: the cells must confirm it.
MAYBE_PHONE = re.compile(r"номер|number|contact|контакт|(?<!\w)num(?!\w)", re.IGNORECASE)
#: Headings of what looks like phones and is not: register, tax, account, document numbers; and fax.
NOT_PHONE = re.compile(
    r"fax|факс|(?<!\w)(?:инн|інн|огрн|огрнип|кпп|окпо|едрпоу|єдрпоу|ипн|іпн|рнокпп|снилс|inn|vat|ssn)"
    r"(?!\w)|паспорт|догов|договір|сч[её]т|рахун|account|order|заказ|замовл|invoice|passport|"
    r"(?<!\w)(?:id|zip|date|дата|iban|imei)(?!\w)|карт[аы]|картк|card",
    re.IGNORECASE,
)
#: Headings of a number to be tried after the others.
SECOND = re.compile(
    r"доп|дод|втор|друг|інш|запас|second|other|alt|add|backup|work|раб|роб|home|дом|[2-9](?!\d)",
    re.IGNORECASE,
)
_KINDS = {
    PhoneKind.MOBILE: r"моб|mobile|(?<!\w)cell(?!\w)|сотов|стільник|whatsapp|viber|msisdn",
    PhoneKind.HOME: r"home|дом(?!ен)|landline|стационар|стаціонар",
    PhoneKind.WORK: r"work|office|business|раб|роб|служеб|службов|офис|офіс",
}
_PHONE_KINDS = {kind: re.compile(words, re.IGNORECASE) for kind, words in _KINDS.items()}

_FULL_NAME = (
    r"(?:ф\.?\s?и\.?\s?о\.?|п\.?\s?[іи]\.?\s?б\.?|name|full\s?_?name|contact\s?_?(?:name|person)|"
    r"customer(?:\s?_?name)?|клиент|клієнт|контактное лицо|контактна особа|"
    r"полное имя|повне ім.я)(?!\w)"
)
#: Fields in the order in which a heading is tried; a pattern with ``$`` must match all of it.
_FIELDS: tuple[tuple[ColumnField, str], ...] = (
    (
        ColumnField.EXTERNAL_KEY,
        r"(?:(?:client|customer|contact|external|lead|person|crm)[\s_-]?(?:id|key|code|no\.?)|id|key|"
        r"ид|ід|(?:код|ид|id|ід)[\s_-]?(?:клиента|клієнта|абонента|контакта)|внешний (?:ключ|код)|"
        r"зовнішній (?:ключ|код)|ключ)$",
    ),
    (ColumnField.FIRST_NAME, r"(?:(?:first|given)(?:[\s_]?name)?|имя|ім.?я)$"),
    (ColumnField.MIDDLE_NAME, r"(?:middle(?:[\s_]?name)?|patronymic|отчество|по[\s-]батькові)$"),
    (ColumnField.LAST_NAME, r"(?:(?:last|family)(?:[\s_]?name)?|surname|фамилия|прізвище)$"),
    (ColumnField.NAME, _FULL_NAME),
    (
        ColumnField.COMPANY,
        r"(?:company|organi[sz]ation|firm|business|компания|организация|фирма|компанія|організація|"
        r"фірма|название|назва)(?!\w)",
    ),
    (ColumnField.LANGUAGE, r"(?:language|lang|locale|язык|мова)(?!\w)"),
    (ColumnField.ZONE, r"(?:time[\s_-]?zone|tz|zone|час\.? ?пояс|часовой пояс|часовий пояс)(?!\w)"),
    (
        ColumnField.POSTAL_CODE,
        r"(?:zip(?:[\s_-]?code)?|post(?:al)?[\s_-]?code|(?:почтовый |поштовий )?(?:индекс|індекс))$",
    ),
    (
        ColumnField.REGION,
        r"(?:region|state|province|oblast|регион|область|обл\.?|субъект(?: рф)?|край|регіон|штат)$",
    ),
    (ColumnField.PRIORITY, r"(?:priority|приоритет|пріоритет)$"),
    (
        ColumnField.OWNER,
        r"(?:owner|agent(?:[\s_]login)?|агент|оператор|ответственный|відповідальний)$",
    ),
    (ColumnField.TAGS, r"(?:tags?|labels?|метк[аи]|теги?|мітк[аи])$"),
)
_PATTERNS = tuple((field, re.compile(words, re.IGNORECASE)) for field, words in _FIELDS)


def field_of(heading: str) -> ColumnField:
    """Return what a heading says of a column without phones; ``custom`` when it says nothing known."""
    text = heading.strip()
    return next((field for field, words in _PATTERNS if words.match(text)), ColumnField.CUSTOM)


def kind_of(heading: str) -> PhoneKind | None:
    """Return what the numbers under a heading are for; None when it does not say."""
    return next((kind for kind, words in _PHONE_KINDS.items() if words.search(heading)), None)
