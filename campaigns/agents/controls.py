"""What an agent can do with a call at this moment, and the wish to do it. Nothing here commits.

The campaign's runner does what is wished; it ignores what does not fit the talk any more when the wish
arrives. Keys for the customer never touch a table, a log or the runner's stream: they wait seconds in Redis.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from redis.asyncio import Redis
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.leads.call_parts import parts_of
from campaigns.leads.models import Attempt
from campaigns.models import Campaign
from campaigns.settings import CampaignSettings
from campaigns.tenancy import audit
from campaigns.transfers import TransferTarget
from dialer.call.talks import OF_THE_RECORDING, Part, PartEnd, PartKind, TalkState
from dialer.clock import Clock
from dialer.errors import Conflict, Invalid
from dialer.ids import new_id

#: Keys sent at a time: an extension, or a card's number.
MOST_KEYS = 20
KEYS_PATTERN = rf"^[0-9*#]{{1,{MOST_KEYS}}}$"
#: The runner takes them within milliseconds; what it never takes is gone soon.
KEYS_LIVE_S = 10


class Control(StrEnum):
    """Something an agent does with a call, in the order of the buttons."""

    HOLD = "hold"
    UNHOLD = "unhold"
    KEYS = "keys"
    PAUSE_RECORDING = "pause_recording"
    RESUME_RECORDING = "resume_recording"
    CONSULT = "consult"
    TRANSFER = "transfer"
    JOIN = "join"
    COMPLETE = "complete"
    CANCEL = "cancel"
    HANG_UP = "hang_up"


class NotPossibleNow(Conflict):
    """The talk is not at a point where this can be done; ``state`` says where it is."""

    code = "not_possible_now"
    message = "This is not possible with the call as it is now."


class UnknownTarget(Invalid):
    """The campaign has no such transfer target."""

    code = "unknown_target"
    message = "Choose one of the campaign's transfer targets."


class KeysMissing(Invalid):
    """There are no keys to send, or signs that no telephone has."""

    code = "keys_missing"
    message = "Give the keys to send: digits, * and #."


_OF_A_TALK: dict[TalkState, frozenset[Control]] = {
    TalkState.TALKING: frozenset({Control.HOLD, Control.KEYS, Control.CONSULT, Control.TRANSFER}),
    TalkState.HELD: frozenset({Control.UNHOLD, Control.CONSULT, Control.TRANSFER}),
    TalkState.CALLING: frozenset({Control.CANCEL}),
    TalkState.TRANSFERRING: frozenset({Control.CANCEL}),
    TalkState.CONSULTING: frozenset({Control.JOIN, Control.COMPLETE, Control.CANCEL}),
    TalkState.THREE_WAY: frozenset({Control.KEYS, Control.COMPLETE, Control.CANCEL}),
}
_TO_A_TARGET = frozenset({Control.CONSULT, Control.TRANSFER})
_MISSED = (PartEnd.NO_LINE, PartEnd.NOT_REACHED, PartEnd.PARTY_LEFT, PartEnd.FAILED)
#: Recording is steered only while the customer is with the agent.
_RECORDABLE = (TalkState.TALKING, TalkState.THREE_WAY)


@dataclass(frozen=True, slots=True)
class Controls:
    """A call as the agent's buttons need it."""

    attempt_id: UUID
    state: TalkState | None  #: None: nobody is connected, or the agent has left
    since: datetime | None  #: when the state began
    target: str  #: name of the third party, "" when there is none
    unrecorded: bool  #: there is a gap in the recording at this moment
    possible: tuple[Control, ...]
    targets: tuple[TransferTarget, ...]
    failed: PartEnd | None  #: why the last third party is not there, until the next part begins


def possible(
    state: TalkState | None, settings: CampaignSettings, *, unrecorded: bool, live: bool
) -> tuple[Control, ...]:
    """Return what can be done, in the order of the buttons; ``live``: the call has not ended."""
    if not live:
        return ()
    found = {Control.HANG_UP} | set(_OF_A_TALK.get(state, ()) if state else ())
    if not settings.transfer_targets:
        found -= _TO_A_TARGET
    if state in _RECORDABLE and settings.record and settings.record_pausable:
        found.add(Control.RESUME_RECORDING if unrecorded else Control.PAUSE_RECORDING)
    return tuple(control for control in Control if control in found)


async def controls_of(session: AsyncSession, attempt: Attempt) -> Controls:
    """Return what can be done with a call now, as far as the runner has stored it."""
    parts = await parts_of(session, attempt.id, client_id=attempt.client_id)
    campaign = await session.get_one(Campaign, attempt.campaign_id)
    settings = CampaignSettings.model_validate(campaign.settings)
    return seen(attempt, parts, settings)


def seen(attempt: Attempt, parts: Sequence[Part], settings: CampaignSettings) -> Controls:
    """Return a call's controls from its parts, in the order in which they began."""
    talks = [part for part in parts if part.kind not in OF_THE_RECORDING]
    on = next((part for part in talks if part.ended_at is None), None)
    unrecorded = any(part.kind is PartKind.UNRECORDED and part.ended_at is None for part in parts)
    live = attempt.ended_at is None and attempt.left_at is None
    state = _state(on) if live and attempt.connected_at is not None else None
    target = settings.transfer_target(on.target) if on is not None else None
    last = talks[-1].ending if talks and on is None else None
    missed = last in _MISSED
    return Controls(
        attempt_id=attempt.id,
        state=state,
        since=on.began_at if on is not None else attempt.connected_at,
        target=target.name if target is not None else "",
        unrecorded=unrecorded,
        possible=possible(state, settings, unrecorded=unrecorded, live=live),
        targets=settings.transfer_targets,
        failed=last if missed else None,
    )


def _state(on: Part | None) -> TalkState:
    return TalkState(on.kind.value) if on is not None else TalkState.TALKING


async def wish(
    session: AsyncSession,
    attempt: Attempt,
    control: Control,
    *,
    target: str = "",
    user_id: UUID | None,
    clock: Clock,
) -> dict[str, str]:
    """Check and trace a wish, and return what the runner is to be told after the commit.

    Raises:
        NotPossibleNow: the call is not at a point where it can be done.
        UnknownTarget: the third party is none of the campaign's.
    """
    now = await controls_of(session, attempt)
    if control not in now.possible:
        state = now.state.value if now.state is not None else None
        raise NotPossibleNow(control=control.value, state=state)
    facts = {"call_id": str(attempt.id), "wish": control.value}
    if control in _TO_A_TARGET:
        if target not in {one.code for one in now.targets}:
            raise UnknownTarget(known=[one.code for one in now.targets])
        facts["target"] = target
    told = {"target": target} if "target" in facts else {}
    whose = {"session_id": str(attempt.agent_session_id)} if attempt.agent_session_id else {}
    action = f"call.{control.value}"
    await audit.trace(session, attempt, action, {**whose, **told}, user_id=user_id, clock=clock)
    return facts


async def leave_keys(redis: Redis, digits: str) -> str:
    """Leave keys where the runner takes them, once and within seconds; return their name."""
    name = new_id().hex
    await redis.set(_keys_key(name), digits, ex=KEYS_LIVE_S)
    return name


async def take_keys(redis: Redis, name: str) -> str:
    """Take keys; "" when they were taken already, or waited too long."""
    found = await redis.getdel(_keys_key(name))
    return found.decode() if found else ""


def _keys_key(name: str) -> str:
    return f"outdial:keys:{name}"
