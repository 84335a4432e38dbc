"""The list of the calls behind a figure."""

from collections.abc import Callable, Sequence

from fastapi import Request
from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from api.languages import language_of
from api.report_view import Teller
from api.templating import render
from campaigns.reports.dimensions import Dimension
from campaigns.reports.drill import CallPage
from campaigns.reports.naming import names_of
from campaigns.reports.settings import terms_of
from campaigns.tenancy.tokens import Identity


async def show_calls(
    request: Request,
    session: AsyncSession,
    who: Identity,
    found: CallPage,
    *,
    title: str,
    about: Sequence[str],
    back: str,
    at_page: Callable[[int], str],
) -> Response:
    """Show a page of calls.

    Args:
        request: Of the reader.
        session: Of the caller.
        who: Whose calls.
        found: The calls.
        title: What they are.
        about: Lines below it: the definition, the period, the filters.
        back: Where the figure stands.
        at_page: The address of a page, from 0.
    """
    terms = await terms_of(session, who.client_id)
    teller = Teller(language_of(request), terms, {})
    ids = {Dimension.CAMPAIGN: {str(call.campaign_id) for call in found.calls}}
    campaigns = await names_of(session, who.client_id, ids)
    return render(
        request,
        "reports/calls.html",
        who=who,
        found=found,
        title=title,
        about=about,
        back=back,
        at_page=at_page,
        campaigns=campaigns.get(Dimension.CAMPAIGN, {}),
        client_zone=terms.zone,
        outcome_of=lambda value: teller.name(Dimension.OUTCOME, value),
        path="/reports/calls",
    )
