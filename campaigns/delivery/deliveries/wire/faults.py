"""Why something could not be sent."""

from collections.abc import Iterator
from contextlib import contextmanager
from socket import gaierror
from ssl import SSLError

from campaigns.delivery.deliveries.words import DeliveryReason
from dialer.errors import OutdialError

#: Of what another side says so much is kept.
_MOST_CHARACTERS = 300


class SendFault(OutdialError):
    """A target could not be reached, or did not take what it was given."""

    code = "send_fault"
    message = "The target did not take it."

    def __init__(
        self,
        reason: DeliveryReason,
        detail: str = "",
        *,
        words: str = "",
        wait_s: float | None = None,
    ) -> None:
        """Take why, and how many seconds the other side asks us to wait.

        Args:
            reason: the code that people and programs know it by.
            detail: more of it, such as ``SMTP 550``; it is kept.
            words: the other side's own: they may name persons, so they are shown after a test, and not kept.
            wait_s: seconds.
        """
        self.reason = reason
        self.said = " ".join(detail.split())[:_MOST_CHARACTERS]
        self.told = " ".join(f"{detail} {words}".split())[:_MOST_CHARACTERS]
        self.wait_s = wait_s
        super().__init__(self.said, reason=reason.value)


@contextmanager
def network_faults() -> Iterator[None]:
    """Turn what sockets raise into a ``SendFault``."""
    try:
        yield
    except gaierror as error:
        raise SendFault(DeliveryReason.NAME_UNKNOWN, error.strerror or "") from error
    except SSLError as error:
        raise SendFault(DeliveryReason.TLS_FAILED, error.reason or str(error)) from error
    except TimeoutError as error:
        raise SendFault(DeliveryReason.TIMED_OUT) from error
    except (ConnectionRefusedError, ConnectionResetError, BrokenPipeError) as error:
        raise SendFault(DeliveryReason.UNREACHABLE, error.strerror or "") from error
    except OSError as error:
        raise SendFault(DeliveryReason.UNREACHABLE, error.strerror or str(error)) from error
