"""Browsers: their cookies, where they come from, and whether their sessions still live."""

import secrets
from datetime import timedelta

import structlog
from fastapi import Request
from fastapi.responses import Response
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel.ext.asyncio.session import AsyncSession

from api.deps import Services, services_of
from api.fragments import is_fragment
from campaigns.accounts import finding, sessions
from campaigns.accounts.sessions import SEEN_EVERY_S, Found, Limits, Visitor
from campaigns.accounts.signing_in import Doors
from campaigns.accounts.throttle import DEVICE_LIVES_S, Throttle
from campaigns.tenancy.tokens import Identity
from dialer.db import transaction

log = structlog.get_logger()

#: The cookie of a browser's session; ``/api`` never reads it, so no other site can use it there.
COOKIE = "outdial_session"
#: The cookie by which a browser is known to have signed in before; it opens nothing.
DEVICE_COOKIE = "outdial_device"
#: Behind TLS no other host of the domain can set a cookie of this name.
#: Source: RFC 6265bis, section 4.1.3.2.
_HOST_PREFIX = "__Host-"

#: A live page asks this often whether its session still lives, seconds.
RECHECK_S = 2.0


def is_secure(request: Request) -> bool:
    """Tell whether the browser speaks TLS with us, or with a proxy we believe."""
    return request.url.scheme == "https"


def _name(request: Request, name: str) -> str:
    return f"{_HOST_PREFIX}{name}" if is_secure(request) else name


def session_token(request: Request) -> str | None:
    """Return what the session's cookie holds."""
    return request.cookies.get(_name(request, COOKIE))


def keep_session(request: Request, response: Response, token: str) -> None:
    """Give the browser its session's token, for as long as the session can last."""
    lives_s = services_of(request).settings.session_lives_s
    _set(request, response, COOKIE, token, max_age=round(lives_s))


def forget_session(request: Request, response: Response) -> None:
    """Take the session's cookie away; pages are kept nowhere (``Cache-Control: no-store``)."""
    response.delete_cookie(
        _name(request, COOKIE), httponly=True, samesite="strict", secure=is_secure(request)
    )


def device_of(request: Request) -> str:
    """Return the secret by which this browser is known, made now if it has none."""
    return request.cookies.get(_name(request, DEVICE_COOKIE)) or secrets.token_urlsafe(24)


def keep_device(request: Request, response: Response, device: str) -> None:
    """Have the browser keep its secret."""
    _set(request, response, DEVICE_COOKIE, device, max_age=DEVICE_LIVES_S)


def _set(request: Request, response: Response, name: str, value: str, *, max_age: int) -> None:
    response.set_cookie(
        _name(request, name),
        value,
        max_age=max_age,
        path="/",
        httponly=True,
        samesite="strict",
        secure=is_secure(request),
    )


def visitor_of(request: Request) -> Visitor:
    """Return from where a request comes; behind a proxy it must be believed (docs/accounts.md)."""
    address = request.client.host if request.client else "unknown"
    return Visitor(address, request.headers.get("user-agent", ""))


def limits_of(services: Services) -> Limits:
    """Return how long sessions last here."""
    return Limits(services.settings.session_idle_s, services.settings.session_lives_s)


def doors_of(services: Services) -> Doors:
    """Return what signing in works on."""
    throttle = Throttle(services.redis, services.clock)
    limits, keys = limits_of(services), services.settings.keys()
    return Doors(services.sessions, throttle, services.clock, limits, keys)


async def find_session(request: Request, session: AsyncSession, token: str) -> Found | None:
    """Return the session of a token, if it lives."""
    services = services_of(request)
    return await finding.find_by_token(session, token, limits_of(services), services.clock)


async def touched(request: Request, services: Services, found: Found) -> None:
    """Keep that the person was there, once a minute; what a page asks by itself does not count."""
    by_itself = request.method == "GET" and (
        is_fragment(request) or "text/event-stream" in request.headers.get("accept", "")
    )
    if by_itself or services.clock.now() < found.seen_at + timedelta(seconds=SEEN_EVERY_S):
        return
    # In a transaction of its own: a request that takes long must not hold the session's row.
    async with transaction(services.sessions, durable=False, whose=found.identity.own) as own:
        await sessions.touch(own, found.identity, services.clock)


async def is_still_in(services: Services, who: Identity) -> bool:
    """Tell whether a live page may go on: its session lives, nothing is due, the role is the same.

    Tokens of the API have no session. While the database is away, pages keep what they show.
    """
    if who.session_id is None:
        return True
    try:
        async with transaction(services.sessions) as session:
            found = await finding.find_by_id(session, who, limits_of(services), services.clock)
    except (SQLAlchemyError, OSError) as error:
        log.warning("stream.database_away", error=type(error).__name__)
        return True
    return found is not None and found.due is None and found.identity == who
