"""Until when a request must have been done, by the law of the person's country. Pure.

Holidays count as working days here: then we are early, never late.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from campaigns.portal.words import RequestKind

#: Source: GDPR, article 2 and annex XI of the EEA agreement; the United Kingdom kept the rule.
_GDPR = (
    "AT BE BG CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK"
)


@dataclass(frozen=True, slots=True)
class Term:
    """How long somebody has, and who says so."""

    days: int
    working: bool
    source: str

    def due(self, since: datetime) -> datetime:
        """Return the last moment."""
        if not self.working:
            return since + timedelta(days=self.days)
        at, left = since, self.days
        while left:
            at += timedelta(days=1)
            left -= at.isoweekday() <= 5
        return at


_AT_ONCE = Term(0, False, "GDPR art. 21(3); 152-FZ art. 15(2)")
_SHORTEST = Term(10, True, "152-FZ art. 21(5.1)")


def term_of(kind: RequestKind, region: str) -> Term:
    """Return the term of a request; of a country that is not known here the shortest.

    Args:
        kind: What is asked for.
        region: ISO 3166-1 alpha-2 of the person's number; "" where only a key is known.
    """
    if kind is RequestKind.DO_NOT_CALL:
        return Term(10, True, "47 CFR 64.1200(d)(3)") if region == "US" else _AT_ONCE
    if region in _GDPR.split():
        return Term(28, False, "GDPR art. 12(3)")  # "one month": February has the shortest
    if region == "US":
        return Term(45, False, "Cal. Code Regs. tit. 11, 7021(b)")
    return _SHORTEST
