"""What can go wrong between us and Asterisk."""

from dialer.errors import ConfigurationError, Unavailable


class AriUnavailable(Unavailable):
    """Asterisk is away, or the connection broke while the request was under way."""

    code = "asterisk_away"
    message = "Asterisk is away: no connection to its REST interface."


class AriTimeout(AriUnavailable):
    """Asterisk did not answer a request in time; whether it acted is not known."""

    code = "asterisk_timeout"
    message = "Asterisk did not answer in time."


class AriOverloaded(AriUnavailable):
    """Too many requests wait for their answers: sending more would only make it worse."""

    code = "asterisk_overloaded"
    message = "Too many requests to Asterisk are under way."


class AriRefused(Unavailable):
    """Asterisk answered a request with an error."""

    code = "asterisk_refused"
    message = "Asterisk refused the request."

    def __init__(self, detail: str = "", *, http_code: int, request: str) -> None:
        """Keep the HTTP code and the request (without its parameters)."""
        super().__init__(detail or f"{request}: {http_code}", http_code=http_code, request=request)
        self.http_code = http_code

    @property
    def is_gone(self) -> bool:
        """Tell whether the thing addressed does not exist any more."""
        return self.http_code == 404


class AriWrongPassword(ConfigurationError):
    """Asterisk does not accept our user and password."""

    code = "asterisk_wrong_password"
    message = (
        "Asterisk refused the user or the password of its REST interface: "
        "compare OUTDIAL_ARI_USER and OUTDIAL_ARI_PASSWORD with ari.conf."
    )
