"""White label at the edge: the style sheet of a client's colours, and whose look an address has."""

from fastapi import Request
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from api.browsers import find_session, session_token
from api.deps import services_of
from campaigns.tenancy import colours, looks
from campaigns.tenancy.colours import Accent
from campaigns.tenancy.models import ClientLook
from campaigns.tenancy.tokens import Look
from dialer.db import transaction


async def look_of_host(request: Request) -> Look | None:
    """Return the look of the address at which a page is asked for before anybody signs in."""
    async with transaction(services_of(request).sessions) as session:
        return looks.look_of(await looks.find_at(session, request.url.hostname or ""))


async def row_for(request: Request) -> ClientLook | None:
    """Return the look of whoever asks: of the client the session works for, else of the address."""
    token = session_token(request)
    async with transaction(services_of(request).sessions) as session:
        found = await find_session(request, session, token) if token else None
        if found is None:
            return await looks.find_at(session, request.url.hostname or "")
        return await looks.find(session, found.identity.client_id)


async def look_for(request: Request) -> Look | None:
    """Return the look of a page that something went wrong with; while the database is away, ours."""
    try:
        return looks.look_of(await row_for(request))
    except (SQLAlchemyError, RedisError, OSError):
        return None


def style_of(row: ClientLook | None) -> str:
    """Return the style sheet of a look; colours are checked again, for they become code here."""
    if row is None or not row.accent:
        return ""
    light = colours.accent_of(colours.checked(row.accent))
    dark = colours.accent_of(colours.checked(row.accent_dark))
    return f":root {_rule(light)}\n@media (prefers-color-scheme: dark) {{ :root {_rule(dark)} }}\n"


def _rule(accent: Accent) -> str:
    return f"{{ --accent: {accent.colour}; --on-accent: {accent.on_it}; }}"
