"""The error tree: every failure a person may meet has a code, a sentence and facts.

Raised where the situation is known, mapped at the edge: the API answers with an RFC 9457 problem, the
command line prints the sentence, a job retries what is ``Unavailable`` and stops on the rest.
"""

from typing import ClassVar


class OutdialError(Exception):
    """The root. ``facts`` say what exactly was wrong; they never hold a full phone number."""

    code: ClassVar[str] = "error"
    message: ClassVar[str] = "Something went wrong."

    def __init__(self, detail: str = "", **facts: object) -> None:
        """Keep the situation: ``detail`` is a sentence for people, ``facts`` are for programs."""
        self.detail = detail or self.message
        self.facts = facts
        super().__init__(self.detail)


class NotFound(OutdialError):
    """What was asked for does not exist, or belongs to another client."""

    code = "not_found"
    message = "There is no such thing here."


class Invalid(OutdialError):
    """The input cannot be used as it is."""

    code = "invalid"
    message = "The input cannot be used."


class Conflict(OutdialError):
    """The thing is not in a state in which this can be done."""

    code = "conflict"
    message = "This cannot be done now."


class Forbidden(OutdialError):
    """The user may not do this."""

    code = "forbidden"
    message = "You may not do this."


class Unauthenticated(OutdialError):
    """Nobody knows who is asking."""

    code = "unauthenticated"
    message = "Sign in first: the token is missing or not valid."


class Unavailable(OutdialError):
    """A part we need is away; the same call may work later."""

    code = "unavailable"
    message = "A service is away; try again."


class ConfigurationError(OutdialError):
    """The installation is set up wrongly; nothing can work until a person mends it."""

    code = "configuration"
    message = "The configuration is not usable."
