"""The first fields of the set-up page: what, when and who."""

from api import rule_labels
from api.labels import mark
from api.setup.kinds import Field, Kind, Live, Section
from compliance.rulebook.rules import Party

_PARTIES = {Party.CONSUMER.value: mark("People"), Party.BUSINESS.value: mark("Firms")}
_PURPOSES = {purpose.value: words for purpose, words in rule_labels.PURPOSES.items()}

WHAT = (
    Field(
        "purpose",
        Section.WHAT,
        Kind.CHOICE,
        mark("Purpose"),
        mark("Why people are called: the law asks this first."),
        _PURPOSES,
        empty=mark("Not chosen yet"),
    ),
    Field(
        "party",
        Section.WHAT,
        Kind.CHOICE,
        mark("Whom"),
        mark("Laws on consumers do not bind calls to firms."),
        _PARTIES,
    ),
    Field(
        "lists",
        Section.WHAT,
        Kind.LISTS,
        mark("Contact lists"),
        mark("Whose contacts are dialled; a list stays once it is added, and may rest."),
    ),
    Field(
        "form",
        Section.WHAT,
        Kind.CHOICE,
        mark("Form"),
        mark("The questions agents ask; only published forms are here."),
        empty=mark("No form"),
    ),
    Field(
        "script",
        Section.WHAT,
        Kind.CHOICE,
        mark("Script"),
        mark("What agents say, beside the form."),
        empty=mark("No script"),
    ),
)
WHEN = (
    Field(
        "hours",
        Section.WHEN,
        Kind.HOURS,
        mark("Calling hours"),
        mark(
            "In the contact's own time zone; the law's hours hold besides. An empty day is a day off."
        ),
    ),
    Field(
        "starts_at",
        Section.WHEN,
        Kind.INSTANT,
        mark("Starts by itself"),
        mark("A draft without red lights starts at this time."),
        empty="",
    ),
    Field(
        "ends_at",
        Section.WHEN,
        Kind.INSTANT,
        mark("Ends by itself"),
        mark("The campaign is stopped at this time; calls under way end by themselves."),
        empty="",
    ),
)
WHO = (
    Field(
        "trunk",
        Section.WHO,
        Kind.CHOICE,
        mark("Trunk"),
        mark("The way out to the telephone network; its lines and calls per second are limits."),
        empty=mark("Not chosen yet"),
        live=Live.NEW_RUNNER,
    ),
    Field(
        "caller_id",
        Section.WHO,
        Kind.CHOICE,
        mark("Caller ID"),
        mark("The number people see."),
        empty=mark("None"),
    ),
    Field(
        "caller_ids",
        Section.WHO,
        Kind.POOL,
        mark("Caller-ID pool"),
        mark("More numbers to show in turn, those of the contact's region first."),
    ),
    Field(
        "least_agents",
        Section.WHO,
        Kind.NUMBER,
        mark("Agents for predictive dialling"),
        mark("With fewer at work each free agent gets one call, as in progressive mode."),
        most=1000,
    ),
)
