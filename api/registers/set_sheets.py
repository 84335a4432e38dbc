"""How the pages of shared sets look: their words, buttons and fields."""

from api.labels import mark
from api.registers.putting import BRING_BACK, PUT_AWAY
from api.registers.sheet import Button, Field, Sheet
from campaigns.registers import sets
from campaigns.registers.finding import Shown
from campaigns.registers.models import SetKind

_SORTS = (("name", mark("by name")), ("changed", mark("last changed first")))
_BUTTONS = (
    Button(PUT_AWAY, mark("Put away"), "stop"),
    Button(BRING_BACK, mark("Bring back"), shown=frozenset({Shown.PUT_AWAY, Shown.ALL})),
)
_FIELDS = (
    Field("name", mark("Name"), needed=True),
    Field(
        "source",
        mark("Begin with"),
        mark("A preset, or what a campaign has."),
        kind="select",
        only_new=True,
    ),
)
SHEETS = {
    SetKind.DISPOSITIONS: Sheet(
        sets.REGISTER_OF[SetKind.DISPOSITIONS],
        "/disposition-sets",
        mark("Sets of dispositions"),
        mark(
            "The codes with which operators close a conversation, kept once for several campaigns. A campaign"
            " takes a copy: a change of the set changes no campaign until it is given to it again."
        ),
        mark(
            "There are no sets yet. Make one below from a preset, or from a campaign whose dispositions are"
            " good, then give it to other campaigns."
        ),
        mark("Find a set"),
        _SORTS,
        _BUTTONS,
        _FIELDS,
        mark("New set"),
        mark("Make the set"),
    ),
    SetKind.RETRIES: Sheet(
        sets.REGISTER_OF[SetKind.RETRIES],
        "/retry-sets",
        mark("Sets of retry rules"),
        mark(
            "What follows a call that found nobody, kept once for several campaigns. A campaign takes a"
            " copy: a change of the set changes no campaign until it is given to it again."
        ),
        mark(
            "There are no sets yet. Make one below from a preset, or from a campaign whose retry rules are"
            " good, then give it to other campaigns."
        ),
        mark("Find a set"),
        _SORTS,
        _BUTTONS,
        _FIELDS,
        mark("New set"),
        mark("Make the set"),
    ),
}
