"""The parts of a wall's rows that come from counts: measures, lines, quotas, lists. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from api.languages import LANGUAGES
from api.wall.keys import CALLER, EVERY, LIST, QUOTA, TRUNK, key_of
from api.wall.words import cause_words
from campaigns.wall.patches import Row
from campaigns.wall.reading import CampaignFigures, TrunkNow
from campaigns.wall.sums import Ends

#: Measures of a campaign that the wall shows, by the reports' keys.
SHOWN = (
    *("attempts", "persons", "connected", "answer_rate", "service_level", "lost_rate"),
    *("abandoned_rate", "asa", "aht", "occupancy", "forms_complete", "forms_per_hour", "successes"),
)
#: Ways in which calls ended that a trunk or a caller ID shows.
MOST_CAUSES = 5


def counted(figures: CampaignFigures) -> Mapping[str, Any]:
    """Return the fields of a campaign's row that come from its counts."""
    day, wall, budget = figures.day, figures.wall, figures.budget
    leads = sum(one.leads for one in figures.lists)
    tried = sum(one.tried for one in figures.lists)
    return {
        **{name: rounded(day.measure(name)) for name in SHOWN},
        "forms_hour": day.forms_hour,
        "forms_target": wall.forms_per_hour,
        "within_s": wall.service_level_s,
        "level_target": wall.service_level_target,
        "budget_share": rounded(budget.share) if budget else None,
        "budget_used": rounded(budget.used) if budget else None,
        "ceiling": budget.ceiling if budget else None,
        "leads": leads,
        "penetration": rounded(tried / leads) if leads else None,
    }


NOT_COUNTED: Mapping[str, Any] = dict.fromkeys(
    (
        *SHOWN,
        *("forms_hour", "forms_target", "within_s", "level_target", "budget_share"),
        *("budget_used", "ceiling", "leads", "penetration"),
    )
)


def details(
    one: UUID, figures: CampaignFigures, trunks: Mapping[UUID, TrunkNow]
) -> Iterator[tuple[str, Row]]:
    """Yield the rows of a campaign's lines, quotas and lists."""
    for trunk_id, (ends, _) in figures.trunks.items():
        known = trunks.get(trunk_id)
        paused = known.paused_reason if known else None
        name = known.name if known else ""
        yield key_of(TRUNK, one, trunk_id), {"name": name, "paused": paused, **_ends_row(ends)}
    for number, (ends, earlier) in figures.callers.items():
        row = {"name": number, "usual": rounded(earlier.answer_rate), **_ends_row(ends)}
        yield key_of(CALLER, one, number), row
    for index, quota in enumerate(figures.quotas):
        yield (
            key_of(QUOTA, one, index),
            {
                "name": quota.name,
                "target": quota.target,
                "reached": quota.reached,
                "under_way": quota.under_way,
            },
        )
    for stock in figures.lists:
        yield (
            key_of(LIST, one, stock.list_id or EVERY),
            {"name": stock.name, "leads": stock.leads, "tried": stock.tried, "done": stock.done},
        )


def _ends_row(ends: Ends) -> dict[str, Any]:
    most = sorted(ends.mix.items(), key=lambda one: (-one[1], one[0]))[:MOST_CAUSES]
    return {
        "calls": ends.calls,
        "answered": ends.answered,
        "failed": ends.failed,
        "mix": [[{one: cause_words(one, name) for one in LANGUAGES}, n] for name, n in most],
    }


def rounded(value: float | None) -> float | None:
    """Return a share with as many digits as anybody sees: what is not seen is not sent."""
    return None if value is None else round(value, 4)
