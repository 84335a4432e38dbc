"""Every measure, defined once: what pages, API, exports and documents show is written here.

``over`` and ``under`` of a measure name components (``components.py``), so that every grouping adds up.
"""

from collections.abc import Mapping

from campaigns.reports.agent_measures import AGENT_MEASURES, PEOPLE_MEASURES
from campaigns.reports.call_measures import CALL_MEASURES
from campaigns.reports.measure import Measure
from campaigns.reports.outcome_rates import OUTCOME_RATES
from campaigns.reports.result_measures import CASE_MEASURES, COST_MEASURES, RESULT_MEASURES

#: By key, in the order in which they are listed.
MEASURES: Mapping[str, Measure] = {
    one.key: one
    for one in (
        *CALL_MEASURES,
        *AGENT_MEASURES,
        *RESULT_MEASURES,
        *COST_MEASURES,
        *CASE_MEASURES,
        *OUTCOME_RATES,
        *PEOPLE_MEASURES,
    )
}
