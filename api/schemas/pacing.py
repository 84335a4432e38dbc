"""Pacing explained live, as JSON."""

from datetime import datetime

from pydantic import BaseModel


class PacingDecisionOut(BaseModel):
    """The last decision that was kept, with the figures it rests on."""

    at: datetime
    is_fresh: bool  #: false: the campaign does not pace now
    placed: int  #: calls, in that second
    cancelled: int  #: ringing calls that were given up
    ready: int
    talking: int
    wrapping: int
    ringing: int
    waiting: int
    limit: str  #: what bounded the decision
    risk: float | None  #: 0..1: of the last call placed, else of the one that was not
    threshold: float | None  #: 0..1: the highest own risk a call might have
    expected_free: float | None  #: agents free within a ring's time
    answer_rate: float | None  #: 0..1, as believed
    doubt: float | None  #: coefficient of variation of that belief
    note: str  #: what is odd, as a code; empty: nothing
    words: list[str]  #: all of it in sentences, in the language that was asked for


class PacingPaceOut(BaseModel):
    """What the last minutes came to."""

    minutes: float
    answered: int
    abandoned: int
    share: float | None


class PacingBudgetOut(BaseModel):
    """The abandonment budget; shares are 0 to 1, null without answers."""

    answered: float  #: in the legal window, with campaigns that share the budget
    abandoned: float
    share: float | None
    ceiling: float  #: in force: the settings', tightened by the law
    target: float
    left: float  #: people who may still be abandoned; below 1 the budget is spent
    pace: PacingPaceOut
    share_in_an_hour: float | None  #: if that is like the last minutes


class PacingPointOut(BaseModel):
    """Some seconds put together: sums of calls placed and given up, else means; waiting: the most."""

    at: datetime
    placed: int
    cancelled: int
    ready: float
    talking: float
    wrapping: float
    ringing: float
    waiting: int
    abandoned_share: float | None
    ceiling: float | None


class PacingOut(BaseModel):
    """How a campaign paces, and why."""

    at: datetime
    decision: PacingDecisionOut | None  #: null: none was kept in these minutes
    budget: PacingBudgetOut
    step_s: float  #: a point lasts so long
    points: list[PacingPointOut]
