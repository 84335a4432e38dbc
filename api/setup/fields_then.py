"""The other fields of the set-up page: how, again and the law."""

from api.labels import mark
from api.setup.kinds import Field, Kind, Live, Section
from campaigns.selection import DrawOrder
from dialer.pacing.policy import PacingMode

_MODES = {
    PacingMode.PREDICTIVE.value: mark("Predictive: as many calls as the abandonment budget bears"),
    PacingMode.PROGRESSIVE.value: mark("Progressive: one call for each free agent"),
    PacingMode.POWER.value: mark("Power: a fixed number of calls for each free agent"),
    PacingMode.PREVIEW.value: mark("Preview: agents read, decide and dial"),
}
_ORDERS = {
    DrawOrder.AS_DUE.value: mark("Whoever has waited longest"),
    DrawOrder.NEW_FIRST.value: mark("New contacts first"),
    DrawOrder.RETRIES_FIRST.value: mark("Retries first"),
    DrawOrder.INTERLEAVED.value: mark("Half and half"),
}
_AMD = {
    "hang_up": mark("Listen, and hang up on machines"),
    "leave_message": mark("Listen, and leave the message that the API set"),
}

HOW = (
    Field(
        "mode",
        Section.HOW,
        Kind.CHOICE,
        mark("Dial mode"),
        mark("How many calls are placed for the agents who are free."),
        _MODES,
    ),
    Field(
        "dial_ratio",
        Section.HOW,
        Kind.NUMBER,
        mark("Calls for each free agent"),
        mark("In power mode only."),
        least=1,
        most=5,
        step=0.1,
    ),
    Field(
        "max_ratio",
        Section.HOW,
        Kind.NUMBER,
        mark("Most calls for each agent"),
        mark("Whatever the mode computes, never more lines than this for each agent at work."),
        empty="",
        least=1,
        most=20,
        step=0.1,
    ),
    Field(
        "abandon_target",
        Section.HOW,
        Kind.NUMBER,
        mark("Abandonment target"),
        mark(
            "The share of answered people for whom no agent may be free; predictive mode keeps below it."
        ),
        scale=0.01,
        unit="%",
        most=5,
        step=0.1,
    ),
    Field(
        "ring_timeout_s",
        Section.HOW,
        Kind.NUMBER,
        mark("Ring time"),
        mark("So long a call rings before it is given up; shorter saves lines and loses answers."),
        unit="s",
        least=15,
        most=60,
    ),
    Field(
        "amd",
        Section.HOW,
        Kind.CHOICE,
        mark("Answering machines"),
        mark("Listening tells machines from people while the agent already talks."),
        _AMD,
        empty=mark("Do not listen: agents close such calls"),
    ),
    Field(
        "record",
        Section.HOW,
        Kind.TICK,
        mark("Record calls"),
        mark("Stereo, agent and customer apart; some laws ask for an announcement."),
    ),
    Field(
        "wrap_up_s",
        Section.HOW,
        Kind.NUMBER,
        mark("Wrap-up time"),
        mark("So long an agent may write after a call before the next one comes."),
        unit="s",
        most=600,
        live=Live.NEXT_SHIFT,
    ),
    Field(
        "preview_limit_s",
        Section.HOW,
        Kind.NUMBER,
        mark("Time to read a contact"),
        mark("In preview mode; then it is skipped. Empty: as long as the agent likes."),
        empty="",
        unit="s",
        least=5,
        most=600,
    ),
)
AGAIN = (
    Field(
        "max_attempts",
        Section.AGAIN,
        Kind.NUMBER,
        mark("Attempts in all"),
        mark("After so many the contact is done, whatever a retry rule says."),
        least=1,
        most=50,
    ),
    Field(
        "order",
        Section.AGAIN,
        Kind.CHOICE,
        mark("Order"),
        mark("Who is dialled first: new contacts, or those that were tried before."),
        _ORDERS,
    ),
    Field(
        "callback_grace_s",
        Section.AGAIN,
        Kind.NUMBER,
        mark("Wait for the promised agent"),
        mark(
            "So long after its time a callback waits for the agent who promised it; then anybody keeps it."
        ),
        scale=60,
        unit="min",
        most=1440,
    ),
    Field(
        "target",
        Section.AGAIN,
        Kind.NUMBER,
        mark("Interviews wanted"),
        mark(
            "After so many complete interviews nobody else is asked. Needs a form;"
            " finer quotas are in the API."
        ),
        empty="",
        least=1,
        most=10_000_000,
    ),
)
LAW = (
    Field(
        "abandon_message",
        Section.LAW,
        Kind.TICK,
        mark("Message when no agent is free"),
        mark("Says who called; many laws demand it."),
    ),
    Field(
        "opt_out_key",
        Section.LAW,
        Kind.TEXT,
        mark("Key to refuse further calls"),
        mark("Pressed during that message it puts the number on your do-not-call list."),
        empty="",
    ),
    Field(
        "max_attempts_per_day",
        Section.LAW,
        Kind.NUMBER,
        mark("Calls to one number a day"),
        mark("Over all outcomes; the law's own limits hold besides."),
        least=1,
        most=20,
    ),
    Field(
        "max_attempts_per_person_per_day",
        Section.LAW,
        Kind.NUMBER,
        mark("Calls to one person a day"),
        mark("Over all of the person's numbers. Empty: no limit of your own."),
        empty="",
        least=1,
        most=20,
    ),
    Field(
        "max_attempts_per_person_per_week",
        Section.LAW,
        Kind.NUMBER,
        mark("Calls to one person a week"),
        mark("Over all of the person's numbers. Empty: no limit of your own."),
        empty="",
        least=1,
        most=50,
    ),
    Field(
        "max_conversations_per_person_per_month",
        Section.LAW,
        Kind.NUMBER,
        mark("Conversations with one person a month"),
        mark("Empty: no limit of your own."),
        empty="",
        least=1,
        most=50,
    ),
    Field(
        "quiet_hours_after_conversation",
        Section.LAW,
        Kind.NUMBER,
        mark("Silence after a conversation"),
        mark("So long nobody calls the person again. Empty: as the law says."),
        empty="",
        unit="h",
        least=1,
        most=8760,
    ),
    Field(
        "quiet_hours_after_refusal",
        Section.LAW,
        Kind.NUMBER,
        mark("Silence after a refusal"),
        mark("So long whoever refused is left alone. Empty: as the law says."),
        empty="",
        unit="h",
        least=1,
        most=8760,
    ),
)
