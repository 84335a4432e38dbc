"""A decision of the pacing as sentences, in the viewer's language."""

from collections.abc import Callable

from api import labels
from api.pacing_figures import Second
from api.templating import environment_of, translate
from dialer.pacing.facts import Limit

#: Calls were placed up to these limits because their own risk allowed it.
_BY_RISK = frozenset({Limit.RISK, Limit.RATIO, Limit.CHANNELS, Limit.RATE, Limit.LEADS})
_LIMITS = {limit.value: limit for limit in Limit}


def decision_words(language: str, second: Second) -> list[str]:
    """Return what was done in a second and why, as sentences."""
    speech = _Speech(language)
    limit = _LIMITS.get(second.limit)
    parts = [*_done(speech, second), *_expected(speech, second)]
    if limit in _BY_RISK:
        parts += _risk(speech, second)
    if limit is not None and limit is not Limit.RISK:
        parts.append(speech.say(labels.PACING_LIMITS[limit]))
    return parts


def note_words(language: str, second: Second) -> str:
    """Return what the pacing finds odd, as a sentence; empty: nothing. A strange code stays."""
    return translate(language, labels.PACING_NOTES.get(second.note, second.note))


class _Speech:
    """Sentences and figures of one language."""

    def __init__(self, language: str) -> None:
        formats = environment_of(language).filters
        self._language = language
        self.number: Callable[..., str] = formats["number"]
        self.percent: Callable[..., str] = formats["percent"]

    def say(self, message: str, **values: str) -> str:
        text = translate(self._language, message)
        return text % values if values else text


def _done(speech: _Speech, second: Second) -> list[str]:
    placed = speech.number(second.placed)
    parts = [
        speech.say(labels.mark("Calls placed: %(placed)s."), placed=placed)
        if second.placed
        else speech.say(labels.mark("No call placed."))
    ]
    if second.cancelled:
        given_up = speech.number(second.cancelled)
        parts.append(speech.say(labels.mark("Ringing calls given up: %(calls)s."), calls=given_up))
    return parts


def _expected(speech: _Speech, second: Second) -> list[str]:
    free = speech.number(second.ready)
    if second.expected_free is None:
        return [speech.say(labels.mark("Agents free: %(free)s."), free=free)]
    soon = speech.number(max(0.0, second.expected_free), 1)
    message = labels.mark("Agents free: %(free)s; expected within a ring's time: %(soon)s.")
    return [speech.say(message, free=free, soon=soon)]


def _risk(speech: _Speech, second: Second) -> list[str]:
    if second.risk is None or second.threshold is None:
        return []
    figures = {
        "risk": speech.percent(second.risk, 1),
        "allowed": speech.percent(second.threshold, 1),
    }
    if second.placed:
        message = labels.mark(
            "The last one's risk of finding nobody free is %(risk)s; %(allowed)s is allowed."
        )
    else:
        message = labels.mark(
            "The next one's risk of finding nobody free would be %(risk)s; %(allowed)s is allowed."
        )
    return [speech.say(message, **figures)]
