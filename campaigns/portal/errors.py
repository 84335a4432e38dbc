"""What the portal refuses, and why."""

from dialer.errors import Conflict, Invalid, NotFound


class RequestNotFound(NotFound):
    """The client has no such request."""

    code = "request_not_found"
    message = "There is no such request."


class RequestClosed(Conflict):
    """It was worked on already."""

    code = "request_closed"
    message = "This request was closed already."


class NobodyNamed(Invalid):
    """A request is about somebody."""

    code = "nobody_named"
    message = "Name the person: a phone number with its country code, or your own key."


class TooManyPeople(Invalid):
    """A request is looked at person by person."""

    code = "too_many_people"
    message = "At most 100 numbers at once: send them in parts."


class AnswerMissing(Invalid):
    """Who refuses says why."""

    code = "answer_missing"
    message = "Say why: the client reads it."


class UploadNotFound(NotFound):
    """The client's users sent no such file."""

    code = "upload_not_found"
    message = "There is no such file."


class UploadHandedOver(Conflict):
    """The call centre looks at the file: it must not change meanwhile."""

    code = "upload_handed_over"
    message = "The call centre has this file: it cannot be changed any more."


class UploadNotHandedOver(Conflict):
    """There is nothing to send back."""

    code = "upload_not_handed_over"
    message = "The client has not handed this file over, or it was imported."


class NothingToDraw(Conflict):
    """There are no results."""

    code = "nothing_to_draw"
    message = "There are no results yet: nothing can be drawn."


class TooManyOpen(Conflict):
    """Nobody checks so many at once."""

    code = "too_many_open_samples"
    message = "Twenty samples of this campaign are open: finish some before you draw another."


class SampleNotFound(NotFound):
    """The client has no such sample, or it has no such result."""

    code = "sample_not_found"
    message = "There is no such sample."


class SampleFinished(Conflict):
    """Its result stands."""

    code = "sample_finished"
    message = "This check is finished: draw another sample to go on."


class SampleNotJudged(Conflict):
    """Some results were not judged, or a dispute waits for its answer."""

    code = "sample_not_judged"
    message = "Accept or dispute every result first; disputes must be answered."


class FileNotYours(NotFound):
    """The file was ordered by the call centre for itself."""

    code = "file_not_found"
    message = "There is no such file."


class NamesNotYours(Invalid):
    """Operators' names are the call centre's to give."""

    code = "names_not_yours"
    message = "Operators' names are given by the call centre alone: ask there."


class RecordingsNotShown(NotFound):
    """The call centre shows the client no recordings."""

    code = "recordings_not_shown"
    message = "Recordings are not shown here. Ask the call centre if you need them."
