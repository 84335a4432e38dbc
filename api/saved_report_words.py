"""Words of saved reports: sharing, rhythms, formats, states, refusals; and everything a print needs."""

from api import report_words
from api.crosstab_words import table_words
from api.labels import DISPOSITIONS, OUTCOMES, mark
from api.measure_words import FORMULAS, NAMES
from api.templating import translate
from campaigns.reports.dimensions import Dimension
from campaigns.reports.measure import Group
from campaigns.reports.measures import MEASURES
from campaigns.saved_reports.wording import MeasureWords, Wording
from campaigns.saved_reports.words import (
    Carries,
    PrintFormat,
    ReportKind,
    Rhythm,
    RunState,
    Sharing,
)

SHARING = {
    Sharing.OWN: mark("Only you"),
    Sharing.TEAM: mark("Everybody who works for the client"),
    Sharing.CLIENT: mark("The client's people, too"),
}

KINDS = {ReportKind.FIGURES: mark("Measures"), ReportKind.CROSSTAB: mark("Cross-table")}

RHYTHMS = {
    Rhythm.HOURLY: mark("Every full hour"),
    Rhythm.DAILY: mark("Every day at a time"),
    Rhythm.WEEKLY: mark("Every week"),
    Rhythm.MONTHLY: mark("Every month"),
}

FORMATS = {PrintFormat.XLSX: mark("Workbook (XLSX)"), PrintFormat.PDF: mark("PDF")}

CARRIES = {
    Carries.LINK: mark("A link that ends"),
    Carries.ATTACHMENT: mark("The files themselves"),
}

STATES = {
    RunState.WAITING: mark("Waits to be made"),
    RunState.SENDING: mark("Made; the letter is on its way"),
    RunState.DONE: mark("Made"),
    RunState.DEAD: mark("Given up"),
}

GROUPS = {
    Group.CALLS: mark("Calls"),
    Group.AGENTS: mark("Operators"),
    Group.RESULTS: mark("Results"),
    Group.COST: mark("Cost"),
    Group.CASES: mark("Contacts and outcome rates"),
    Group.PEOPLE: mark("Staff"),
}

TOTAL = mark("Total")
BEFORE = mark("Period before")
MADE_AT = mark("Made at")
MEASURES_SHEET = mark("Measures")
CHART_CUT = mark("Only the first rows are drawn; the table has all.")
CUT = mark("Only the first rows are printed; the workbook has all.")

#: Refusals whose words are written where they are made.
REFUSALS = (
    mark("There is no such file, or it is not kept any more."),
    mark("This is somebody else's report: copy it, and change the copy."),
    mark("You have a report of this name already."),
    mark("Give the report a name of at most 120 characters."),
    mark("Choose at least one measure."),
    mark("Choose the question of the rows."),
    mark("A report of measures is no cross-table, and stays what it is."),
    mark("This report shows what is internal: costs, staff, operators or lines."),
    mark("Set a schedule first: it says in what format and for whom the report is made."),
    mark("This schedule cannot be used."),
)


def wording_of(language: str) -> Wording:
    """Return every word that a printed report may need, in a language."""

    def say(message: str) -> str:
        return translate(language, message)

    measures = {
        one.key: MeasureWords(
            name=say(NAMES[one.key]), formula=say(FORMULAS.get(one.key, one.formula))
        )
        for one in MEASURES.values()
    }
    weekdays = {number: say(name) for number, name in report_words.WEEKDAYS.items()}
    outcomes = {one.value: say(name) for one, name in OUTCOMES.items()}
    # By code, and by the label that campaigns begin with: one that was renamed stays as it is.
    results = {one: say(name) for code, name in DISPOSITIONS.items() for one in (code, name)}
    return Wording(
        language=language,
        measures=measures,
        dimensions={one: say(name) for one, name in report_words.DIMENSIONS.items()},
        values={
            Dimension.WEEKDAY: weekdays,
            Dimension.CONTACT_WEEKDAY: weekdays,
            Dimension.OUTCOME: outcomes,
            Dimension.DISPOSITION: results,
        },
        unknown=say(report_words.UNKNOWN),
        without={one: say(name) for one, name in report_words.WITHOUT.items()},
        total=say(TOTAL),
        before=say(BEFORE),
        made_at=say(MADE_AT),
        measures_sheet=say(MEASURES_SHEET),
        cut=say(CUT),
        chart_cut=say(CHART_CUT),
        table=table_words(language),
    )
