"""What a judgement had counted is taken back when the judgement was wrong. Changes a budget alone."""

from dialer.pacing.budget import Budget
from dialer.pacing.facts import Abandoned, FoundMachine, FoundPerson

#: What a judgement of a verdict "machine" tells a controller.
ByJudgement = Abandoned | FoundMachine | FoundPerson


def take_back(budget: Budget, told: ByJudgement, told_at_s: float) -> None:
    """Undo what ``told`` counted at ``told_at_s``.

    It goes out of the very time in which it was counted: a half hour that is over owes nothing, and
    no window holds less than nobody.
    """
    window, burst, machines, found, noticed = budget.tallies
    match told:
        case Abandoned():
            for tally in (window, burst):
                tally.take_back(told_at_s, 1, 1)
            machines.take_back(told_at_s, 0, 1)
        case FoundMachine():
            for tally in (window, burst):
                tally.take_back(told_at_s, -1, 0)
            found.take_back(told_at_s, 1, 0)
        case FoundPerson():
            noticed.take_back(told_at_s, 1, 0)
