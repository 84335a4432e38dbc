"""Headers on every answer, and the check that a form was sent by one of our own pages."""

from urllib.parse import urlsplit

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dialer.errors import Forbidden

#: Everything comes from ourselves; nothing inline runs, so injected markup stays dead text.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "media-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

#: ``same-origin`` and not ``no-referrer``: with the latter browsers send ``Origin: null`` with forms.
#: Source: Fetch Standard, "append a request Origin header".
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


#: Behind TLS no browser comes back without it, for a year. Source: RFC 6797, section 6.1.
_STRICT_TRANSPORT = "max-age=31536000"


#: Pages with the softphone, which speaks with Asterisk over a websocket.
_PHONE_PAGES = ("/desk", "/listen")


def policy_for(path: str, phone_origin: str | None) -> str:
    """Return a page's policy: only those with the softphone may connect to the exchange."""
    with_phone = any(path == page or path.startswith(f"{page}/") for page in _PHONE_PAGES)
    if phone_origin is None or not with_phone:
        return CONTENT_SECURITY_POLICY
    ours = "connect-src 'self'"
    return CONTENT_SECURITY_POLICY.replace(ours, f"{ours} {phone_origin}")


class SecurityHeadersMiddleware:
    """Add the headers; answers are not stored anywhere unless a route says otherwise."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and add the headers to its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
                headers["Content-Security-Policy"] = policy_for(scope["path"], _phones(scope))
                if scope["scheme"] == "https":
                    headers["Strict-Transport-Security"] = _STRICT_TRANSPORT
                if not scope["path"].startswith("/static/"):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, add)


def _phones(scope: Scope) -> str | None:
    """Return where telephones register; nothing is known before the services are opened."""
    services = getattr(scope["app"].state, "services", None)
    return services.settings.phone_origin() if services is not None else None


class CrossSite(Forbidden):
    """A form came from somewhere else."""

    code = "cross_site"
    message = "This form was not sent by one of our pages."


#: What changes nothing. Source: RFC 9110, section 9.2.1.
_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


async def require_same_origin(request: Request) -> None:
    """Refuse a form that another site had the browser send; every page's router asks (``api.main``).

    Raises:
        CrossSite: ``Origin`` is missing, or names another host. Browsers send it with every POST;
            Source: Fetch Standard, "append a request Origin header".
    """
    if request.method in _SAFE:
        return
    origin = urlsplit(request.headers.get("origin", ""))
    downgraded = request.url.scheme == "https" and origin.scheme != "https"
    if not origin.netloc or origin.netloc != request.headers.get("host") or downgraded:
        raise CrossSite
