"""The words of saved reports: who sees them, when they are made, in what, and what became of it."""

from enum import StrEnum


class ReportKind(StrEnum):
    """What a saved report is of."""

    FIGURES = "figures"  #: measures by dimensions
    CROSSTAB = "crosstab"  #: answers by answers


class Sharing(StrEnum):
    """Who sees a saved report."""

    OWN = "own"  #: who made it
    TEAM = "team"  #: everybody of the call centre who works for the client
    CLIENT = "client"  #: the client's people, too


class Rhythm(StrEnum):
    """How often a report is made."""

    HOURLY = "hourly"  #: after every full hour
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class PrintFormat(StrEnum):
    """In what a report is printed."""

    XLSX = "xlsx"
    PDF = "pdf"


class Carries(StrEnum):
    """How a letter brings a report."""

    LINK = "link"  #: opens it without a sign-in, for some days
    ATTACHMENT = "attachment"


class RunState(StrEnum):
    """Where in its life one making of a report is."""

    WAITING = "waiting"  #: its files are to be made
    SENDING = "sending"  #: its files are kept; the letter is to go out
    DONE = "done"
    DEAD = "dead"  #: given up: a person must look
