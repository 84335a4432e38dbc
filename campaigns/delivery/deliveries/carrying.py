"""How one delivery goes to one target, by the target's kind. Knows no tables' transactions."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from campaigns.delivery.deliveries import letters
from campaigns.delivery.deliveries.files import DeliveryFolder
from campaigns.delivery.deliveries.links import link_of
from campaigns.delivery.deliveries.models import Delivery, DeliveryFile, DeliveryPlan
from campaigns.delivery.deliveries.targets import (
    EmailTarget,
    PortalTarget,
    S3Target,
    SftpTarget,
    Target,
    WebhookTarget,
)
from campaigns.delivery.deliveries.wire.addresses import Network, read_networks
from campaigns.delivery.deliveries.wire.faults import SendFault
from campaigns.delivery.deliveries.wire.mail import Letter, MailServer, send_letter
from campaigns.delivery.deliveries.wire.putting import Place
from campaigns.delivery.deliveries.wire.s3 import S3Place
from campaigns.delivery.deliveries.wire.sftp import SftpPlace
from campaigns.delivery.deliveries.wire.webhook import Receiver, post_signed
from campaigns.delivery.deliveries.words import DeliveryReason
from dialer.clock import Clock
from dialer.ids import new_id
from dialer.sealing import KeyRing
from dialer.settings import Settings


@dataclass(frozen=True, slots=True)
class Means:
    """What is needed to send anything: keys, folder, mail server, allowed networks, the clock."""

    ring: KeyRing | None
    folder: DeliveryFolder
    originals: Path  #: clients' own files
    networks: Sequence[Network]
    mail: MailServer | None
    public_address: str | None
    clock: Clock


def means_of(settings: Settings, clock: Clock) -> Means:
    """Return the means of an installation.

    Raises:
        ConfigurationError: a setting cannot be used.
    """
    keys = settings.keys()
    return Means(
        ring=KeyRing.parse(keys) if keys else None,
        folder=DeliveryFolder(settings.deliveries()),
        originals=settings.uploads(),
        networks=read_networks(settings.delivery_networks or ""),
        mail=MailServer.parse(settings.smtp(), settings.mail_from),
        public_address=settings.public_address(),
        clock=clock,
    )


@dataclass(frozen=True, slots=True)
class Parcel:
    """A delivery that is made, with everything the other side is told."""

    delivery: Delivery
    plan: DeliveryPlan
    campaign: str
    program: str  #: the name that letters say for the program
    files: Sequence[DeliveryFile]


def place_of(target: Target, networks: Sequence[Network]) -> Place | None:
    """Return where a target takes files; None for targets that get a message."""
    if isinstance(target, SftpTarget):
        return SftpPlace(
            target.host,
            target.port,
            target.user,
            target.directory,
            target.host_key,
            networks,
            target.password,
            target.private_key,
        )
    if isinstance(target, S3Target):
        return S3Place(
            target.bucket,
            target.prefix,
            target.region,
            target.endpoint,
            target.access_key_id,
            target.secret_access_key or "",
            networks,
        )
    return None


async def tell(target: Target, parcel: Parcel, means: Means) -> None:
    """Send the message of a delivery: a letter or a webhook. The portal needs none.

    Raises:
        SendFault: why not.
    """
    if isinstance(target, EmailTarget):
        await _write(target, parcel, means)
    elif isinstance(target, WebhookTarget):
        body = _body("delivery.ready", parcel.delivery.made_at, _news(parcel, means))
        await _post(target, body, f"msg_{parcel.delivery.id.hex}", means)


async def check(target: Target, means: Means, program: str) -> str:
    """Try a target out and return what was found, for people.

    SFTP and S3 get a small file that is deleted again, e-mail and webhooks a message that says it is a test;
    ``program`` is the name that a letter says for the program.

    Raises:
        SendFault: why it does not work.
    """
    place = place_of(target, means.networks)
    if place is not None:
        return await place.check(f".outdial-test-{new_id().hex}")
    if isinstance(target, EmailTarget):
        words = letters.test_letter(target.language, program)
        letter = Letter(f"test-{new_id().hex}", target.recipients, words.subject, words.text)
        await send_letter(means.mail, letter, means.clock)
        _link_begin(means)
        return ", ".join(target.recipients)
    if isinstance(target, WebhookTarget):
        body = _body("delivery.test", means.clock.now(), {})
        await _post(target, body, f"msg_test{new_id().hex}", means, with_words=True)
        _link_begin(means)
        return target.url
    if isinstance(target, PortalTarget):
        return ""
    raise TypeError(f"Nobody knows how to try {type(target).__name__} out.")


def _link_begin(means: Means) -> tuple[KeyRing, str]:
    """Return what links are made of; raises ``SendFault`` when people outside could not open them."""
    if means.public_address is None or means.ring is None:
        raise SendFault(DeliveryReason.NO_PUBLIC_ADDRESS)
    return means.ring, means.public_address


def _link(parcel: Parcel, means: Means) -> tuple[str, str]:
    """Return the link and until when it opens."""
    ring, begin = _link_begin(means)
    ends_at = means.clock.now() + timedelta(days=parcel.plan.link_days)
    return f"{begin}{link_of(ring, parcel.delivery.id, ends_at)}", ends_at.isoformat(
        timespec="minutes"
    )


async def _write(target: EmailTarget, parcel: Parcel, means: Means) -> None:
    link, until = _link(parcel, means)
    made = parcel.delivery
    facts = {
        "campaign": parcel.campaign,
        "period": made.period,
        "results": made.results,
        "added": made.added,
        "changed": made.changed,
        "removed": made.removed,
        "link": link,
        "until": until.partition("+")[0].replace("T", " "),
        "sha256": made.manifest_sha256,
        "program": parcel.program,
    }
    words = letters.ready(target.language, facts)
    letter = Letter(f"delivery-{made.id.hex}", target.recipients, words.subject, words.text)
    await send_letter(means.mail, letter, means.clock)


def _news(parcel: Parcel, means: Means) -> dict[str, Any]:
    """Return what a webhook tells: the manifest, and where each file is until when."""
    link, until = _link(parcel, means)
    urls = [{"name": one.name, "url": f"{link}/{one.position}"} for one in parcel.files]
    return {
        "manifest": parcel.delivery.manifest,
        "manifest_sha256": parcel.delivery.manifest_sha256,
        "files": urls,
        "urls_end_at": until,
    }


def _body(kind: str, at: Any, data: dict[str, Any]) -> bytes:
    """Return a message. Source: Standard Webhooks, "Payload structure": type, timestamp, data."""
    message = {"type": kind, "timestamp": at.isoformat(), "data": data}
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


async def _post(
    target: WebhookTarget, body: bytes, message_id: str, means: Means, *, with_words: bool = False
) -> None:
    signing = tuple(one for one in (target.signing, target.signing_before) if one)
    await post_signed(
        Receiver(target.url, signing),
        body,
        message_id=message_id,
        now=means.clock.now(),
        allowed=means.networks,
        with_words=with_words,
    )


def stored_path(means: Means, delivery_id: UUID, file: DeliveryFile) -> Any:
    """Return where a file of a delivery is on our disk."""
    return means.folder.of(delivery_id) / file.name
