"""How pages look that a client's people see: name, colours, logo, address. Nothing here commits."""

import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.tenancy import audit, colours
from campaigns.tenancy.models import MOST_LOGO_BYTES, Client, ClientLook
from campaigns.tenancy.tokens import Look
from dialer.clock import Clock
from dialer.errors import Conflict, Invalid
from dialer.rows import over_all_clients

MOST_NAME_CHARACTERS = 40
#: Source: RFC 1035, section 2.3.4, and RFC 5890 for names of other scripts (as ``xn--``).
_DOMAIN = re.compile(
    r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]"
)
#: How the files begin. SVG is not among them: it may hold scripts.
#: Source: PNG 5.2, JPEG (ITU-T T.81, B.2.1), WebP container.
_KINDS = {
    "image/png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "image/jpeg": re.compile(rb"\xff\xd8\xff"),
    "image/webp": re.compile(rb"RIFF....WEBP", re.DOTALL),
}


class BadLogo(Invalid):
    """The file can be no logo."""

    code = "bad_logo"
    message = "A logo is a PNG, JPEG or WebP file of at most 256 KB."


class BadDomain(Invalid):
    """What was given is no address."""

    code = "bad_domain"
    message = "An address is a name such as calls.example.com, without https:// and without a path."


class DomainTaken(Conflict):
    """Another client is at the address."""

    code = "domain_taken"
    message = "Another client has this address."


@dataclass(frozen=True, slots=True)
class LookWish:
    """What shall be kept; ``logo`` None leaves the logo as it is, empty bytes take it away."""

    name: str
    accent: str  #: "" = ours
    accent_dark: str  #: "" = worked out from ``accent``
    logo: bytes | None = None


def logo_type(data: bytes) -> str:
    """Return the media type of a logo's file.

    Raises:
        BadLogo: it is too large, or no picture of a kind that cannot hold scripts.
    """
    if len(data) <= MOST_LOGO_BYTES:
        for kind, beginning in _KINDS.items():
            if beginning.match(data):
                return kind
    raise BadLogo


def look_of(row: ClientLook | None) -> Look | None:
    """Return what pages need of a row."""
    if row is None:
        return None
    return Look(row.name, version_of(row.client_id, row.changed_at), row.logo_sha256 is not None)


def version_of(client_id: UUID, changed_at: datetime) -> str:
    """Return what stands for a look's present content in addresses."""
    return sha256(f"{client_id} {changed_at.isoformat()}".encode()).hexdigest()[:16]


async def find(session: AsyncSession, client_id: UUID) -> ClientLook | None:
    """Return a client's look, if it has one."""
    found = await session.exec(select(ClientLook).where(col(ClientLook.client_id) == client_id))
    return found.first()


async def find_at(session: AsyncSession, host: str) -> ClientLook | None:
    """Return the look of an address; archived clients have none."""
    domain = host.partition(":")[0].lower().rstrip(".")
    statement = (
        select(ClientLook)
        .join(Client, col(Client.id) == col(ClientLook.client_id))
        .where(col(ClientLook.domain) == domain, col(Client.archived_at).is_(None))
    )
    return (await session.exec(statement)).first()


async def shown_name(session: AsyncSession, client_id: UUID) -> str:
    """Return the name that letters and files say for a client's program: its own, or ours."""
    row = await find(session, client_id)
    return row.name if row is not None and row.name else "Outdial"


async def change(
    session: AsyncSession, client_id: UUID, wish: LookWish, *, by: UUID | None, clock: Clock
) -> ClientLook:
    """Keep a client's look.

    Raises:
        Invalid: a colour nobody could read, a file that is no logo, a name that is too long.
    """
    name = " ".join(wish.name.split())
    if len(name) > MOST_NAME_CHARACTERS:
        raise Invalid("The name shown has at most 40 characters.")
    accent, dark = _colours(wish)
    kind = logo_type(wish.logo) if wish.logo else None
    row = await _own(session, client_id, clock)
    row.name, row.accent, row.accent_dark, row.changed_at = name, accent, dark, clock.now()
    if wish.logo is not None:
        row.logo, row.logo_type = wish.logo or None, kind
        row.logo_sha256 = sha256(wish.logo).hexdigest() if wish.logo else None
    facts = {"name": name, "accent": accent, "accent_dark": dark, "logo": row.logo_sha256}
    await _note(session, row, facts, by=by, clock=clock)
    return row


def _colours(wish: LookWish) -> tuple[str, str]:
    if not wish.accent.strip():
        return "", ""
    light = colours.checked(wish.accent)
    dark = wish.accent_dark.strip()
    dark = colours.checked(dark) if dark else colours.for_dark_pages(light)
    colours.require_legible(light, dark)
    return light, dark


async def set_domain(
    session: AsyncSession, client_id: UUID, domain: str, *, by: UUID | None, clock: Clock
) -> None:
    """Keep at which address a client's look is shown before anybody signs in; "" = nowhere.

    Raises:
        BadDomain: it is none.
        DomainTaken: another client's.
    """
    wanted = domain.strip().lower().rstrip(".") or None
    if wanted is not None and _DOMAIN.fullmatch(wanted) is None:
        raise BadDomain
    row = await _own(session, client_id, clock)
    if row.domain == wanted:
        return
    async with over_all_clients(session):
        other = None if wanted is None else await find_any(session, wanted)
    if other is not None and other.client_id != client_id:
        raise DomainTaken
    row.domain, row.changed_at = wanted, clock.now()
    await _note(session, row, {"domain": wanted}, by=by, clock=clock)


async def find_any(session: AsyncSession, domain: str) -> ClientLook | None:
    """Return whose address it is, archived or not."""
    statement = select(ClientLook).where(col(ClientLook.domain) == domain)
    return (await session.exec(statement)).first()


async def _own(session: AsyncSession, client_id: UUID, clock: Clock) -> ClientLook:
    statement = select(ClientLook).where(col(ClientLook.client_id) == client_id).with_for_update()
    row = (await session.exec(statement)).first()
    if row is None:
        row = ClientLook(client_id=client_id, changed_at=clock.now())
        session.add(row)
        await session.flush()
    return row


async def _note(
    session: AsyncSession,
    row: ClientLook,
    facts: dict[str, str | None],
    *,
    by: UUID | None,
    clock: Clock,
) -> None:
    await audit.record(
        session,
        client_id=row.client_id,
        user_id=by,
        at=clock.now(),
        action="client.look_changed",
        subject="client",
        subject_id=row.client_id,
        facts=facts,
    )
