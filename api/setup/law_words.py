"""Words of changes by two persons, and of settings' values in comparisons."""

import json
from typing import Any

from api.labels import mark
from api.setup.fields import BY_NAME

LAW_STATES = {
    "open": mark("waits for a second person"),
    "expired": mark("expired"),
    "approved": mark("approved"),
    "refused": mark("refused"),
    "withdrawn": mark("withdrawn"),
}

_OTHERS = {
    "two_person_law": mark("Two persons for what loosens a setting of law"),
    "legal_entity": mark("Legal entity"),
    "allowed_countries": mark("Countries that may be called"),
    "allowed_number_types": mark("Kinds of numbers that may be called"),
    "abandon_ceiling": mark("Abandonment ceiling"),
    "on": mark("Emergency declared"),
    "retry": mark("Retry rules"),
    "answer_quotas": mark("Quotas on answers"),
    "selection": mark("Selection of contacts"),
}

#: Sentences made in campaigns/law that are shown here.
SENTENCES = (
    mark("There is no such request."),
    mark("This request was decided already, or it has expired: nothing was changed."),
    mark("The setting was changed meanwhile: refuse this request and ask anew."),
    mark("This loosens nothing: change it directly."),
    mark("Who asked may not approve: another person must."),
    mark("Another person, an administrator, must approve it."),
    mark("Give a reason of at least 10 characters."),
    mark("Your role may not change such settings."),
    mark("Say why: which declaration began or ended."),
)


def setting_words(name: str) -> str:
    """Return what a setting is called on the pages; one that has no field keeps its name."""
    field = BY_NAME.get(name)
    return field.label if field else _OTHERS.get(name, name)


def value_words(value: Any) -> str:
    """Return a setting's value for a comparison: short, the same for the same value."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or value is None:
        return {True: "+", False: "-", None: "–"}[value]
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
