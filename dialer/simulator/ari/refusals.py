"""How a REST request is answered when it is not done."""

from dialer.simulator.ari.media import Playback


class RestError(Exception):
    """Asterisk says no: an HTTP status and a sentence."""

    def __init__(self, code: int, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(message)


class Waits(Exception):
    """The request has to wait for the end of a prompt, and all behind it on its connection too."""

    def __init__(self, playback: Playback) -> None:
        self.playback = playback
        super().__init__("waits for a playback")
