"""Cross-tables of a survey for programs."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from api.auth import ResultSeerDep
from api.crosstab_asking import read_table_asked
from api.deps import SessionDep
from api.errors import problems
from api.languages import language_of
from api.schemas.crosstabs import CrosstabOut
from campaigns.crosstabs.asking import LimitsWrong, TargetsUnreadable
from campaigns.crosstabs.making import make_table
from campaigns.crosstabs.variables import TooManyCategories, VariableUnknown
from campaigns.crosstabs.weighting import CannotWeight
from campaigns.forms.publishing import FormNotFound
from campaigns.reports.periods import PeriodWrong
from dialer.errors import Forbidden, Unauthenticated

router = APIRouter(
    prefix="/crosstabs", tags=["reports"], responses=problems(Unauthenticated, Forbidden)
)


@router.get(
    "",
    responses=problems(
        FormNotFound,
        VariableUnknown,
        TooManyCategories,
        CannotWeight,
        TargetsUnreadable,
        LimitsWrong,
        PeriodWrong,
    ),
)
async def read_crosstab(
    request: Request,
    who: ResultSeerDep,
    session: SessionDep,
    form: str,
    rows: str,
    columns: str = "",
    target: Annotated[list[str] | None, Query(description="sex: m=48, f=52")] = None,
    least: float = 0.2,
    most: float = 5.0,
) -> CrosstabOut:
    """Return a table of completed interviews over all versions of a form.

    ``campaign`` and ``version`` may be given often; ``first`` and ``last`` are days of the client's zone.
    """
    del form, rows, columns, target, least, most  # described here, read together below
    asked = read_table_asked(request)
    language = language_of(request)
    made = await make_table(session, asked, client_id=who.client_id, language=language)
    return CrosstabOut.of(made)
