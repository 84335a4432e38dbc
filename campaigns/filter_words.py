"""The words of filters: the fields one may ask about and the operators. Types only."""

from enum import StrEnum

CUSTOM = "fields."  #: what stands before the name of a client's own column


class Op(StrEnum):
    """How a condition compares. Texts compare without regard to case."""

    IS = "is"
    IS_NOT = "is_not"
    IN = "in"
    NOT_IN = "not_in"
    CONTAINS = "contains"
    STARTS_WITH = "starts_with"
    LT = "lt"
    LE = "le"
    GT = "gt"
    GE = "ge"
    BETWEEN = "between"  #: both ends included
    IS_EMPTY = "is_empty"
    NOT_EMPTY = "not_empty"


class ValueKind(StrEnum):
    """As what a condition compares."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"


#: What a filter may ask of a contact, and how it compares where the condition does not say.
FIELDS: dict[str, ValueKind] = {
    "name": ValueKind.TEXT,
    "external_key": ValueKind.TEXT,
    "language": ValueKind.TEXT,
    "region": ValueKind.TEXT,  # as the client said
    "owner": ValueKind.TEXT,
    "tags": ValueKind.TEXT,
    "list": ValueKind.TEXT,  # the list's id
    "import": ValueKind.TEXT,  # the import's id
    "priority": ValueKind.NUMBER,
    "source_row": ValueKind.NUMBER,
    "created_at": ValueKind.DATE,
    "zone": ValueKind.TEXT,  # every zone a number may be in
    "jurisdiction": ValueKind.TEXT,
    "phone": ValueKind.TEXT,
    "phone.region": ValueKind.TEXT,
    "phone.kind": ValueKind.TEXT,
    "phones": ValueKind.NUMBER,
    # Of the client's calls to the contact, over all campaigns:
    "last_outcome": ValueKind.TEXT,
    "last_disposition": ValueKind.TEXT,
    "last_attempt_at": ValueKind.DATE,
    "attempts_made": ValueKind.NUMBER,
    # Of the campaign for which is selected:
    "campaign.last_outcome": ValueKind.TEXT,
    "campaign.last_disposition": ValueKind.TEXT,
    "campaign.attempts_made": ValueKind.NUMBER,
}

#: Fields of which a contact has several values: a condition asks whether one of them fits.
SEVERAL = frozenset({"tags", "zone", "jurisdiction", "phone", "phone.region", "phone.kind"})

#: Operators without a value.
BARE = frozenset({Op.IS_EMPTY, Op.NOT_EMPTY})
#: Operators with a list of values.
LISTS = frozenset({Op.IN, Op.NOT_IN})
#: Operators for texts only.
TEXTS = frozenset({Op.CONTAINS, Op.STARTS_WITH})
#: What a contact with several values can be asked.
FOR_SEVERAL = BARE | LISTS | TEXTS | {Op.IS, Op.IS_NOT}
