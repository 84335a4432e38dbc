"""What tests of the lists' pages share: a dirty file, its upload, the buttons of its page."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from uuid import UUID

from httpx import AsyncClient, Response
from redis.asyncio import Redis
from sqlmodel import func, select

from campaigns.leads.models import Lead
from campaigns.lists.models import Contact, ContactList, ListImport
from dialer.clock import FrozenClock
from dialer.db import SessionFactory
from tests.integration.api_world import BASE_URL, World, api_world

SAME_ORIGIN = {"Origin": BASE_URL}
HTMX = {"HX-Request": "true"}
DIRTY = (
    "ФИО;Телефон;Регион;Сумма\n"
    "Иванова Мария;8 916 123-45-67;Москва;1500 руб.\n"
    "Петров Олег;+7 926 765-43-21;Самарская область;300 руб.\n"
    "Петров Олег;89267654321;Самарская область;300 руб.\n"
    "Без телефона;нет;Москва;0 руб.\n"
    "Из таблицы;7,9E+10;Москва;10 руб.\n"
)


@asynccontextmanager
async def list_world(
    sessions: SessionFactory, redis: Redis, clock: FrozenClock, uploads_dir: Path
) -> AsyncIterator[World]:
    """Yield an application whose uploads are the test's own."""
    async with api_world(sessions, redis, clock) as made:
        state = made.app.state
        state.services = replace(
            state.services,
            settings=state.services.settings.model_copy(update={"uploads_dir": uploads_dir}),
        )
        yield made


async def upload(
    browser: AsyncClient, data: bytes | str = DIRTY, *, name: str = "list.csv", **fields: str
) -> Response:
    """Send the form of the upload page."""
    sent = data.encode("cp1251") if isinstance(data, str) else data
    given = {"name": "May", "region": "RU", "text": "", **fields}
    files = {"file": (name, sent)}
    return await browser.post("/lists/upload", data=given, files=files, headers=SAME_ORIGIN)


async def staged(browser: AsyncClient, data: bytes | str = DIRTY, **fields: str) -> str:
    """Upload a file and return its import's address."""
    answer = await upload(browser, data, **fields)
    assert answer.status_code == 303, answer.text
    address = answer.headers["location"]
    assert address.startswith("/imports/")
    return str(address)


async def press(browser: AsyncClient, address: str, **fields: str) -> Response:
    """Send a form of a page."""
    return await browser.post(address, data=fields, headers=SAME_ORIGIN)


async def row(world: World, address: str) -> ListImport:
    """Return an import as it is stored."""
    async with world.sessions() as session:
        return await session.get_one(ListImport, UUID(address.split("/")[2]))


async def count(world: World, table: type[Contact] | type[Lead] | type[ContactList]) -> int:
    """Count the rows of a table."""
    async with world.sessions() as session:
        return (await session.exec(select(func.count()).select_from(table))).one()


def chosen(page: str, label: str) -> str:
    """The chosen option of the select under a label."""
    found = re.search(
        rf"<label[^>]*>{re.escape(label)}</label>.*?<select.*?<option[^>]* selected>([^<]+)<",
        page,
        re.S,
    )
    assert found, label
    return found[1]
