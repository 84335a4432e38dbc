"""Why a row gave no contact, and what was odd about rows that gave one."""

from enum import StrEnum
from typing import NamedTuple


class RefusalReason(StrEnum):
    """Why a row gave no contact; besides these, the codes of numbers a client may not call."""

    NO_PHONE = "no_phone"  #: nothing, a dash or a word for "none"
    INVALID_PHONE = "invalid_phone"  #: something that cannot be dialled
    DAMAGED_PHONE = "damaged_phone"  #: digits lost to a form like 7.9E+10
    DUPLICATE = "duplicate"  #: the person of an earlier row, or of another list


class ImportWarning(StrEnum):
    """What is worth knowing of an accepted row; each is counted once a cell or number."""

    UNREADABLE_VALUE = "unreadable_value"  #: the text is kept, its type was not understood
    UNKNOWN_REGION = "unknown_region"  #: the number tells where the person is
    UNKNOWN_ZONE = "unknown_zone"  #: the number tells where the person is
    UNKNOWN_LANGUAGE = "unknown_language"
    SHARED_NUMBER = "shared_number"  #: another person of the file has the same first number
    DNC_LISTED = "dnc_listed"  #: will not be dialled; ``dnc_listed:CODE`` counts for each list


class Refusal(NamedTuple):
    """A row that gave no contact, with its original text."""

    source_row: int
    reason: str  #: a :class:`RefusalReason`, or the code of a number that may not be called
    detail: str  #: a sentence for people, without the number
    cells: list[str]
