"""What may go wrong with saved reports."""

from dialer.errors import Conflict, Forbidden, Invalid, NotFound


class SavedReportNotFound(NotFound):
    """There is none, or it is not shown to the person."""

    code = "saved_report_not_found"
    message = "There is no such report."


class RunNotFound(NotFound):
    """There is no such file of a report any more."""

    code = "report_run_not_found"
    message = "There is no such file, or it is not kept any more."


class NotYourReport(Forbidden):
    """Somebody else's report is changed by nobody else, unless it is shared and one may change things."""

    code = "not_your_report"
    message = "This is somebody else's report: copy it, and change the copy."


class NameTaken(Conflict):
    """The person has a report of this name."""

    code = "report_name_taken"
    message = "You have a report of this name already."


class NameMissing(Invalid):
    """A report has a name."""

    code = "report_name_missing"
    message = "Give the report a name of at most 120 characters."


class NothingChosen(Invalid):
    """A report shows at least one measure."""

    code = "no_measure_chosen"
    message = "Choose at least one measure."


class NoRowsChosen(Invalid):
    """A cross-table has a question down its side."""

    code = "no_rows_chosen"
    message = "Choose the question of the rows."


class KindDiffers(Conflict):
    """A report of measures never becomes a cross-table, nor the other way round."""

    code = "report_kind_differs"
    message = "A report of measures is no cross-table, and stays what it is."


class ShowsInternal(Forbidden):
    """Costs, staff and operators' names are not the client's business; ``facts`` name what is."""

    code = "report_shows_internal"
    message = "This report shows what is internal: costs, staff, operators or lines."


class NoSchedule(Conflict):
    """Nothing says in what and for whom the report is made."""

    code = "report_not_scheduled"
    message = "Set a schedule first: it says in what format and for whom the report is made."
