"""Words of reports: reports, dimensions, periods, verdicts, refusals."""

from api.labels import mark
from campaigns.reports.dimensions import Dimension
from campaigns.reports.measure import Verdict
from campaigns.reports.periods import Usual
from campaigns.reports.standard import ReportKey

REPORTS = {
    ReportKey.OVERVIEW: mark("Overview"),
    ReportKey.PERIODS: mark("By period"),
    ReportKey.HOURS: mark("By hour"),
    ReportKey.WEEKDAYS: mark("By weekday"),
    ReportKey.BEST_TIME: mark("Best time to call"),
    ReportKey.AGENTS: mark("Operators"),
    ReportKey.LISTS: mark("Lists"),
    ReportKey.REGIONS: mark("Regions"),
    ReportKey.TRUNKS: mark("Trunks"),
    ReportKey.CALLER_IDS: mark("Caller IDs"),
    ReportKey.CAUSES: mark("Causes by trunk"),
    ReportKey.FORMS: mark("Form versions"),
    ReportKey.SCRIPTS: mark("Script versions"),
    ReportKey.DISPOSITIONS: mark("Outcomes and dispositions"),
    ReportKey.OUTCOME_RATES: mark("Outcome rates (AAPOR)"),
    ReportKey.COST: mark("Cost"),
}

DIMENSIONS = {
    Dimension.DAY: mark("Day"),
    Dimension.WEEK: mark("Week"),
    Dimension.MONTH: mark("Month"),
    Dimension.YEAR: mark("Year"),
    Dimension.HOUR: mark("Hour"),
    Dimension.WEEKDAY: mark("Weekday"),
    Dimension.CONTACT_HOUR: mark("Hour at the contact"),
    Dimension.CONTACT_WEEKDAY: mark("Weekday at the contact"),
    Dimension.CAMPAIGN: mark("Campaign"),
    Dimension.LIST: mark("List"),
    Dimension.AGENT: mark("Operator"),
    Dimension.FORM: mark("Form version"),
    Dimension.SCRIPT: mark("Script version"),
    Dimension.REGION: mark("Region"),
    Dimension.TRUNK: mark("Trunk"),
    Dimension.CALLER_ID: mark("Caller ID"),
    Dimension.CAUSE: mark("Cause"),
    Dimension.OUTCOME: mark("Outcome"),
    Dimension.DISPOSITION: mark("Disposition"),
}

PERIODS = {
    Usual.TODAY: mark("Today"),
    Usual.YESTERDAY: mark("Yesterday"),
    Usual.WEEK: mark("This week"),
    Usual.LAST_WEEK: mark("Last week"),
    Usual.MONTH: mark("This month"),
    Usual.LAST_MONTH: mark("Last month"),
    Usual.DAYS_30: mark("Last 30 days"),
    Usual.YEAR: mark("This year"),
}

#: A sign and what it says: colour is never alone.
VERDICTS = {
    Verdict.MET: ("✓", mark("Target met")),
    Verdict.BETWEEN: ("≈", mark("Target met for one kind of hours only")),
    Verdict.MISSED: ("✗", mark("Target missed")),
}

WEEKDAYS = {
    "1": mark("Monday"),
    "2": mark("Tuesday"),
    "3": mark("Wednesday"),
    "4": mark("Thursday"),
    "5": mark("Friday"),
    "6": mark("Saturday"),
    "7": mark("Sunday"),
}

UNKNOWN = mark("Not known")

#: What calls without a value are called, where "not known" would be wrong.
WITHOUT = {
    Dimension.AGENT: mark("No operator"),
    Dimension.FORM: mark("No form"),
    Dimension.SCRIPT: mark("No script"),
    Dimension.DISPOSITION: mark("No result by an operator"),
}

#: Refusals whose words are written where they are made.
REFUSALS = (
    mark("There is no such measure."),
    mark("There is no such report."),
    mark("Figures can be grouped by four things at most."),
    mark("These are too many rows: choose a shorter period or group by less."),
    mark("The period must begin before it ends, and have at most ten years."),
)
