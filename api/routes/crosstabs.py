"""Cross-tables of a survey for programs."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from api.auth import ResultSeerDep
from api.crosstab_asking import table_in
from api.crosstab_showing import made_now
from api.deps import SessionDep
from api.errors import problems
from api.schemas.crosstabs import CrosstabOut
from campaigns.crosstabs.asking import LimitsWrong, TargetsUnreadable
from campaigns.crosstabs.variables import TooManyCategories, VariableUnknown
from campaigns.crosstabs.weighting import CannotWeight
from campaigns.forms.publishing import FormNotFound
from campaigns.reports.periods import PeriodWrong, Usual
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
    period: Usual | None = None,
) -> CrosstabOut:
    """Return a table of completed interviews over all versions of a form.

    ``campaign`` and ``version`` may be given often; ``first`` and ``last`` are days of the client's zone;
    ``period`` stands for both.
    """
    del form, rows, columns, target, least, most, period  # described here, read together below
    return CrosstabOut.of(
        await made_now(request, session, who.client_id, table_in(request.query_params))
    )
