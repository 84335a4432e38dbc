"""What a page and a program do alike when a call's result is corrected."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from api.deps import Outbox, Services
from api.schemas.corrections import CorrectionIn
from campaigns import lifecycle
from campaigns.leads import correcting
from campaigns.leads.callbacks import CallbackRequest
from campaigns.leads.correcting import Corrected, Correction
from campaigns.leads.keeping import keeper_for
from campaigns.leads.one_call import find_call
from campaigns.tenancy.tokens import Identity


async def correct_result(
    session: AsyncSession,
    services: Services,
    outbox: Outbox,
    attempt_id: UUID,
    body: CorrectionIn,
    who: Identity,
) -> Corrected:
    """Correct a call's result; calls that ring at a number that is suppressed now are cancelled.

    Raises:
        OutdialError: see ``campaigns.leads.correcting.correct``.
    """
    promised = None
    if body.callback is not None:
        wish = body.callback
        call = await find_call(session, attempt_id, client_id=who.client_id)
        campaign = await lifecycle.find(session, call.campaign_id, client_id=who.client_id)
        keeper = await keeper_for(session, campaign, services.law, services.shelf, services.clock)
        promised = CallbackRequest(wish.at, keeper.next_opening, wish.zone, wish.agent, wish.note)
    done = await correcting.correct(
        session,
        attempt_id,
        Correction(
            body.code, body.instead_of, body.reason, body.note, promised, body.cancel_promise
        ),
        client_id=who.client_id,
        user_id=who.user_id,
        clock=services.clock,
    )
    outbox.cancel(done.ringing)
    return done
