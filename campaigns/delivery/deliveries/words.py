"""The words of deliveries: targets, schedules, formats, states, reasons, changes, verdicts."""

from enum import StrEnum


class TargetKind(StrEnum):
    """Where a plan delivers to."""

    PORTAL = "portal"  #: people sign in and download
    SFTP = "sftp"
    S3 = "s3"
    EMAIL = "email"  #: a letter with a link that ends
    WEBHOOK = "webhook"  #: a signed message with links


class ScheduleKind(StrEnum):
    """When a plan delivers."""

    HOURLY = "hourly"  #: after every full hour
    DAILY = "daily"  #: at a time of the client's clock
    AT_END = "at_end"  #: when the campaign is stopped or finished
    ON_QUOTA = "on_quota"  #: when a quota is reached, once for each
    BY_HAND = "by_hand"  #: only when somebody asks


class FileFormat(StrEnum):
    """What a delivery consists of."""

    RESULTS_CSV = "results_csv"  #: one row for each contact, in the layout's columns
    RESULTS_XLSX = "results_xlsx"
    RESULTS_SAV = "results_sav"  #: SPSS
    RESULTS_PARQUET = "results_parquet"
    RESULTS_JSONL = "results_jsonl"
    REFRESH_ZIP = "refresh_zip"  #: the client's own files with corrected values, and what changed
    REFRESH_CSV = "refresh_csv"  #: one row for each field of each contact


class DeliveryState(StrEnum):
    """Where in its life a delivery is."""

    WAITING = "waiting"  #: its files are to be made
    SENDING = "sending"  #: its files are made; they go out, or wait for another try
    DELIVERED = "delivered"
    DEAD = "dead"  #: given up: a person must look


class FilesGone(StrEnum):
    """Why a delivery's files are not kept any more."""

    OLD = "old"  #: the plan's days are over
    ERASED = "erased"  #: a person in them was erased


class DeliveryReason(StrEnum):
    """Why a delivery, or a test of a target, did not work."""

    NAME_UNKNOWN = "name_unknown"
    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed_out"
    TLS_FAILED = "tls_failed"
    PRIVATE_ADDRESS = "private_address"
    HOST_KEY_UNKNOWN = "host_key_unknown"
    HOST_KEY_CHANGED = "host_key_changed"
    SIGN_IN_REFUSED = "sign_in_refused"
    NO_SUCH_PLACE = "no_such_place"
    NOT_ALLOWED = "not_allowed"
    REFUSED = "refused"
    BUSY = "busy"
    REDIRECTED = "redirected"
    GONE = "gone"
    BROKEN_OFF = "broken_off"
    NO_MAIL_SERVER = "no_mail_server"
    NO_PUBLIC_ADDRESS = "no_public_address"
    SECRET_LOST = "secret_lost"  # noqa: S105 - a reason, no password
    FILE_LOST = "file_lost"
    CANNOT_BE_MADE = "cannot_be_made"
    WORKER_LOST = "worker_lost"
    ERASED = "erased"
    OUR_FAULT = "our_fault"


#: Trying again changes nothing: a person must mend the target first.
PERMANENT = frozenset(
    {
        DeliveryReason.PRIVATE_ADDRESS,
        DeliveryReason.HOST_KEY_UNKNOWN,
        DeliveryReason.HOST_KEY_CHANGED,
        DeliveryReason.GONE,
        DeliveryReason.SECRET_LOST,
        DeliveryReason.FILE_LOST,
        DeliveryReason.CANNOT_BE_MADE,
        DeliveryReason.WORKER_LOST,
        DeliveryReason.ERASED,
    }
)


class Change(StrEnum):
    """What became of a result since the plan's delivery before."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


class Verdict(StrEnum):
    """What client and call centre say of a delivered result."""

    ACCEPTED = "accepted"  #: by the client
    DISPUTED = "disputed"  #: by the client, with a reason
    CONCEDED = "conceded"  #: the call centre agrees: it will be corrected, or is not charged
    DEFENDED = "defended"  #: the call centre disagrees, and says why


class DisputeReason(StrEnum):
    """Why a client disputes a result."""

    WRONG_PERSON = "wrong_person"
    WRONG_ANSWER = "wrong_answer"
    INCOMPLETE = "incomplete"
    NO_CONVERSATION = "no_conversation"
    NO_CONSENT = "no_consent"
    DUPLICATE = "duplicate"
    OTHER = "other"
