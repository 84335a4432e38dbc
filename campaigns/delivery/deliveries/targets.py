"""Targets as people give them, as they are stored, and as the wire wants them.

What is secret leaves the model before it is stored, sealed; see ``SECRETS``.
"""

import json
from collections.abc import Mapping
from email.utils import parseaddr
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, field_validator

from campaigns.delivery.deliveries.wire.sftp import host_key, readable_key
from campaigns.delivery.deliveries.wire.signing import key_of, new_signing_secret
from campaigns.delivery.deliveries.words import TargetKind
from dialer.errors import Invalid
from dialer.sealing import KeyRing, missing_keys

#: Fields that are sealed, by kind of target.
SECRETS: Mapping[TargetKind, tuple[str, ...]] = {
    TargetKind.PORTAL: (),
    TargetKind.SFTP: ("password", "private_key"),
    TargetKind.S3: ("secret_access_key",),
    TargetKind.EMAIL: (),
    TargetKind.WEBHOOK: ("signing", "signing_before"),
}
MOST_RECIPIENTS = 20

_Line = Annotated[str, Field(max_length=500, pattern=r"^[^\x00-\x1f\x7f]*$")]
_Name = Annotated[str, Field(min_length=1, max_length=253, pattern=r"^[^\x00-\x20\x7f/]+$")]


class _Target(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class PortalTarget(_Target):
    """People download it here."""

    kind: Literal[TargetKind.PORTAL] = TargetKind.PORTAL


class SftpTarget(_Target):
    """A folder of an SFTP server; a password or a private key opens it."""

    kind: Literal[TargetKind.SFTP]
    host: _Name
    port: Annotated[int, Field(ge=1, le=65535)] = 22
    user: Annotated[_Line, Field(min_length=1)]
    directory: _Line = ""
    host_key: Annotated[str, Field(max_length=4000)] = ""  #: empty: not compared yet
    password: Annotated[str, Field(max_length=500)] | None = None
    private_key: Annotated[str, Field(max_length=20_000)] | None = None

    @field_validator("host_key")
    @classmethod
    def _is_host_key(cls, value: str) -> str:
        if value:
            _checked(host_key, value)
        return value

    @field_validator("private_key")
    @classmethod
    def _is_private_key(cls, value: str | None) -> str | None:
        if value:
            _checked(readable_key, value)
        return value


class S3Target(_Target):
    """A prefix in a bucket of S3, or of what speaks like it."""

    kind: Literal[TargetKind.S3]
    bucket: _Name
    prefix: _Line = ""
    region: _Name = "us-east-1"
    endpoint: _Line = ""  #: ``https://host``; empty: Amazon's
    access_key_id: Annotated[_Line, Field(min_length=1)]
    secret_access_key: Annotated[str, Field(max_length=500)] | None = None

    @field_validator("endpoint")
    @classmethod
    def _is_endpoint(cls, value: str) -> str:
        return _checked_url(value) if value else value


def checked_address(address: str) -> str:
    """Return an e-mail address; raises ``ValueError`` for what is none."""
    name, at, host = address.rpartition("@")
    if parseaddr(address)[1] != address or not (name and at and "." in host):
        raise ValueError(f"{address} is no e-mail address")
    if not address.isascii():
        raise ValueError(f"{address} is no e-mail address")
    return address


MailAddress = Annotated[_Line, AfterValidator(checked_address)]


class EmailTarget(_Target):
    """Who gets a letter with a link."""

    kind: Literal[TargetKind.EMAIL]
    recipients: Annotated[tuple[_Line, ...], Field(min_length=1, max_length=MOST_RECIPIENTS)]
    language: Literal["en", "ru", "uk"] = "en"

    @field_validator("recipients")
    @classmethod
    def _are_addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(checked_address(one) for one in value)


class WebhookTarget(_Target):
    """An address that gets signed messages."""

    kind: Literal[TargetKind.WEBHOOK]
    url: Annotated[_Line, Field(min_length=1)]
    signing: Annotated[str, Field(max_length=200)] | None = None  #: ``whsec_…``; none: one is made
    signing_before: Annotated[str, Field(max_length=200)] | None = None  #: still signs as well

    @field_validator("url")
    @classmethod
    def _is_url(cls, value: str) -> str:
        return _checked_url(value)

    @field_validator("signing", "signing_before")
    @classmethod
    def _is_secret(cls, value: str | None) -> str | None:
        if value:
            _checked(key_of, value)
        return value


Target = Annotated[
    PortalTarget | SftpTarget | S3Target | EmailTarget | WebhookTarget, Field(discriminator="kind")
]
_TARGET: TypeAdapter[Target] = TypeAdapter(Target)


def _checked(read: Any, value: str) -> None:
    try:
        read(value)
    except Invalid as error:
        raise ValueError(error.detail) from error


def _checked_url(value: str) -> str:
    parts = urlsplit(value)  # raises ValueError for what is no address at all
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("give an address like https://example.com/path")
    if parts.username or parts.password or parts.fragment:
        raise ValueError("leave user, password and # out of the address")
    if parts.port == 0:
        raise ValueError("there is no port 0")
    return value


def context_of(plan_id: UUID) -> str:
    """Return what binds a plan's sealed secrets to it."""
    return f"delivery_plan:{plan_id}"


def taken_apart(
    target: Target, plan_id: UUID, ring: KeyRing | None, known: Mapping[str, str]
) -> tuple[dict[str, Any], str | None]:
    """Return what of a target is stored openly, and the rest, sealed.

    Args:
        target: as given; a secret that is left out stays as it is.
        plan_id: whose it is.
        ring: the keys; needed only when there is a secret.
        known: the secrets it has by now.

    Raises:
        Invalid: a needed secret is missing.
        ConfigurationError: a secret is to be stored, and there is no key for it.
    """
    given = target.model_dump(mode="json", exclude={"kind"})
    names = SECRETS[target.kind]
    fresh = {name: given.pop(name) for name in names}
    secrets = {name: value for name in names if (value := fresh[name] or known.get(name))}
    if isinstance(target, SftpTarget):
        secrets = _one_way_in(fresh, secrets)
    if isinstance(target, WebhookTarget) and "signing" not in secrets:
        secrets["signing"] = new_signing_secret()
    if isinstance(target, S3Target) and not secrets:
        raise Invalid("Give the secret access key.")
    if not secrets:
        return given, None
    if ring is None:
        raise missing_keys()
    return given, ring.seal(json.dumps(secrets), context=context_of(plan_id))


def _one_way_in(fresh: Mapping[str, Any], secrets: dict[str, str]) -> dict[str, str]:
    """Return the key or the password, whichever was given last: never both."""
    for name in ("private_key", "password"):
        if fresh[name]:
            return {name: fresh[name]}
    for name in ("private_key", "password"):
        if name in secrets:
            return {name: secrets[name]}
    raise Invalid("Give a password or a private key.")


def secrets_of(sealed: str | None, plan_id: UUID, ring: KeyRing | None) -> dict[str, str]:
    """Return a plan's secrets.

    Raises:
        ConfigurationError: there are some, and no key.
        Unsealable: see ``dialer.sealing``.
    """
    if sealed is None:
        return {}
    if ring is None:
        raise missing_keys()
    opened: dict[str, str] = json.loads(ring.open(sealed, context=context_of(plan_id)))
    return opened


def put_together(kind: TargetKind, stored: Mapping[str, Any], secrets: Mapping[str, str]) -> Target:
    """Return a stored target with its secrets."""
    return _TARGET.validate_python({"kind": kind, **stored, **secrets})
