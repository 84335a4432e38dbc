"""Words of deliveries: what people read instead of codes."""

from api.labels import mark
from campaigns.delivery.deliveries.words import (
    Change,
    DeliveryReason,
    DeliveryState,
    DisputeReason,
    FileFormat,
    FilesGone,
    ScheduleKind,
    TargetKind,
    Verdict,
)

TARGETS = {
    TargetKind.PORTAL: mark("This portal"),
    TargetKind.SFTP: mark("SFTP server"),
    TargetKind.S3: mark("S3 storage"),
    TargetKind.EMAIL: mark("E-mail with a link"),
    TargetKind.WEBHOOK: mark("Signed webhook"),
}

SCHEDULES = {
    ScheduleKind.HOURLY: mark("Every full hour"),
    ScheduleKind.DAILY: mark("Every day at a time"),
    ScheduleKind.AT_END: mark("When the campaign ends"),
    ScheduleKind.ON_QUOTA: mark("When a quota is reached"),
    ScheduleKind.BY_HAND: mark("Only by hand"),
}

FORMATS = {
    FileFormat.RESULTS_CSV.value: mark("Results, CSV"),
    FileFormat.RESULTS_XLSX.value: mark("Results, XLSX"),
    FileFormat.RESULTS_SAV.value: mark("Results, SPSS"),
    FileFormat.RESULTS_PARQUET.value: mark("Results, Parquet"),
    FileFormat.RESULTS_JSONL.value: mark("Results, JSON lines"),
    FileFormat.REFRESH_ZIP.value: mark("The client’s own files, refreshed, ZIP"),
    FileFormat.REFRESH_CSV.value: mark("Refreshed fields, CSV"),
    "changes_csv": mark("Changes since the delivery before, CSV"),
    "manifest": mark("Manifest, JSON"),
}

STATES = {
    DeliveryState.WAITING: mark("Waits to be made"),
    DeliveryState.SENDING: mark("On its way"),
    DeliveryState.DELIVERED: mark("Delivered"),
    DeliveryState.DEAD: mark("Given up"),
}

#: What went wrong, and what would mend it.
REASONS = {
    DeliveryReason.NAME_UNKNOWN: mark("The server's name is unknown: check how it is written."),
    DeliveryReason.UNREACHABLE: mark(
        "The server cannot be reached: check address and port, and its firewall."
    ),
    DeliveryReason.TIMED_OUT: mark("The server did not answer in time."),
    DeliveryReason.TLS_FAILED: mark(
        "No secure connection: the certificate is not valid, or the server speaks without encryption."
    ),
    DeliveryReason.PRIVATE_ADDRESS: mark(
        "The address is in a private network: an administrator must allow it in the installation's settings."
    ),
    DeliveryReason.HOST_KEY_UNKNOWN: mark(
        "Nobody has confirmed the server's key yet: compare it with what its owner says, then trust it."
    ),
    DeliveryReason.HOST_KEY_CHANGED: mark(
        "The server shows another key than the confirmed one: ask its owner before you trust the new one."
    ),
    DeliveryReason.SIGN_IN_REFUSED: mark("The server refuses the user, the password or the key."),
    DeliveryReason.NO_SUCH_PLACE: mark("There is no such folder or bucket on the server."),
    DeliveryReason.NOT_ALLOWED: mark("The user may not write there."),
    DeliveryReason.REFUSED: mark("The other side refused it; its own words stand beside."),
    DeliveryReason.BUSY: mark("The other side is busy and asks to be left alone for a while."),
    DeliveryReason.REDIRECTED: mark(
        "The address leads elsewhere: give the final one, redirects are not followed."
    ),
    DeliveryReason.GONE: mark(
        "The receiver says that it is gone for good: the plan is paused. Give another address and resume it."
    ),
    DeliveryReason.BROKEN_OFF: mark("The connection broke off."),
    DeliveryReason.NO_MAIL_SERVER: mark(
        "No mail server is set up: an administrator sets OUTDIAL_SMTP_URL and OUTDIAL_MAIL_FROM."
    ),
    DeliveryReason.NO_PUBLIC_ADDRESS: mark(
        "Nobody outside could open the link: an administrator sets OUTDIAL_PUBLIC_URL"
        " and OUTDIAL_SECRET_KEYS."
    ),
    DeliveryReason.SECRET_LOST: mark(
        "The stored password or key cannot be read any more: give it again."
    ),
    DeliveryReason.FILE_LOST: mark(
        "A stored file is missing or was changed: send again, and the files are made anew."
    ),
    DeliveryReason.CANNOT_BE_MADE: mark("The files cannot be made; the reason stands beside."),
    DeliveryReason.WORKER_LOST: mark(
        "The program ended several times while it worked on this. It was logged; tell an administrator."
    ),
    DeliveryReason.ERASED: mark(
        "A person in the files was erased, and the files were deleted: the next number takes its place."
    ),
    DeliveryReason.OUR_FAULT: mark("Something is wrong with the program. It was logged."),
}

#: Why files are not kept any more, and what would bring them back.
FILES_GONE = {
    FilesGone.OLD.value: mark("The files were kept as long as the plan says, and are deleted."),
    FilesGone.ERASED.value: mark(
        "A person in these files was erased on request, and the files were deleted."
        " Sent again, they are made without the person."
    ),
}

CHANGES = {
    Change.ADDED: mark("added"),
    Change.CHANGED: mark("changed"),
    Change.REMOVED: mark("taken back"),
}

VERDICTS = {
    Verdict.ACCEPTED: mark("Accepted"),
    Verdict.DISPUTED: mark("Disputed"),
    Verdict.CONCEDED: mark("The call centre agrees"),
    Verdict.DEFENDED: mark("The call centre disagrees"),
}

DISPUTES = {
    DisputeReason.WRONG_PERSON: mark("Another person was talked to"),
    DisputeReason.WRONG_ANSWER: mark("An answer is wrong"),
    DisputeReason.INCOMPLETE: mark("Something is missing"),
    DisputeReason.NO_CONVERSATION: mark("There was no conversation"),
    DisputeReason.NO_CONSENT: mark("The person did not agree"),
    DisputeReason.DUPLICATE: mark("It was delivered before"),
    DisputeReason.OTHER: mark("Something else"),
}

#: Refusals of ``campaigns.delivery.deliveries``.
REFUSALS = (
    mark("There is no such delivery plan."),
    mark("There is no such delivery."),
    mark("The file is not kept any more: ask for the delivery to be sent again."),
    mark(
        "A person in these files was erased on request, and the files were deleted:"
        " ask for the delivery to be sent again, and they are made without the person."
    ),
    mark("Files with this person are being made at this moment: try again in a minute."),
    mark("This link does not open any more: ask for the delivery to be sent again."),
    mark("The delivery plan cannot be used."),
    mark("The campaign has a delivery plan of this name already."),
    mark("The delivery has not arrived yet: wait until it has."),
    mark("The delivery is on its way: it is tried again by itself."),
    mark("This delivery has arrived: send it again instead."),
    mark("This delivery brought no result of this contact."),
    mark("This was accepted already: it cannot be disputed any more."),
    mark(
        "Some results are disputed and not answered yet: the delivery cannot be accepted as a whole."
    ),
    mark("The client does not dispute this result: there is nothing to answer."),
    mark("Only a webhook has a secret that signs."),
    mark("The plan is paused: resume it first."),
    mark("A signing secret is whsec_ and then 24 to 64 bytes in base64."),
    mark("This is no private key, or it has a passphrase: paste one in OpenSSH's format without."),
    mark("This is no host key: paste a line such as ssh-ed25519 AAAA…"),
    mark("Give a password or a private key."),
    mark("Give the secret access key."),
)

#: Actions of the audit log.
ACTIONS = {
    "delivery_plan.made": mark("Delivery plan made"),
    "delivery_plan.changed": mark("Delivery plan changed"),
    "delivery_plan.paused": mark("Delivery plan paused"),
    "delivery_plan.resumed": mark("Delivery plan resumed"),
    "delivery_plan.removed": mark("Delivery plan removed"),
    "delivery_plan.host_key_pinned": mark("Server's key trusted"),
    "delivery_plan.secret_shown": mark("Signing secret looked at"),
    "delivery_plan.secret_replaced": mark("Signing secret replaced"),
    "delivery_plan.old_secret_dropped": mark("Old signing secret dropped"),
    "delivery.ordered": mark("Delivery ordered"),
    "delivery.retried": mark("Delivery tried again"),
    "delivery.downloaded": mark("Delivered file downloaded"),
    "delivery.files_erased": mark("Files of a delivery deleted: a person was erased"),
    "delivery.accepted": mark("Delivery accepted"),
    "result.accepted": mark("Result accepted"),
    "result.disputed": mark("Result disputed"),
    "result.answered": mark("Dispute answered"),
}

#: Fields of the form of a plan, as refusals name them.
FIELDS = {
    "name": mark("Name"),
    "formats": mark("Files"),
    "layout_number": mark("Columns of the results"),
    "at_minute": mark("Time of day"),
    "zone": mark("Time zone"),
    "link_days": mark("Days a link opens"),
    "keep_days": mark("Days files are kept here"),
    "host": mark("Server"),
    "port": mark("Port"),
    "user": mark("User"),
    "directory": mark("Folder"),
    "host_key": mark("Server’s key"),
    "password": mark("Password"),
    "private_key": mark("Private key"),
    "bucket": mark("Bucket"),
    "prefix": mark("Folder in the bucket"),
    "region": mark("Region"),
    "endpoint": mark("Address of the service"),
    "access_key_id": mark("Access key ID"),
    "secret_access_key": mark("Secret access key"),
    "recipients": mark("Recipients"),
    "language": mark("Language of the letter"),
    "url": mark("Address"),
    "signing": mark("Signing secret"),
}
