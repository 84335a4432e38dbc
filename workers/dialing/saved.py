"""What the database knows of a campaign: read by a new owner, and again when something changed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

import sqlalchemy
import structlog
from sqlalchemy import func, text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.agents import handing
from campaigns.agents.handing import Leg, weights_of
from campaigns.agents.models import AgentSession
from campaigns.amd.judging import off_reason
from campaigns.leads.caller_pool import CallerPool, load_pool
from campaigns.leads.recycle import UNDISPOSED
from campaigns.models import Campaign, Disposition, Trunk
from campaigns.settings import CampaignSettings
from campaigns.supervising.models import ListPause, Monitoring
from dialer.agent.states import AgentState
from dialer.call.states import Call, CallOutcome, CallPolicy, CallState
from dialer.call.verdicts import Treatment
from dialer.db import SessionFactory
from dialer.errors import ConfigurationError, NotFound
from workers.dialing.away import DATABASE_AWAY

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class CampaignPlan:
    """The campaign as its owner needs it."""

    campaign: Campaign
    settings: CampaignSettings
    trunk: Trunk
    callers: CallerPool
    retry_after_s: dict[str, int | None]  #: by disposition; None: the lead is done
    amd_off: str = ""  #: why the detection of machines switched itself off
    paused: frozenset[UUID] = frozenset()  #: lists that a supervisor lets rest
    is_followed: bool = False  #: a supervisor listens to somebody


@dataclass(frozen=True, slots=True)
class SavedSession:
    """An open agent session with its last stored state."""

    id: UUID
    endpoint: str
    name: str
    wants: AgentState
    pause_code: str | None
    state: AgentState | None
    call_id: UUID | None
    since: datetime | None
    weights: Mapping[UUID, float] = field(default_factory=dict)  #: empty: not shared
    leg: Leg = field(default_factory=Leg)  #: at the last hand-over
    alone_at: datetime | None = None  #: since when the customer hears no agent
    extended_call: UUID | None = None  #: whose wrap-up was extended
    extensions: int = 0
    disposition: str | None = None  #: what the agent saved for ``call_id``


@dataclass(frozen=True, slots=True)
class SavedAttempt:
    """An attempt without an outcome."""

    id: UUID
    answered_at: datetime | None
    connected_at: datetime | None
    caller_id: str | None
    language: str | None
    machine: bool  #: it was taken for an answering machine's, and treated as one
    agent_session_id: UUID | None = None
    announced: bool = False  #: its recording must be announced

    def as_call(self, policy: CallPolicy) -> Call:
        """Return the call as far as the database knows it."""
        policy = replace(policy, announce=self.announced)
        if self.machine:  # it hears a message, or is to: its end is all that is missing
            return Call(
                self.id,
                policy,
                state=CallState.MACHINE,
                treatment=Treatment.ACTED,
                recording=policy.record,  # from its answer on
                outcome=CallOutcome.MACHINE,
                answered_at=self.answered_at,
                caller_id=self.caller_id,
                language=self.language,
            )
        return Call(
            self.id,
            policy,
            answered_at=self.answered_at,
            connected_at=self.connected_at,
            # A conversation was recorded from its first moment: its file must not be forgotten.
            recording=policy.record and self.connected_at is not None,
            caller_id=self.caller_id,
            language=self.language,
        )


# Read at every look: so in one statement.
_PLAN = sqlalchemy.select(
    Campaign,
    Trunk,
    select(func.json_object_agg(col(Disposition.code), col(Disposition.retry_after_s)))
    .where(col(Disposition.campaign_id) == col(Campaign.id))
    .scalar_subquery(),
    select(func.array_agg(col(ListPause.list_id)))
    .where(col(ListPause.campaign_id) == col(Campaign.id))
    .scalar_subquery(),
    select(col(Monitoring.id))
    .join(AgentSession, col(AgentSession.id) == col(Monitoring.session_id))
    .where(col(AgentSession.campaign_id) == col(Campaign.id), col(Monitoring.ended_at).is_(None))
    .exists(),
).outerjoin(Trunk, col(Trunk.id) == col(Campaign.trunk_id))


async def load_plan(session: AsyncSession, campaign_id: UUID) -> CampaignPlan:
    """Read the campaign with its settings, trunk, caller ID and dispositions.

    Raises:
        NotFound: the campaign is gone.
        ConfigurationError: it has no trunk.
    """
    found = (await session.execute(_PLAN.where(col(Campaign.id) == campaign_id))).one_or_none()
    if found is None:
        raise NotFound("There is no such campaign.", campaign_id=str(campaign_id))
    campaign, trunk, delays, paused, is_followed = found
    if trunk is None:
        raise ConfigurationError("The campaign has no trunk.", campaign_id=str(campaign_id))
    settings = CampaignSettings.model_validate(campaign.settings)
    amd_off = await off_reason(session, campaign_id) if settings.amd else ""
    if amd_off:
        settings = settings.model_copy(update={"amd": None})
    pool = await load_pool(session, campaign)
    return CampaignPlan(
        campaign,
        settings,
        trunk,
        pool,
        delays or {},
        amd_off,
        paused=frozenset(paused or ()),
        is_followed=is_followed,
    )


async def load_fence(session: AsyncSession, campaign_id: UUID) -> int | None:
    """Read the newest owner's fence; None when the campaign is gone."""
    row = await session.execute(
        text("SELECT fence FROM campaign WHERE id = :campaign_id"), {"campaign_id": campaign_id}
    )
    fence: int | None = row.scalar_one_or_none()
    return fence


async def load_sessions(session: AsyncSession, campaign_id: UUID) -> list[SavedSession]:
    """Read the open agent sessions of a campaign."""
    rows = await session.execute(
        text(
            """
            SELECT s.id, a.endpoint, a.name, s.wants, s.pause_code, s.leg_channel, s.leg_bridge,
                   s.extended_call, s.extensions, s.alone_at,
                   e.state, e.call_id, e.started_at, t.disposition,
                   (SELECT json_object_agg(k.campaign_id, k.weight) FROM agent_session_campaign k
                    WHERE k.session_id = s.id) AS weights
            FROM agent_session s JOIN agent a ON a.id = s.agent_id
            LEFT JOIN agent_state_entry e ON e.session_id = s.id AND e.ended_at IS NULL
            LEFT JOIN attempt t ON t.id = e.call_id
            WHERE s.campaign_id = :campaign_id AND s.ended_at IS NULL ORDER BY s.id
            """
        ),
        {"campaign_id": campaign_id},
    )
    return [
        SavedSession(
            id=row.id,
            endpoint=row.endpoint,
            name=row.name,
            wants=AgentState(row.wants),
            pause_code=row.pause_code,
            state=AgentState(row.state) if row.state else None,
            call_id=row.call_id,
            since=row.started_at,
            weights=weights_of(row.weights),
            leg=Leg(row.leg_channel, row.leg_bridge),
            alone_at=row.alone_at,
            extended_call=row.extended_call,
            extensions=row.extensions,
            disposition=row.disposition,
        )
        for row in rows
    ]


async def still_open(sessions: SessionFactory, session_ids: Collection[UUID]) -> Collection[UUID]:
    """Return those of the agents' sessions that are open, in whatever campaign; unknown: all."""
    try:
        async with sessions() as session:
            return await handing.still_open(session, session_ids)
    except DATABASE_AWAY as error:
        log.warning("floor.strangers_not_known", error=type(error).__name__)
        return session_ids


async def load_attempts(session: AsyncSession, campaign_id: UUID) -> list[SavedAttempt]:
    """Read the attempts of a campaign that have no outcome yet."""
    rows = await session.execute(
        text(
            "SELECT a.id, a.answered_at, a.connected_at, a.caller_id, a.agent_session_id, c.language,"
            " v.attempt_id IS NOT NULL AS machine,"
            " a.decision -> 'recording_announcement' IS NOT NULL AS announced"
            " FROM attempt a JOIN contact c ON c.id = a.contact_id"
            " LEFT JOIN amd_verdict v ON v.attempt_id = a.id AND v.treatment = 'acted'"
            " WHERE a.campaign_id = :campaign_id AND a.ended_at IS NULL"
        ),
        {"campaign_id": campaign_id},
    )
    return [SavedAttempt(**row) for row in rows.mappings()]


async def close_forgotten_leads(
    session: AsyncSession, campaign_id: UUID, in_hand: set[UUID | None]
) -> None:
    """Close leads whose conversation ended, was not disposed, and is in nobody's wrap-up any more.

    ``in_hand`` are the attempts agents still work on. A later disposition replaces the result.
    """
    await session.execute(
        text(
            """
            UPDATE lead SET state = 'done', result = :undisposed, next_attempt_at = NULL
            WHERE campaign_id = :campaign_id AND state = 'dialing'
              AND NOT EXISTS (SELECT FROM attempt a WHERE a.lead_id = lead.id
                              AND (a.ended_at IS NULL OR a.id = ANY(CAST(:kept AS uuid[]))))
            """
        ),
        {"campaign_id": campaign_id, "undisposed": UNDISPOSED, "kept": list(in_hand)},
    )
