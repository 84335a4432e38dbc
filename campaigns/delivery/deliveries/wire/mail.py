"""E-mail: a letter with a link or with files, through the operator's mail server."""

import asyncio
import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

from campaigns.delivery.deliveries.wire.faults import SendFault, network_faults
from campaigns.delivery.deliveries.words import DeliveryReason
from dialer.clock import Clock
from dialer.errors import ConfigurationError

_WITHIN_S = 30.0
#: Source: RFC 8314, section 3.3 (implicit TLS) and RFC 6409, section 3.1 (submission).
_PORTS = {"smtps": 465, "smtp": 587}


@dataclass(frozen=True, slots=True)
class MailServer:
    """The operator's mail server and from whom letters come."""

    host: str
    port: int
    sender: str
    with_tls: bool = False  #: from the first byte
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def parse(cls, url: str | None, sender: str | None) -> "MailServer | None":
        """Read ``OUTDIAL_SMTP_URL`` and ``OUTDIAL_MAIL_FROM``; None when letters are not set up.

        Raises:
            ConfigurationError: one of them cannot be used.
        """
        if not url:
            return None
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ConfigurationError("OUTDIAL_SMTP_URL looks like smtps://user:password@host:465.")
        if "@" not in parseaddr(sender or "")[1]:
            raise ConfigurationError("Set OUTDIAL_MAIL_FROM to the address letters come from.")
        return cls(
            host=parts.hostname,
            port=parts.port or _PORTS[parts.scheme],
            sender=sender or "",
            with_tls=parts.scheme == "smtps",
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
        )


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file in a letter."""

    name: str
    media_type: str  #: ``application/pdf``
    content: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent."""

    message_id: str  #: the same for every try: mail programs show one letter
    recipients: Sequence[str]
    subject: str
    text: str
    attachments: Sequence[Attachment] = ()


async def send_letter(server: MailServer | None, letter: Letter, clock: Clock) -> None:
    """Hand one letter to the mail server; all recipients or none.

    Raises:
        SendFault: the server is away, or refused the sign-in, a recipient or the letter.
    """
    if server is None:
        raise SendFault(DeliveryReason.NO_MAIL_SERVER)
    message = EmailMessage()
    message["From"] = server.sender
    message["To"] = ", ".join(letter.recipients)
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = f"<{letter.message_id}@{parseaddr(server.sender)[1].partition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # Source: RFC 3834, section 5: no holiday answers
    message.set_content(letter.text)
    for one in letter.attachments:
        main, _, sub = one.media_type.partition("/")
        message.add_attachment(one.content, maintype=main, subtype=sub, filename=one.name)
    with network_faults(), _smtp_faults():
        await asyncio.to_thread(_send, server, message)


def _send(server: MailServer, message: EmailMessage) -> None:
    context = ssl.create_default_context()
    if server.with_tls:
        link: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, timeout=_WITHIN_S, context=context
        )
    else:
        link = smtplib.SMTP(server.host, server.port, timeout=_WITHIN_S)
    with link:
        if not server.with_tls:
            link.ehlo()
            if link.has_extn("starttls"):
                link.starttls(context=context)
                link.ehlo()
            elif server.user and not _is_here(server.host):
                raise SendFault(DeliveryReason.TLS_FAILED, "no password is sent without encryption")
        if server.user:
            link.login(server.user, server.password)
        refused = link.send_message(message)
    if refused:
        raise SendFault(DeliveryReason.REFUSED, ", ".join(refused))


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _text(said: bytes | str) -> str:
    return said.decode(errors="replace") if isinstance(said, bytes) else said


@contextmanager
def _smtp_faults() -> Iterator[None]:
    """Turn what smtplib raises into a ``SendFault``. It is an ``OSError``, so this comes first."""
    try:
        yield
    except smtplib.SMTPAuthenticationError as error:
        raise SendFault(DeliveryReason.SIGN_IN_REFUSED, str(error.smtp_code)) from error
    except (smtplib.SMTPServerDisconnected, smtplib.SMTPConnectError) as error:
        raise SendFault(DeliveryReason.BROKEN_OFF, words=str(error)) from error
    except smtplib.SMTPRecipientsRefused as error:
        said = "; ".join(f"{who}: {code}" for who, (code, _) in error.recipients.items())
        raise SendFault(DeliveryReason.REFUSED, said) from error
    except smtplib.SMTPResponseException as error:
        code = f"SMTP {error.smtp_code}"
        raise SendFault(DeliveryReason.REFUSED, code, words=_text(error.smtp_error)) from error
    except smtplib.SMTPException as error:
        raise SendFault(DeliveryReason.REFUSED, words=str(error)) from error
