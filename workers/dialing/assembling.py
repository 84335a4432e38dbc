"""Becoming the owner of a campaign: what was saved is read and put on the floor."""

from datetime import timedelta
from uuid import UUID

import structlog

from campaigns.leads import call_parts, hopper, previews
from campaigns.leads.originate import Owner
from campaigns.pacing import memory
from campaigns.pacing.law import WINDOW_S
from dialer.agent.states import Agent, AgentState
from dialer.db import transaction
from workers.dialing import saved
from workers.dialing.assembly import Assembly, Voice
from workers.dialing.deps import DialingDeps
from workers.dialing.floor import Desk
from workers.dialing.lease import raise_fence
from workers.dialing.saved import SavedSession
from workers.dialing.share import Share
from workers.dialing.talk_restore import restored

log = structlog.get_logger()

_WITH_A_TALK = (AgentState.ON_CALL, AgentState.WRAP_UP)


async def assemble(deps: DialingDeps, campaign_id: UUID, voice: Voice) -> Assembly:
    """Become the campaign's owner, read what was saved, and put a runner's parts together.

    Raises:
        NotFound: the campaign is gone.
        ConfigurationError: it cannot be dialled as it is set up.
    """
    fence = await raise_fence(deps.sessions, campaign_id, deps.worker_id)
    async with transaction(deps.sessions) as session:
        plan = await saved.load_plan(session, campaign_id)
        sessions = await saved.load_sessions(session, campaign_id)
        attempts = await saved.load_attempts(session, campaign_id)
        talks = await call_parts.open_parts(session, campaign_id)
        in_hand = {row.call_id for row in sessions if row.state in _WITH_A_TALK} - {None}
        await saved.close_forgotten_leads(session, campaign_id, in_hand)
        await hopper.give_back_all_but(session, campaign_id, ())  # an earlier owner's
        await previews.end_all_but(session, campaign_id, (), now=deps.clock.now())
        learned = await memory.learned_of(session, campaign_id)
        window = timedelta(seconds=WINDOW_S)
        minutes = await memory.answered_since(session, campaign_id, deps.clock.now() - window)
    campaign = plan.campaign
    owner = Owner(
        campaign_id=campaign_id,
        client_id=campaign.client_id,
        fence=fence,
        trunk_id=plan.trunk.id,
        subject=plan.settings.subject,
    )
    parts = Assembly(deps, plan, owner, voice, learned)
    parts.call_hands.analysis.recordings_dir = deps.settings.asterisk_recordings_dir
    parts.pacer.count(minutes)
    policy = plan.settings.call_policy()
    for attempt in attempts:
        call = attempt.as_call(policy)
        steered = talks.get(attempt.id, ())
        parts.floor.calls[attempt.id] = restored(call, steered, attempt.agent_session_id)
    for row in sessions:
        _seat(parts, row)
    log.info("campaign.owned", campaign_id=str(campaign_id), fence=fence, live=len(attempts))
    return parts


def _seat(parts: Assembly, row: SavedSession) -> None:
    """Put an agent on the floor as the former owner stored the shift."""
    agent = Agent(
        row.id,
        parts.plan.settings.agent_policy(),
        wants=row.wants,
        pause_code=row.pause_code,
        call_id=row.call_id if row.state in _WITH_A_TALK else None,
        since=row.since if row.state is AgentState.WRAP_UP else None,
        alone_at=row.alone_at if row.state is AgentState.ON_CALL else None,
    )
    own = row.call_id if row.state is AgentState.DIALING else None  #: as the agent chose
    desk = Desk(agent, row.endpoint, row.name, share=Share(row.weights))
    if own is not None:
        parts.floor.keeping.keep(desk, own)
    parts.floor.desks[row.id] = desk
