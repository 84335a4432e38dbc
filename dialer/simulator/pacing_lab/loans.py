"""Campaigns that share agents lend each other ready ones, and keep count."""

from collections import Counter
from collections.abc import Iterable

from dialer.simulator.pacing_lab.side import Side

#: A campaign lends to one that owes it fewer favours than this. Without a bound one of two alike
#: campaigns lives on the other's agents: being rescued, its controller dials ever more boldly.
_MOST_OWED = 3


class Loans:
    """Favours between campaigns: one for each person who got another campaign's agent."""

    def __init__(self) -> None:
        """Start with nobody owing anything."""
        self._owed: Counter[tuple[int, int]] = Counter()

    def lends(self, lender: Side, borrower: Side) -> bool:
        """Tell whether a campaign would give an agent of its own to another one's person."""
        owed = self._owed[(borrower.number, lender.number)]
        return lender is not borrower and owed < _MOST_OWED

    def lent(self, lender: Side, borrower: Side) -> None:
        """Note that it did."""
        self._owed[(borrower.number, lender.number)] += 1
        self._owed[(lender.number, borrower.number)] -= 1

    def lender(self, borrower: Side, sides: Iterable[Side]) -> Side | None:
        """Return the campaign with most agents to spare of those that would lend one."""
        willing = [one for one in sides if one.unreserved and self.lends(one, borrower)]
        return max(willing, key=lambda one: one.unreserved, default=None)

    def longest_waiting(self, lender: Side, sides: Iterable[Side]) -> Side | None:
        """Return the campaign whose person waits longest of those this one would lend to."""
        waiting = [one for one in sides if one.waiters and self.lends(lender, one)]
        return min(waiting, key=lambda one: one.waiters[0].answered_s, default=None)
