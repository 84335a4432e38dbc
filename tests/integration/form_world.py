"""What tests of the builder's pages share: a browser that builds, and what it sees."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import unescape
from typing import Any
from uuid import UUID

from httpx import AsyncClient, Response
from redis.asyncio import Redis
from sqlmodel import col, select

from api.builder.fields import fields_of
from campaigns.forms import publishing
from campaigns.forms.editing.drafts import Draft, open_draft
from campaigns.forms.editing.fingerprints import fingerprint
from campaigns.forms.form import Form
from campaigns.tenancy.models import AuditEntry
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from dialer.ids import new_id
from tests.integration.api_world import BASE_URL, World, api_world
from tests.questionnaires import form_of, question

SAME_ORIGIN = {"Origin": BASE_URL}
HTMX = {**SAME_ORIGIN, "HX-Request": "true"}
FORM = form_of(
    question("q1", text={"en": "Hello?", "uk": "Вітаю?"}),
    question("q2", "number", text={"en": "How much?", "uk": "Скільки?"}, show_if="q1 = 'a'"),
    question("q3", "text", text={"en": "Why?", "uk": "Чому?"}),
    languages=["en", "uk"],
    title={"en": "Mood", "uk": "Настрій"},
)


@asynccontextmanager
async def form_world(
    sessions: SessionFactory, redis: Redis, clock: FrozenClock
) -> AsyncIterator[World]:
    """Yield an application with the form ``test`` as a draft."""
    async with api_world(sessions, redis, clock) as made:
        await store(made, FORM)
        yield made


async def store(world: World, form: Form, *, publish: bool = False) -> None:
    """Save a form of the first client, and publish it if wanted."""
    owner: dict[str, Any] = {"client_id": world.client_id, "user_id": None, "clock": world.clock}
    async with transaction(world.sessions) as session:
        await publishing.save_draft(session, form, **owner)
        if publish:
            await publishing.publish(session, form.code, **owner)


async def draft(world: World, code: str = "test") -> Draft:
    """Return a form as it stands."""
    async with world.sessions() as session:
        return await open_draft(session, code, client_id=world.client_id)


async def form(world: World, code: str = "test") -> Form:
    """Return what a form says now."""
    return (await draft(world, code)).form


async def press(
    browser: AsyncClient, address: str, *, fragment: bool = False, **fields: Any
) -> Response:
    """Press a button of the outline: a form with a token of its own, unless one is given."""
    sent = {"token": str(new_id()), **fields}
    headers = HTMX if fragment else SAME_ORIGIN
    return await browser.post(f"/forms/{address}".rstrip("/"), data=sent, headers=headers)


async def save(
    browser: AsyncClient,
    before: Form,
    question: str,
    /,
    *,
    fragment: bool = False,
    of: str = "test",
    **changed: Any,
) -> Response:
    """Save a question's form as a browser does that saw it in ``before``; ``__`` stands for a dot."""
    one = before.by_code[question]
    fields = fields_of(one, before) | {"seen": fingerprint(one)}
    fields |= {name.replace("__", "."): value for name, value in changed.items()}
    headers = HTMX if fragment else SAME_ORIGIN
    return await browser.post(f"/forms/{of}/questions/{question}", data=fields, headers=headers)


async def actions(world: World) -> list[str]:
    """Return what the audit log tells of forms, the oldest first."""
    statement = (
        select(AuditEntry.action)
        .where(col(AuditEntry.client_id) == world.client_id, col(AuditEntry.user_id).is_not(None))
        .order_by(col(AuditEntry.id))
    )
    async with world.sessions() as session:
        found = (await session.exec(statement)).all()
    return [action for action in found if action.startswith("form.")]


def value_of(page: Response, name: str) -> str:
    """Return the value of a field of a page."""
    found = re.search(rf'name="{re.escape(name)}"[^>]*value="([^"]*)"', page.text)
    assert found, name
    return unescape(found[1])


def undo_of(page: Response) -> str:
    """Return the step that the page's button would undo."""
    return str(UUID(value_of(page, "edit")))
