"""Telephones pushed into Asterisk while it runs, over HTTP: no campaign's websocket is theirs.

An object that exists is replaced, so a telephone can be pushed again at any time. Asterisk keeps them in
memory (``sorcery.conf``): after its restart they are gone, and their pages ask anew.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import aiohttp

from dialer.ari.connection import AriEndpoint
from dialer.ari.errors import AriRefused, AriUnavailable

_TIMEOUT = aiohttp.ClientTimeout(total=3)

#: The global variable of ``extensions.conf`` in which Asterisk says what browsers send their media to.
MEDIA_ADDRESS = "OD_MEDIA_ADDRESS"

#: A browser sends fifty packets a second, muted too: one that sends none so long is gone, and its agent
#: is called back. Longer than a phone's change of network takes.
SILENT_S = 8


@dataclass(frozen=True, slots=True)
class PushedPhone:
    """A browser's telephone."""

    user: str
    realm: str
    digest: str = field(repr=False)  #: MD5 of user, realm and password


async def push_phone(endpoint: AriEndpoint, phone: PushedPhone) -> None:
    """Let a telephone register, and nobody else under its name.

    Raises:
        AriRefused: Asterisk does not take it.
        AriUnavailable: Asterisk is away.
    """
    async with _http(endpoint) as http:
        media_address = await _media_address(endpoint, http)
        for kind, fields in _objects(phone, media_address):
            wanted = [{"attribute": name, "value": value} for name, value in fields.items()]
            path = _path(kind, phone.user)
            await _ask(endpoint, http, "PUT", path, "push_phone", {"fields": wanted})


async def remove_phone(endpoint: AriEndpoint, user: str) -> None:
    """Make a telephone unknown; one that is unknown already is fine. Its calls go on.

    Raises:
        AriRefused: Asterisk does not do it.
        AriUnavailable: Asterisk is away.
    """
    async with _http(endpoint) as http:
        for kind in ("endpoint", "aor", "auth"):
            try:
                await _ask(endpoint, http, "DELETE", _path(kind, user), "remove_phone")
            except AriRefused as error:
                if not error.is_gone:
                    raise


async def is_online(endpoint: AriEndpoint, user: str) -> bool:
    """Tell whether a telephone is registered; an unknown one is not.

    Raises:
        AriRefused: Asterisk does not tell.
        AriUnavailable: Asterisk is away.
    """
    async with _http(endpoint) as http:
        try:
            found = await _ask(endpoint, http, "GET", f"endpoints/PJSIP/{user}", "look_at_phone")
        except AriRefused as error:
            if not error.is_gone:
                raise
            return False
    return bool(found["state"] == "online")


def _objects(phone: PushedPhone, media_address: str) -> tuple[tuple[str, dict[str, str]], ...]:
    """Return what Asterisk must know: the endpoint comes last, for it names the others."""
    auth = {
        "auth_type": "digest",
        "username": phone.user,
        "realm": phone.realm,
        "password_digest": f"MD5:{phone.digest}",
    }
    aor = {
        "max_contacts": "1",
        "remove_existing": "yes",
        "minimum_expiration": "30",
        "qualify_frequency": "0",
    }
    # As [outdial-browser] of pjsip.conf, which serves the telephones of a configuration file.
    endpoint = {
        "context": "from-agent",
        "transport": "ws",
        "webrtc": "yes",
        "disallow": "all",
        "allow": "ulaw,alaw",
        "aors": phone.user,
        "auth": phone.user,
        "direct_media": "no",
        "dtmf_mode": "rfc4733",
        "rtp_timeout": str(SILENT_S),
        "rtp_timeout_hold": "120",
        "send_connected_line": "no",
        "trust_connected_line": "no",
        "allow_subscribe": "no",
        # A REFER would take the customer out of our bridge, past every rule and every record.
        "allow_transfer": "no",
    }
    if media_address:
        endpoint["media_address"] = media_address
        loopback = media_address.startswith("127.")
        endpoint["bind_rtp_to_media_address"] = "yes" if loopback else "no"
    return ("auth", auth), ("aor", aor), ("endpoint", endpoint)


def _path(kind: str, user: str) -> str:
    return f"asterisk/config/dynamic/res_pjsip/{kind}/{user}"


async def _media_address(endpoint: AriEndpoint, http: aiohttp.ClientSession) -> str:
    path = f"asterisk/variable?variable={MEDIA_ADDRESS}"
    try:
        found = await _ask(endpoint, http, "GET", path, "read_variable")
    except AriRefused as error:
        if not error.is_gone:
            raise
        return ""
    return str(found["value"])


def _http(endpoint: AriEndpoint) -> aiohttp.ClientSession:
    who = aiohttp.encode_basic_auth(endpoint.user, endpoint.password)
    return aiohttp.ClientSession(headers={"Authorization": who}, timeout=_TIMEOUT)


async def _ask(
    endpoint: AriEndpoint,
    http: aiohttp.ClientSession,
    method: str,
    path: str,
    operation: str,
    body: Mapping[str, Any] | None = None,
) -> Any:
    try:
        async with http.request(method, f"{endpoint.url}/{path}", json=body) as response:
            if response.status >= HTTPStatus.MULTIPLE_CHOICES:
                raise AriRefused(http_code=response.status, request=operation)
            if response.status == HTTPStatus.NO_CONTENT:
                return None
            return await response.json()
    except (aiohttp.ClientError, TimeoutError) as error:
        raise AriUnavailable from error
