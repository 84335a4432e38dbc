"""The states of a campaign and of its leads."""

from enum import StrEnum


class CampaignState(StrEnum):
    """Where in its life a campaign is."""

    DRAFT = "draft"
    RUNNING = "running"
    PAUSED = "paused"  #: no new calls; live ones end by themselves; agents stay signed in
    STOPPED = "stopped"  #: ended by a person
    FINISHED = "finished"  #: every lead has its result


class LeadState(StrEnum):
    """Where in its life a lead is."""

    WAITING = "waiting"  #: due at ``next_attempt_at``
    CLAIMED = "claimed"  #: in the hopper of the campaign's owner
    DIALING = "dialing"  #: has a live attempt
    DONE = "done"  #: has its ``result``


class PhoneKind(StrEnum):
    """What a number is for."""

    PRIMARY = "primary"
    OTHER = "other"
