"""Traits: what the columns besides name and phones say of a contact, understood or counted as odd."""

import re
from collections import Counter
from typing import NamedTuple

from campaigns.lists.columns.fields import ColumnField, ValueType
from campaigns.lists.columns.mapping import Mapping
from campaigns.lists.columns.values import typed
from campaigns.lists.refusals import ImportWarning
from compliance.places.regions import parse_region
from compliance.places.zone_names import canonical_zone

#: Priorities beyond these are refused: each one is a queue of its own in every campaign.
PRIORITY_MIN, PRIORITY_MAX = -100, 100

_LANGUAGE_CODE = re.compile(r"[a-z]{2}(?=$|[-_][a-z]{2,4}$)")
#: What people write for a language, besides its code. ISO 639-1; "ua" is the country's code.
_LANGUAGES = {
    "русский": "ru", "рус": "ru", "російська": "ru", "рос": "ru", "russian": "ru", "rus": "ru",
    "украинский": "uk", "укр": "uk", "українська": "uk", "ukrainian": "uk", "ukr": "uk", "ua": "uk",
    "английский": "en", "англ": "en", "англійська": "en", "english": "en", "eng": "en",
    "казахский": "kk", "қазақ": "kk", "kazakh": "kk", "kz": "kk",
    "испанский": "es", "іспанська": "es", "spanish": "es", "español": "es",
    "немецкий": "de", "німецька": "de", "german": "de", "deutsch": "de",
    "польский": "pl", "польська": "pl", "polish": "pl", "polski": "pl",
    "французский": "fr", "французька": "fr", "french": "fr", "français": "fr",
}  # fmt: skip
_BETWEEN_TAGS = re.compile(r"[,;|\n]")

_SINGLE = (
    ColumnField.EXTERNAL_KEY,
    ColumnField.LANGUAGE,
    ColumnField.REGION,
    ColumnField.POSTAL_CODE,
    ColumnField.ZONE,
    ColumnField.PRIORITY,
    ColumnField.OWNER,
)


class Traits(NamedTuple):
    """What a row says of its person; None and nothing where it does not say."""

    external_key: str | None = None
    language: str | None = None  #: ISO 639-1
    region: str | None = None  #: ISO 3166-2
    postal_code: str | None = None
    zone: str | None = None  #: IANA
    priority: int | None = None
    owner: str | None = None
    tags: tuple[str, ...] = ()


NO_TRAITS = Traits()


class TraitReader:
    """Reads the traits of rows, and counts what it cannot understand."""

    def __init__(self, mapping: Mapping) -> None:
        """Look only at the columns that ``mapping`` gives a meaning."""
        self.warnings: Counter[str] = Counter()
        self._columns = [
            (place, column)
            for place, column in enumerate(map(mapping.position, _SINGLE))
            if column is not None
        ]
        self._tags = mapping.positions(ColumnField.TAGS)
        self._typed = tuple(
            (use.column, use.value_type)
            for use in mapping.uses
            if use.field is ColumnField.CUSTOM and use.value_type is not ValueType.TEXT
        )
        self._any = bool(self._tags or self._columns)

    def read(self, cells: list[str], country: str) -> Traits:
        """Return the traits of one row; ``country`` (alpha-2) is the first number's."""
        for column, value_type in self._typed:
            if cells[column].strip() and typed(cells[column], value_type) is None:
                self.warnings[ImportWarning.UNREADABLE_VALUE] += 1
        if not self._any:
            return NO_TRAITS
        said: list[str | None] = [None] * len(_SINGLE)
        for place, column in self._columns:
            text = cells[column]
            if text:
                said[place] = " ".join(text.split()) or None
        key, language, region, postal_code, zone, priority, owner = said
        return Traits(
            key,
            language and self._understood(_language(language), ImportWarning.UNKNOWN_LANGUAGE),
            region
            and self._understood(parse_region(region, country), ImportWarning.UNKNOWN_REGION),
            postal_code,
            zone and self._understood(canonical_zone(zone), ImportWarning.UNKNOWN_ZONE),
            None if priority is None else self._priority(priority),
            owner,
            self._read_tags(cells) if self._tags else (),
        )

    def _understood(self, value: str | None, warning: ImportWarning) -> str | None:
        if value is None:
            self.warnings[warning] += 1
        return value

    def _priority(self, text: str) -> int | None:
        value = typed(text, ValueType.INTEGER)
        if isinstance(value, int) and PRIORITY_MIN <= value <= PRIORITY_MAX:
            return value
        self.warnings[ImportWarning.UNREADABLE_VALUE] += 1
        return None

    def _read_tags(self, cells: list[str]) -> tuple[str, ...]:
        pieces = [piece for at in self._tags for piece in _BETWEEN_TAGS.split(cells[at])]
        return tuple(dict.fromkeys(tag for tag in (" ".join(one.split()) for one in pieces) if tag))


def _language(text: str) -> str | None:
    word = text.casefold().rstrip(".")
    code = _LANGUAGES.get(word)
    if code is None and (found := _LANGUAGE_CODE.match(word)):
        code = found[0]
    return code
