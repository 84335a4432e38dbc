"""A client's portal for tests: its user and a manager, files on the disk, a worker that writes exports."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

from httpx import AsyncClient, Response
from pydantic import SecretStr
from redis.asyncio import Redis
from sqlmodel import col, select

from campaigns.delivery import making
from campaigns.delivery.writing import writer
from campaigns.leads.models import Lead
from campaigns.lists.models import Contact
from campaigns.states import LeadState
from campaigns.tenancy.models import AuditEntry, Role
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.integration.api_world import BASE_URL, World, api_world
from tests.world import SECRET_KEY

FILE = (
    "ФИО;Телефон;Город\nАнна;+7 916 123-45-67;Москва\nОлег;+7 926 765-43-21;Самара\n"
    "=1+1;+7 926 765-43-22;Тверь\n"
)


@dataclass
class Portal:
    """One client's user and manager, and where files are."""

    world: World
    folder: Path
    boss: AsyncClient  #: of Role.CLIENT
    manager: AsyncClient

    async def imported(self) -> UUID:
        """Make a campaign on a list that the manager imported; return the campaign."""
        campaign_id = await self.world.campaign(await self.world.api())
        sent = await self.manager.post(
            "/lists/upload",
            data={"name": "May", "region": "RU", "text": "", "campaign_id": str(campaign_id)},
            files={"file": ("may.csv", FILE.encode("cp1251"))},
        )
        done = await self.manager.post(f"{sent.headers['location']}/commit")
        assert done.status_code == 303, done.text
        return campaign_id

    async def settle(self, campaign_id: UUID, *results: str) -> list[UUID]:
        """Give the campaign's leads results, in the order of the file; return the leads."""
        async with transaction(self.world.sessions) as session:
            rows = await session.exec(
                select(Lead)
                .join(Contact, col(Contact.id) == col(Lead.contact_id))
                .where(Lead.campaign_id == campaign_id)
                .order_by(col(Contact.list_id), col(Contact.source_row))
            )
            leads = list(rows.all())
            for lead, result in zip(leads, results, strict=False):
                lead.state, lead.result, lead.next_attempt_at = LeadState.DONE, result, None
                session.add(lead)
        return [lead.id for lead in leads]

    async def take(self, campaign_id: UUID, format_: str) -> Response:
        """Order a file as the page does, have a worker write it, and download it by the page's link."""
        page = f"/portal/campaigns/{campaign_id}"
        ordered = await self.boss.post(f"{page}/files", data={"format": format_})
        assert ordered.status_code == 303, ordered.text
        name, payload = self.world.jobs.enqueued[-1]
        assert name.value == "make_export"
        assert await making.make(
            self.world.sessions,
            self.folder,
            UUID(payload["export_id"]),
            clock=self.world.clock,
            write=writer(self.folder / "uploads"),
        )
        link = f"{page}/files/{payload['export_id']}"
        assert f'href="{link}"' in (await self.boss.get(page)).text
        file = await self.boss.get(link)
        assert file.status_code == 200, file.text
        return file

    async def audit(self) -> list[str]:
        """Return what was done, in order."""
        async with self.world.sessions() as session:
            rows = await session.exec(select(AuditEntry.action).order_by(col(AuditEntry.id)))
            return list(rows.all())


def ids_on(page: str, before: str) -> list[str]:
    """Return the ids that stand behind a text of a page, each once."""
    return list(dict.fromkeys(re.findall(before + r"([0-9a-f-]{36})", page)))


@asynccontextmanager
async def portal_world(
    sessions: SessionFactory, redis: Redis, clock: FrozenClock, folder: Path
) -> AsyncIterator[Portal]:
    """Yield a client's portal."""
    async with api_world(sessions, redis, clock) as world:
        state = world.app.state
        changed = {
            "exports_dir": folder,
            "uploads_dir": folder / "uploads",
            "deliveries_dir": folder / "deliveries",
            "run_dir": folder / "run",
            "secret_keys": SecretStr(SECRET_KEY),
        }
        settings = state.services.settings.model_copy(update=changed)
        state.services = replace(state.services, settings=settings)
        boss, manager = await world.browser(Role.CLIENT), await world.browser()
        for browser in (boss, manager):
            browser.headers["Origin"] = BASE_URL
        yield Portal(world, folder, boss, manager)
