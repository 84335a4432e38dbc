"""Whether a question can be come to: the answers that matter are tried in order, as a person gives them.

Where one answer stands for all that no expression tells apart, trying is a proof. Where it is not (answers
that are added to each other, too many combinations) the result is ``None``: nobody has decided it.
"""

from dataclasses import dataclass

from campaigns.forms.checks.known import Known
from campaigns.forms.checks.trial import Goal, TooManyError, Trial
from campaigns.forms.expressions.evaluating import Facts
from campaigns.forms.expressions.nodes import Reference

#: Answers tried for one question, and for a whole form: a few seconds at most.
MOST_TRIED, MOST_TRIED_IN_ALL = 10_000, 300_000


@dataclass(slots=True)
class Reach:
    """Tries what can happen in a form."""

    known: Known
    left: int = MOST_TRIED_IN_ALL

    def possible(
        self,
        code: str,
        goal: Goal,
        *,
        looking_at: frozenset[Reference] = frozenset(),
        with_all: bool = False,
    ) -> bool | None:
        """Return whether the goal can hold at a question, None when that is not decided.

        Args:
            code: The question.
            goal: Looked at when the interview is there, or has gone past it.
            looking_at: What the goal looks at besides the question's own conditions.
            with_all: Mind every earlier question that may send somebody away, not only those that hang
                together with the goal. Without it only False is a proof.
        """
        trial = Trial(self.known, code, goal, looking_at, with_all)
        budget = min(MOST_TRIED, self.left)
        trial.left = budget
        try:
            found = trial.run()
        except TooManyError:
            return None
        finally:
            self.left -= budget - max(trial.left, 0)
        return None if not found and not trial.complete else found

    def shown(self, code: str) -> bool | None:
        """Return whether a question can be shown to anybody."""

        def goal(_facts: Facts, shown: bool) -> bool:
            return shown

        alone = self.possible(code, goal)
        if not alone or not any(
            self.known.place[each] < self.known.place[code] for each in self.known.guarded
        ):
            return alone
        # The others send people away for reasons of their own: if nobody can tell, some are left.
        return self.possible(code, goal, with_all=True) is not False
