"""What the desk shows: its pieces, each drawn when what it is about has changed."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from api import desk_words, list_labels
from api.deps import Services
from api.desk_fields import fields_of, tell
from api.desks import Desks
from api.templating import render_text
from campaigns.agents.models import AgentSession
from campaigns.desk.cards import Card, load_card
from campaigns.desk.codes import DeskCampaign
from campaigns.desk.figures import OwnFigures
from campaigns.desk.moments import TALKED, Moment
from campaigns.leads import preview_view
from campaigns.leads.keeping import keeper_for
from campaigns.models import Campaign
from campaigns.states import SkipReason
from campaigns.tenancy.models import Role
from campaigns.tenancy.tokens import Identity
from dialer.agent.states import AgentState
from dialer.db import transaction
from dialer.phone import masked

#: Of a number that may be anywhere, so many clocks are shown.
MOST_CLOCKS = 3


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form of a result that was refused: it is not to be typed again."""

    note: str | None = None  #: None: as it is stored
    callback_at: str = ""
    opens_callback: bool = False  #: a time must be chosen

    def chosen_at(self) -> datetime | None:
        """Return the time that was chosen, if it can be read."""
        try:
            return datetime.fromisoformat(self.callback_at)
        except ValueError:
            return None


@dataclass(slots=True)
class View:
    """Draws for one person."""

    services: Services
    desks: Desks
    who: Identity
    language: str
    zone: str
    _keys: dict[str, object] = field(default_factory=dict)

    async def changed(self, moment: Moment, figures: OwnFigures) -> dict[str, str]:
        """Return the pieces that are not on the screen yet; what comes first is needed first."""
        drawn: dict[str, str] = {}
        if self._is_new("state", state_key(moment)):
            drawn["state"] = self._drawn("_state.html", state=await self.state_context(moment))
        if self._is_new("work", work_key(moment)):
            work = await self.work_context(moment)
            drawn["card"] = self._drawn("_card.html", work=work)
            drawn["result"] = self._drawn("_result.html", work=work)
        if self._is_new("talk", (talk_key(moment), moment.attempt_id, moment.campaign_id)):
            drawn["talk"] = self._drawn("_talk.html", talk=await self.talk_context(moment))
        if self._is_new("figures", (figures, moment.campaign_id)):
            own = await self.figures_context(moment, figures)
            drawn["figures"] = self._drawn("_figures.html", own=own)
        return drawn

    def forget(self) -> None:
        """Draw everything anew: something could not be drawn."""
        self._keys.clear()

    def _is_new(self, name: str, key: object) -> bool:
        if name in self._keys and self._keys[name] == key:
            return False
        self._keys[name] = key
        return True

    async def state_context(self, moment: Moment) -> dict[str, Any]:
        """Return what ``_state.html`` needs."""
        campaign = await self.desks.campaign(moment.campaign_id, client_id=moment.client_id)
        ends_at = None
        if moment.state is AgentState.WRAP_UP:
            ends_at = moment.since + timedelta(seconds=campaign.settings.wrap_up_s)
        return {
            "moment": moment,
            "campaign": campaign,
            "ends_at": ends_at,
            "now": self.services.clock.now(),
            "words": desk_words,
        }

    async def work_context(self, moment: Moment, typed: Typed | None = None) -> dict[str, Any]:
        """Return what ``_work.html`` needs."""
        campaign = await self.desks.campaign(moment.campaign_id, client_id=moment.client_id)
        context = self._base(campaign)
        async with transaction(self.services.sessions, whose=self.who.whose) as session:
            if moment.attempt_id is not None:
                card = await load_card(session, moment.attempt_id, client_id=moment.client_id)
                context |= self._card(card, campaign, typed, moment.disposition) | {"live": True}
            elif moment.state is AgentState.PREVIEWING:
                context |= await self._preview(session, moment, campaign)
        return context

    async def call_context(self, attempt_id: UUID, typed: Typed | None = None) -> dict[str, Any]:
        """Return what ``_call.html`` needs for a call that is over: a result may come late."""
        async with transaction(self.services.sessions, whose=self.who.whose) as session:
            card = await load_card(session, attempt_id, client_id=self.who.client_id)
        campaign = await self.desks.campaign(card.campaign_id, client_id=self.who.client_id)
        return {**self._base(campaign), **self._card(card, campaign, typed)}

    def _base(self, campaign: DeskCampaign) -> dict[str, Any]:
        return {
            "campaign": campaign,
            "words": desk_words,
            "kinds": list_labels.KINDS,
            "zone": self.zone,
            "now": self.services.clock.now(),
            "masked": masked if self.who.role is Role.AGENT else str,
            **dict.fromkeys(("card", "shown", "live", "calendar", "decide_by")),
        }

    async def figures_context(self, moment: Moment, figures: OwnFigures) -> dict[str, Any]:
        """Return what ``_figures.html`` needs."""
        campaign = await self.desks.campaign(moment.campaign_id, client_id=moment.client_id)
        return {"figures": figures, "rules": campaign.settings}

    async def talk_context(self, moment: Moment) -> dict[str, Any]:
        """Return what ``_talk.html`` needs: what is said first, and the talk that is on."""
        campaign = await self.desks.campaign(moment.campaign_id, client_id=moment.client_id)
        desk = campaign.settings.desk
        return {
            "id": talk_key(moment),
            "greeting": desk.greeting if moment.attempt_id is not None else "",
            "colour": desk.colour.value,
        }

    def list_context(self) -> dict[str, Any]:
        """Return what lists of calls and answers need; ``tell`` takes the numbers to be hidden."""
        hides = self.who.role is Role.AGENT

        def told(value: object, *secrets: str) -> str:
            return tell(value, secrets if hides else ())

        return {
            "words": desk_words,
            "tell": told,
            "masked": masked if hides else str,
        }

    def _drawn(self, template: str, **context: Any) -> str:
        return render_text(self.language, f"desk/{template}", **context)

    def _card(
        self, card: Card, campaign: DeskCampaign, typed: Typed | None, saved: str | None = None
    ) -> dict[str, Any]:
        secrets = card.secrets if self.who.role is Role.AGENT else ()
        return {
            "card": card,
            "typed": typed or Typed(),
            "saved": saved or card.disposition,
            "tell": lambda value: tell(value, secrets),
            "fields": fields_of(card.fields, campaign, secrets, edit=True),
            "clocks": card.zones[:MOST_CLOCKS],
        }

    async def _preview(
        self, session: AsyncSession, moment: Moment, campaign: DeskCampaign
    ) -> dict[str, Any]:
        services = self.services
        shift = await session.get_one(AgentSession, moment.session_id)
        row = await session.get_one(Campaign, shift.campaign_id)
        keeper = await keeper_for(session, row, services.law, services.shelf, services.clock)
        now = services.clock.now()
        shown = await preview_view.shown_to(session, shift, keeper, now=now)
        if shown is None:
            return {}
        secrets = shown.known_numbers if self.who.role is Role.AGENT else ()
        left = shown.seconds_left
        return {
            "shown": shown,
            "tell": lambda value: tell(value, secrets),
            "fields": fields_of(shown.contact.fields, campaign, secrets, edit=False),
            "clocks": shown.zones[:MOST_CLOCKS],
            "decide_by": now + timedelta(seconds=left) if left is not None else None,
            "skip_reasons": tuple(SkipReason),
        }


def state_key(moment: Moment) -> object:
    """Return what the piece "state" is about."""
    return (
        *(moment.state, moment.since, moment.pause_code, moment.wants, moment.wish_code),
        *(moment.unread, moment.listened),
        *(moment.campaign_id, moment.disposition, moment.ended),
    )


def work_key(moment: Moment) -> object:
    """Return what the piece "work" is about: not the state, for the agent is typing into it."""
    if moment.attempt_id is not None:
        return (moment.attempt_id, moment.disposition)
    if moment.state is AgentState.PREVIEWING:
        return moment.preview_id
    return (moment.campaign_id, moment.state)


def talk_key(moment: Moment) -> UUID | None:
    """Return the talk whose interview and script are open."""
    return moment.call_id if moment.state in TALKED else None
