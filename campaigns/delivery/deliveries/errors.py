"""What deliveries refuse, each with what would mend it."""

from dialer.errors import Conflict, Invalid, NotFound


class PlanNotFound(NotFound):
    """No delivery plan of this client has the id."""

    code = "delivery_plan_not_found"
    message = "There is no such delivery plan."


class DeliveryNotFound(NotFound):
    """No delivery of this client has the id."""

    code = "delivery_not_found"
    message = "There is no such delivery."


class FileGone(NotFound):
    """A delivery's file is not kept any more."""

    code = "delivery_file_gone"
    message = "The file is not kept any more: ask for the delivery to be sent again."


class FileErased(FileGone):
    """A person in a delivery's files was erased."""

    code = "delivery_file_erased"
    message = (
        "A person in these files was erased on request, and the files were deleted:"
        " ask for the delivery to be sent again, and they are made without the person."
    )


class FilesBeingMade(Conflict):
    """Files with the person are being made."""

    code = "files_being_made"
    message = "Files with this person are being made at this moment: try again in a minute."


class LinkEnded(NotFound):
    """A link of a letter or webhook does not open any more."""

    code = "delivery_link_ended"
    message = "This link does not open any more: ask for the delivery to be sent again."


class BadPlan(Invalid):
    """A plan breaks a rule; ``detail`` names each field."""

    code = "bad_delivery_plan"
    message = "The delivery plan cannot be used."


class PlanNameTaken(Conflict):
    """The campaign has another plan of this name."""

    code = "delivery_plan_name_taken"
    message = "The campaign has a delivery plan of this name already."


class NotDelivered(Conflict):
    """The delivery has not arrived yet."""

    code = "not_delivered"
    message = "The delivery has not arrived yet: wait until it has."


class StillGoing(Conflict):
    """The delivery is on its way."""

    code = "still_going"
    message = "The delivery is on its way: it is tried again by itself."


class ResultNotDelivered(NotFound):
    """The delivery brought no result of this contact."""

    code = "result_not_delivered"
    message = "This delivery brought no result of this contact."


class AlreadyAccepted(Conflict):
    """The client accepted the result or the delivery."""

    code = "already_accepted"
    message = "This was accepted already: it cannot be disputed any more."


class OpenDisputes(Conflict):
    """Disputes of the delivery wait for an answer."""

    code = "open_disputes"
    message = "Some results are disputed and not answered yet: the delivery cannot be accepted as a whole."


class NotDisputed(Conflict):
    """There is nothing to answer."""

    code = "not_disputed"
    message = "The client does not dispute this result: there is nothing to answer."


class NoSigningSecret(Conflict):
    """Only webhooks have secrets that sign."""

    code = "no_signing_secret"
    message = "Only a webhook has a secret that signs."


class PlanPaused(Conflict):
    """A paused plan sends nothing."""

    code = "delivery_plan_paused"
    message = "The plan is paused: resume it first."
