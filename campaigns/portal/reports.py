"""The standard reports as a client sees them: what was reached, and not what it cost or who did it. Pure."""

from collections.abc import Mapping
from dataclasses import replace

from campaigns.reports.dimensions import Dimension
from campaigns.reports.outcome_rates import OUTCOME_RATES
from campaigns.reports.standard import REPORTS, ReportKey, ReportNotFound, StandardReport

#: What a client may filter by; names of operators and trunks are the call centre's.
FILTERS = (Dimension.CAMPAIGN, Dimension.LIST)
_MEASURES = frozenset(
    {
        *("attempts", "answered", "answer_rate", "persons", "person_rate", "connected"),
        *("successes", "conversion", "refusals", "forms_complete", "form_completion"),
        *("cases", "cases_done", "attempts_per_case", "talk_mean", "csat", "self_service"),
        *(one.key for one in OUTCOME_RATES),
    }
)
_KEYS = (
    *(ReportKey.OVERVIEW, ReportKey.PERIODS, ReportKey.HOURS, ReportKey.WEEKDAYS),
    *(ReportKey.BEST_TIME, ReportKey.LISTS, ReportKey.REGIONS, ReportKey.FORMS),
    *(ReportKey.DISPOSITIONS, ReportKey.OUTCOME_RATES),
)


def _shown(report: StandardReport) -> StandardReport:
    return replace(report, measures=tuple(one for one in report.measures if one in _MEASURES))


CLIENT_REPORTS: Mapping[ReportKey, StandardReport] = {key: _shown(REPORTS[key]) for key in _KEYS}


def client_report(name: str) -> StandardReport:
    """Return a report that a client may see.

    Raises:
        ReportNotFound: there is none of this name, or it is the call centre's own.
    """
    for key, report in CLIENT_REPORTS.items():
        if key.value == name:
            return report
    raise ReportNotFound(name=name)
