"""The requests ARI understands: a table from method and path to what is done."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qsl, unquote

import msgspec

from dialer.simulator.ari import rest_bridges, rest_channels, rest_system
from dialer.simulator.ari.asked import Asked
from dialer.simulator.ari.refusals import RestError
from dialer.simulator.ari.world import World

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode

Handler = Callable[[World, Asked], object]

#: (method, resource, last part): what is done, and the status when it was.
ROUTES: Mapping[tuple[str, str, str], tuple[Handler, int]] = {
    **rest_system.ROUTES,
    **rest_channels.ROUTES,
    **rest_bridges.ROUTES,
}

#: Second parts that are not the id of something.
_WORDS = frozenset({"create", "ping", "info", "config"})


@dataclass(frozen=True, slots=True)
class Request:
    """One REST request, however it came."""

    method: str
    uri: str
    app: str = ""  #: the application of the websocket it came over
    query: list[tuple[str, str]] = field(default_factory=list)
    body: bytes | str = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """The response: an empty body has no content type."""

    status: int
    body: bytes = b""

    @property
    def phrase(self) -> str:
        """Return the reason phrase of the status."""
        return HTTPStatus(self.status).phrase


def refused(status: int, message: str) -> Answer:
    """Return the answer to something that cannot be done."""
    key = "error" if status == 500 else "message"
    return Answer(status, _encode({key: message}))


def perform(world: World, request: Request) -> Answer:
    """Do what is asked.

    Raises:
        Waits: when it has to wait for the end of a prompt; ask again then.
    """
    try:
        key, asked = _understand(request)
        route = ROUTES.get(key)
        if route is None:
            return refused(404, "Resource not found")
        handler, status = route
        result = handler(world, asked)
    except RestError as error:
        return refused(error.code, error.message)
    except (msgspec.DecodeError, ValueError):
        return refused(400, "Invalid parameters")
    return Answer(status, b"" if status == 204 else _encode(result))


def _understand(request: Request) -> tuple[tuple[str, str, str], Asked]:
    path, _, query = request.uri.partition("?")
    parts = path.strip("/").split("/")
    if parts[0] == "ari":
        del parts[0]
    resource = parts[0] if parts else ""
    second = unquote(parts[1]) if len(parts) > 1 else ""
    if second in _WORDS:
        last, second = second, ""
    else:
        last = parts[2] if len(parts) > 2 else ("*" if second else "")
    args = dict(parse_qsl(query, keep_blank_values=True)) if query else {}
    args.update(request.query)
    if resource == "endpoints":
        args["resource"], last = last, "*"
    body = _decode(request.body) if request.body else {}
    if not isinstance(body, dict):
        raise RestError(400, "Invalid JSON body")
    for name, value in body.items():
        if isinstance(value, str | int | float):
            args.setdefault(name, str(value))
    return (request.method, resource, last), Asked(second, request.app, args, body)
