"""Words of the wall: what alarms say, in every language at once, because all viewers share one stream."""

from collections.abc import Mapping
from typing import Any

from babel.numbers import format_decimal, format_percent

from api.labels import AGENT_STATES, OUTCOMES, mark
from api.languages import LANGUAGES, locale_of
from api.templating import translate
from campaigns.wall.words import AlarmCode
from dialer.agent.states import AgentState
from dialer.call.states import CallOutcome

#: What an alarm says; the names are those of its facts.
ALARMS = {
    AlarmCode.BUDGET: mark(
        "%(campaign)s: %(used)s of the abandoned calls that are allowed are used."
    ),
    AlarmCode.NO_AGENTS: mark("%(campaign)s runs, and no operator takes its calls."),
    AlarmCode.AGENT_LONG: mark("%(agent)s: “%(state)s” for more than %(limit_s)s."),
    AlarmCode.TRUNK_FAILING: mark(
        "%(campaign)s: the trunk %(trunk)s could not carry %(failed)s of the last calls."
    ),
    AlarmCode.CAUSES_ODD: mark(
        "%(campaign)s: calls by the trunk %(trunk)s end otherwise than earlier today;"
        " %(share)s of them with “%(cause)s”."
    ),
    AlarmCode.CALLER_ID: mark(
        "%(campaign)s: %(rate)s of the people answer %(number)s, and it was %(usual)s earlier today."
    ),
    AlarmCode.LIST_LOW: mark("%(campaign)s: the list %(list)s has %(left)s contacts left to call."),
    AlarmCode.SERVICE_LEVEL: mark(
        "%(campaign)s: the service level is %(level)s, below its target."
    ),
    AlarmCode.WORKER_AWAY: mark("%(campaign)s: no worker dials for it."),
    AlarmCode.DISK_FULL: mark("The disk of the recordings is %(used)s full."),
}

#: The same in two words: headings, settings.
ALARM_NAMES = {
    AlarmCode.BUDGET: mark("Abandoned calls near the limit"),
    AlarmCode.NO_AGENTS: mark("Nobody takes calls"),
    AlarmCode.AGENT_LONG: mark("Operator too long in a state"),
    AlarmCode.TRUNK_FAILING: mark("Trunk fails"),
    AlarmCode.CAUSES_ODD: mark("Calls end oddly"),
    AlarmCode.CALLER_ID: mark("Caller ID is answered less"),
    AlarmCode.LIST_LOW: mark("List runs out"),
    AlarmCode.SERVICE_LEVEL: mark("Service level below target"),
    AlarmCode.WORKER_AWAY: mark("Worker away"),
    AlarmCode.DISK_FULL: mark("Disk nearly full"),
}

#: Alarms that stop a campaign, or break a law, soon.
GRAVE = frozenset(
    {
        AlarmCode.BUDGET,
        AlarmCode.NO_AGENTS,
        AlarmCode.TRUNK_FAILING,
        AlarmCode.WORKER_AWAY,
        AlarmCode.DISK_FULL,
    }
)

_SHARES = frozenset({"used", "failed", "share", "rate", "usual", "level"})

#: Endings of calls in the causes' mix.
UNKNOWN_CAUSE = mark("cause %(cause)s")


def said(code: AlarmCode, facts: Mapping[str, Any]) -> dict[str, str]:
    """Return an alarm's sentence by language."""
    return {language: alarm_words(language, code, facts) for language in LANGUAGES}


def alarm_words(language: str, code: AlarmCode, facts: Mapping[str, Any]) -> str:
    """Return an alarm's sentence in one language."""
    values = {name: _value(language, name, value) for name, value in facts.items()}
    return translate(language, ALARMS[code]) % values


def _value(language: str, name: str, value: Any) -> str:
    if name in _SHARES:
        return str(format_percent(value, "#,##0%", locale=locale_of(language)))
    if name == "state":
        return translate(language, AGENT_STATES[AgentState(value)])
    if name == "cause":
        return cause_words(language, value)
    if name == "limit_s":
        return _minutes(value)
    if isinstance(value, int | float):
        return str(format_decimal(value, locale=locale_of(language)))
    return str(value)


def _minutes(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"


def cause_words(language: str, mixed: str) -> str:
    """Return in words how calls ended: an outcome, with the network's cause where it gave one."""
    outcome, _, cause = mixed.partition(" ")
    known = OUTCOMES.get(CallOutcome(outcome)) if outcome in set(CallOutcome) else None
    words = translate(language, known) if known else outcome
    return f"{words} ({translate(language, UNKNOWN_CAUSE) % {'cause': cause}})" if cause else words


#: What the wall's own pages refuse: ``campaigns.wall``.
REFUSALS = (
    mark("There is no such alarm."),
    mark("There is no such screen."),
    mark("Give the screen a name, such as where it hangs."),
    mark("There are too many screens: revoke one that is not used."),
)
