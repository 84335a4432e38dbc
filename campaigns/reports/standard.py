"""The standard reports: what managers ask for every day, each a question that is kept ready."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from campaigns.reports.asking import Filters, Question
from campaigns.reports.dimensions import Dimension
from campaigns.reports.outcome_rates import OUTCOME_RATES
from campaigns.reports.periods import Period
from dialer.errors import NotFound


class ReportNotFound(NotFound):
    """There is no standard report of this name."""

    code = "report_not_found"
    message = "There is no such report."


class ReportKey(StrEnum):
    """The standard reports."""

    OVERVIEW = "overview"
    PERIODS = "periods"
    HOURS = "hours"
    WEEKDAYS = "weekdays"
    BEST_TIME = "best_time"
    AGENTS = "agents"
    LISTS = "lists"
    REGIONS = "regions"
    TRUNKS = "trunks"
    CALLER_IDS = "caller_ids"
    CAUSES = "causes"
    FORMS = "forms"
    SCRIPTS = "scripts"
    DISPOSITIONS = "dispositions"
    OUTCOME_RATES = "outcome_rates"
    COST = "cost"


@dataclass(frozen=True, slots=True)
class StandardReport:
    """A report: by what, and which measures."""

    key: ReportKey
    dimensions: tuple[Dimension, ...]
    measures: tuple[str, ...]

    def question(
        self, period: Period, filters: Filters, *, step: Dimension = Dimension.DAY
    ) -> Question:
        """Return what the report asks; ``step``: how long each row is of the report by periods."""
        by = tuple(step if one is Dimension.DAY else one for one in self.dimensions)
        return Question(self.measures, period, by, filters)


_CALLS = ("attempts", "answer_rate", "persons", "connected", "lost_rate", "abandoned_rate")
_ROUTE = ("attempts", "answered", "answer_rate", "persons", "connected", "conversion")
_BY = Dimension
REPORTS: Mapping[ReportKey, StandardReport] = {
    one.key: one
    for one in (
        StandardReport(
            ReportKey.OVERVIEW,
            (_BY.CAMPAIGN,),
            (
                *_CALLS,
                *("service_level", "asa", "aht", "occupancy", "calls_per_agent_day", "conversion"),
                *("successes", "forms_complete", "fcr", "self_service", "csat", "cost_per_call"),
            ),
        ),
        StandardReport(
            ReportKey.PERIODS,
            (_BY.DAY,),
            (
                *_CALLS,
                *("service_level", "asa", "aht", "occupancy", "successes", "conversion"),
                *("forms_complete", "unanswered_rate", "attempts_per_case", "time_per_contact"),
                *("active_base", "cost"),
            ),
        ),
        StandardReport(
            ReportKey.HOURS,
            (_BY.HOUR,),
            (*_CALLS, "service_level", "asa", "aht", "occupancy", "conversion", "forms_per_hour"),
        ),
        StandardReport(
            ReportKey.WEEKDAYS,
            (_BY.WEEKDAY,),
            (*_CALLS, "service_level", "asa", "aht", "occupancy", "conversion", "forms_per_hour"),
        ),
        StandardReport(
            ReportKey.BEST_TIME,
            (_BY.CONTACT_WEEKDAY, _BY.CONTACT_HOUR),
            ("attempts", "answer_rate", "person_rate", "conversion"),
        ),
        StandardReport(
            ReportKey.AGENTS,
            (_BY.AGENT,),
            (
                *("connected", "aht", "talk_mean", "hold_mean", "occupancy", "calls_per_hour"),
                *("calls_per_agent_day", "successes", "conversion", "forms_per_hour", "csat"),
                *("logged_in_s", "talk_s", "wrap_up_s", "wait_s", "pause_s", "readiness_s"),
            ),
        ),
        StandardReport(
            ReportKey.LISTS,
            (_BY.LIST,),
            (*_ROUTE, "successes", "cases", "attempts_per_case", "cases_done", "fcr", "rr3"),
        ),
        StandardReport(
            ReportKey.REGIONS,
            (_BY.REGION,),
            (*_ROUTE, "successes", "cases", "attempts_per_case", "fcr", "rr3", "ref2"),
        ),
        StandardReport(ReportKey.TRUNKS, (_BY.TRUNK,), (*_ROUTE, "lost_rate", "minutes")),
        StandardReport(ReportKey.CALLER_IDS, (_BY.CALLER_ID,), (*_ROUTE, "lost_rate", "minutes")),
        StandardReport(
            ReportKey.CAUSES, (_BY.TRUNK, _BY.CAUSE), ("attempts", "answered", "answer_rate")
        ),
        StandardReport(
            ReportKey.FORMS,
            (_BY.FORM,),
            ("connected", "forms_complete", "form_completion", "successes", "talk_mean", "csat"),
        ),
        StandardReport(
            ReportKey.SCRIPTS,
            (_BY.SCRIPT,),
            ("connected", "successes", "conversion", "refusals", "talk_mean", "forms_complete"),
        ),
        StandardReport(
            ReportKey.DISPOSITIONS, (_BY.OUTCOME, _BY.DISPOSITION), ("attempts", "talk_mean")
        ),
        StandardReport(
            ReportKey.OUTCOME_RATES,
            (_BY.CAMPAIGN,),
            ("cases", *(one.key for one in OUTCOME_RATES)),
        ),
        StandardReport(
            ReportKey.COST,
            (_BY.CAMPAIGN,),
            ("cost", "cost_per_call", "cost_per_form", "cost_per_sale", "minutes", "logged_in_s"),
        ),
    )
}


def report_named(name: str) -> StandardReport:
    """Return a standard report.

    Raises:
        ReportNotFound: there is none of this name.
    """
    try:
        return REPORTS[ReportKey(name)]
    except ValueError:
        raise ReportNotFound(name=name) from None
