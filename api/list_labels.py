"""Words for what lists and imports store as codes: reasons, warnings, fields, states."""

import re
from collections.abc import Callable

from api.labels import mark
from campaigns.lists.columns.fields import ColumnField, ValueType
from campaigns.lists.refusals import ImportWarning, RefusalReason
from campaigns.lists.staged.forecasting import PLACE_UNKNOWN, WINDOW_CLOSED
from campaigns.lists.staged.plan import SameBy, Scope, Then
from campaigns.lists.writing.listed import SUPPRESSED
from campaigns.states import ImportState, PhoneKind
from compliance.places.numbering import NumberRefusal

STATES = {
    ImportState.STAGED: mark("Waits for your check"),
    ImportState.COMMITTING: mark("Being imported"),
    ImportState.COMMITTED: mark("Imported"),
    ImportState.FAILED: mark("Failed: nothing was imported"),
    ImportState.UNDONE: mark("Undone"),
}

#: Why a row gives no contact: what it is, and what to do about it.
REFUSED = {
    RefusalReason.NO_PHONE.value: (
        mark("No phone number"),
        mark("Fill in the number, or leave the row out."),
    ),
    RefusalReason.INVALID_PHONE.value: (
        mark("Not a number that can be dialled"),
        mark("Look for missing or surplus digits and for the wrong country."),
    ),
    RefusalReason.DAMAGED_PHONE.value: (
        mark("Number damaged by a spreadsheet"),
        mark("Its last digits are lost (7.9E+10): take it from the source, as text."),
    ),
    RefusalReason.DUPLICATE.value: (
        mark("Duplicate"),
        mark("The person is there already. Such rows can also update the contact."),
    ),
    NumberRefusal.COUNTRY_NOT_ALLOWED.value: (
        mark("Country not allowed"),
        mark("Allow the country for this client."),
    ),
    NumberRefusal.PREMIUM_NUMBER.value: (
        mark("Premium-rate number"),
        mark("Such numbers cost dearly and are not called."),
    ),
    NumberRefusal.SATELLITE_NUMBER.value: (
        mark("Satellite number"),
        mark("Such numbers cost dearly and are not called."),
    ),
    NumberRefusal.SHARED_COST_NUMBER.value: (
        mark("Shared-cost number"),
        mark("Such numbers cost dearly and are not called."),
    ),
    NumberRefusal.SHORT_OR_SPECIAL.value: (
        mark("Short or special number"),
        mark("Short and special numbers are never dialled."),
    ),
}

WARNINGS = {
    ImportWarning.DNC_LISTED.value: mark("Numbers on do-not-call lists: they will not be dialled"),
    WINDOW_CLOSED: mark("Contacts outside of the calling hours now: they wait"),
    PLACE_UNKNOWN: mark("Contacts whose time zone nobody knows: they will not be dialled"),
    ImportWarning.SHARED_NUMBER.value: mark("Rows that share their number with another person"),
    ImportWarning.UNREADABLE_VALUE.value: mark("Cells not of their column's type: kept as text"),
    ImportWarning.UNKNOWN_REGION.value: mark("Regions not known: the number tells the place"),
    ImportWarning.UNKNOWN_ZONE.value: mark("Time zones not known: the number tells the zone"),
    ImportWarning.UNKNOWN_LANGUAGE.value: mark("Languages not known"),
}
_ON_LIST = mark("of them on the list %(list)s")
_ON_OWN_LIST = mark("of them on your own do-not-call list")

FIELDS = {
    ColumnField.PHONE: mark("Phone"),
    ColumnField.NAME: mark("Full name"),
    ColumnField.FIRST_NAME: mark("First name"),
    ColumnField.MIDDLE_NAME: mark("Middle name"),
    ColumnField.LAST_NAME: mark("Last name"),
    ColumnField.COMPANY: mark("Company"),
    ColumnField.EXTERNAL_KEY: mark("Your key of the person"),
    ColumnField.LANGUAGE: mark("Language"),
    ColumnField.REGION: mark("Region"),
    ColumnField.POSTAL_CODE: mark("Postal code"),
    ColumnField.ZONE: mark("Time zone"),
    ColumnField.PRIORITY: mark("Priority"),
    ColumnField.OWNER: mark("Agent"),
    ColumnField.TAGS: mark("Tags"),
    ColumnField.CUSTOM: mark("Own field"),
    ColumnField.IGNORE: mark("Only keep, not used"),
}

TYPES = {
    ValueType.TEXT: mark("text"),
    ValueType.INTEGER: mark("whole number"),
    ValueType.DECIMAL: mark("number"),
    ValueType.MONEY: mark("money"),
    ValueType.DATE: mark("date"),
    ValueType.BOOLEAN: mark("yes or no"),
}

KINDS = {
    PhoneKind.PRIMARY: mark("main"),
    PhoneKind.MOBILE: mark("mobile"),
    PhoneKind.HOME: mark("home"),
    PhoneKind.WORK: mark("work"),
    PhoneKind.OTHER: mark("other"),
}

SAME_BY = {
    SameBy.PHONE: mark("The first number"),
    SameBy.KEY: mark("Your key"),
    SameBy.PERSON: mark("Name and number"),
}

SCOPES = {
    Scope.FILE: mark("In this file"),
    Scope.LIST: mark("In the list"),
    Scope.CAMPAIGN: mark("In the campaign"),
    Scope.CLIENT: mark("In all your lists"),
}

THEN = {
    Then.SKIP: mark("Refuse the row"),
    Then.UPDATE: mark("Update the contact"),
    Then.ADD_PHONES: mark("Add new numbers to the contact"),
}

SEPARATORS = {
    ",": mark("comma"),
    ";": mark("semicolon"),
    "\t": mark("tab"),
    "|": mark("bar"),
}

#: Details of refused rows, as the importer words them.
DETAILS = (
    mark("There is no phone number."),
    mark("This is not a phone number that can be dialled."),
    mark("a spreadsheet turned this number into a rounded one"),
    mark("The client may not call this kind of number."),
)
_SAME_AS_LIST = re.compile(r"Row (?P<row>\d+) of the list “(?P<list>.*)” has the same .+\.", re.S)
_SAME_AS = re.compile(r"Row (?P<row>\d+) has the same .+\.")
_PATTERNS = (
    (_SAME_AS_LIST, mark("The same as row %(row)s of the list “%(list)s”.")),
    (_SAME_AS, mark("The same as row %(row)s.")),
)


def refused_words(reason: str) -> tuple[str, str]:
    """Return the messages of a refused row: what it is, and what to do."""
    return REFUSED.get(reason, (reason, ""))


def detail_words(translate: Callable[[str], str], detail: str) -> str:
    """Return the detail of a refused row in a language."""
    for pattern, message in _PATTERNS:
        found = pattern.fullmatch(detail)
        if found:
            return translate(message) % found.groupdict()
    return translate(detail) if detail else ""


def warning_words(translate: Callable[[str], str], code: str) -> str:
    """Return a warning in a language; ``dnc_listed:CODE`` names its list."""
    kind, _, listed = code.partition(":")
    if listed == SUPPRESSED:
        return translate(_ON_OWN_LIST)
    if listed:
        return translate(_ON_LIST) % {"list": listed}
    return translate(WARNINGS.get(kind, kind))
