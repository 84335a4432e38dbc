"""Whether the do-not-call lists a campaign's calls need are there, and fresh enough to be believed."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.law.campaign_rules import campaign_rules
from campaigns.law.dnc_lists import find_lists
from campaigns.models import Campaign
from compliance.consent import OWN_LIST
from compliance.dnc.freshness import age_days, is_fresh
from compliance.facts import Law
from compliance.models import DncList
from compliance.rulebook.rules import DncTerms
from compliance.rulebook.strictest import dnc_lists


@dataclass(frozen=True, slots=True)
class UnusableList:
    """A list that is demanded and cannot be used."""

    code: str
    age_days: float | None  #: None = it is not loaded
    max_age_days: int | None
    whose: str = ""  #: said where several lists have the code

    def __str__(self) -> str:
        """Return it for people: what it is and how old."""
        name = f"{self.code} ({self.whose})" if self.whose else self.code
        if self.age_days is None:
            return f"{name} is not loaded"
        if self.max_age_days is None:
            return f"{name} has a date in the future"
        return f"{name} is {self.age_days:.0f} days old, at most {self.max_age_days} are allowed"


async def unusable_lists(
    session: AsyncSession, campaign: Campaign, *, law: Law, now: datetime
) -> tuple[UnusableList, ...]:
    """Return the lists that calls to the campaign's waiting leads need and cannot use, by code.

    Of one code everybody's list and the client's own count together, as the gate takes them: each must
    be fresh.
    """
    rules = await campaign_rules(session, campaign, law=law, now=now)
    demanded = {terms.list_code: terms for terms in dnc_lists(rules) if terms.list_code != OWN_LIST}
    held: dict[str, list[DncList]] = defaultdict(list)
    for row in await find_lists(session, client_id=campaign.client_id):
        held[row.code].append(row)
    always = (code for code, rows in held.items() if any(row.always_applies for row in rows))
    codes = sorted({*demanded, *always})
    judged = (_judged(code, demanded.get(code), held.get(code, ()), now) for code in codes)
    return tuple(chain.from_iterable(judged))


def _judged(
    code: str, terms: DncTerms | None, rows: Sequence[DncList], now: datetime
) -> Iterable[UnusableList]:
    """Yield those of the lists of one code that cannot be used, and the code itself if it has none."""
    demanded = terms.max_age_days if terms else None
    if not rows:
        yield UnusableList(code, None, demanded)
    for row in rows:
        limits = (demanded, row.max_age_days)
        most = min((limit for limit in limits if limit is not None), default=None)
        if not is_fresh(row.obtained_at, most, now):
            whose = _whose(row) if len(rows) > 1 else ""
            yield UnusableList(code, age_days(row.obtained_at, now), most, whose)


def _whose(row: DncList) -> str:
    return "everybody's" if row.client_id is None else "the client's own"
