"""Retry rules: whether, when and on which number a lead is dialled again. Shapes of settings."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

#: A delay, however it grew, is no longer than this.
LONGEST_DELAY_S = 365 * 24 * 3600

Delay = Annotated[int, Field(ge=0, le=LONGEST_DELAY_S)]


class NextCall(StrEnum):
    """How the next call differs from the one that ended."""

    SAME_NUMBER = "same_number"
    NEXT_NUMBER = "next_number"  #: the contact's next number, in a circle
    OTHER_DAY_PART = "other_day_part"  #: a part of the contact's day that was tried less
    FINAL = "final"  #: there is none: the lead is done


class RetryStep(BaseModel):
    """What follows one attempt."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    after_s: Delay = 0
    factor: Annotated[float, Field(ge=1, le=10)] = 1.0  #: growth each time the step is used again
    max_after_s: Delay | None = None  #: where the growth ends
    next: NextCall | None = None  #: None: as is usual after the outcome

    def delay_s(self, uses_before: int) -> float:
        """Return the delay when the step was used ``uses_before`` times already, seconds."""
        most = LONGEST_DELAY_S if self.max_after_s is None else self.max_after_s
        if self.factor == 1.0 or self.after_s == 0:
            return float(min(self.after_s, most))
        grown = float(self.after_s)
        for _ in range(uses_before):
            if grown >= most:
                break
            grown *= self.factor
        return min(grown, float(most))


class RetryRule(RetryStep):
    """What follows an outcome or a disposition, up to ``max_attempts`` of the lead.

    Without ``steps`` the rule itself is its only step. With them the first follows the lead's first
    attempt, the second its second, and the last one all others.
    """

    max_attempts: Annotated[int, Field(ge=1)] = 6  #: attempts of the lead after which it is done
    steps: Annotated[tuple[RetryStep, ...], Field(max_length=50)] = ()

    @model_validator(mode="after")
    def _must_say_what_follows(self) -> Self:
        own = RetryStep.model_fields
        if self.steps and any(getattr(self, name) != own[name].default for name in own):
            raise ValueError("give either steps or one delay, not both")
        says_when = self.steps or "after_s" in self.model_fields_set
        if not says_when and self.next is not NextCall.FINAL:
            raise ValueError("say after_s (seconds), or steps, or next: final")
        return self

    def step_after(self, attempt: int) -> tuple[RetryStep, int]:
        """Return the step that follows the lead's ``attempt`` (1 = first), and its uses before."""
        steps = self.steps or (self,)
        index = min(attempt, len(steps)) - 1
        return steps[index], attempt - 1 - index
