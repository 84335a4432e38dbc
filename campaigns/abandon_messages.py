"""What a person hears for whom there is no agent, in the person's language: settings, checked, pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, Field

#: Stand for the digits of the number the call shows, and for the key that opts out.
CALLER_ID, OPT_OUT_KEY = "{caller_id}", "{opt_out_key}"

#: For everybody without a message of their own: Asterisk's prompts, the same names in every language.
_SORRY = ("sound:im-sorry", f"digits:{CALLER_ID}")
_PRESS = ("sound:vm-press", f"digits:{OPT_OUT_KEY}", "sound:vm-tocancel")
_GOODBYE = ("sound:vm-goodbye",)
_RECORDED = ("sound:conf-now-recording",)
_REMOVED = ("sound:num-was-successfully", "sound:removed", "sound:vm-goodbye")

_LANGUAGE = re.compile(r"(?:[a-z]{2})?")
#: No comma: Asterisk takes the parts as one comma-separated list.
_NAMED = re.compile(r"(?:sound|recording):/?[A-Za-z0-9_-][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_-][\w.-]*)*")
_DIGITS = re.compile(r"digits:(?:[0-9*#]|\{caller_id\}|\{opt_out_key\})+")


def _checked(messages: dict[str, list[str]]) -> dict[str, list[str]]:
    for language, parts in messages.items():
        if not _LANGUAGE.fullmatch(language):
            raise ValueError(
                f'"{language}" is no language: two small letters, or "" for all others'
            )
        for part in parts:
            if not _NAMED.fullmatch(part) and not _DIGITS.fullmatch(part):
                raise ValueError(
                    f'"{part}" cannot be played: give sound:NAME, recording:NAME or digits:…'
                )
    return messages


#: Media URIs to be played one after the other, by the contact's language; "" is for all others.
Messages = Annotated[
    dict[str, Annotated[list[Annotated[str, Field(max_length=200)]], Field(min_length=1)]],
    AfterValidator(_checked),
]


def mentions_key(messages: Mapping[str, list[str]]) -> bool:
    """Tell whether any message reads out the key that opts out."""
    return any(OPT_OUT_KEY in part for parts in messages.values() for part in parts)


@dataclass(frozen=True, slots=True)
class Listener:
    """Who hears a message, as far as it matters for what is said."""

    language: str | None = None  #: ISO 639-1
    caller_id: str | None = None  #: E.164, as this call shows it
    key: str = ""  #: opts out; "" = none does


def message(messages: Mapping[str, list[str]], listener: Listener) -> str:
    """Return the message as one list of media URIs; "" when nothing is left to play.

    Without a caller ID the parts that name it are left out.
    """
    press = _PRESS if listener.key else ()
    return filled(chosen(messages, listener) or [*_SORRY, *press, *_GOODBYE], listener)


def confirmation(messages: Mapping[str, list[str]], listener: Listener) -> str:
    """Return what is said to a person who pressed the key, as ``message`` does."""
    return filled(chosen(messages, listener) or list(_REMOVED), listener)


def announcement(messages: Mapping[str, list[str]], listener: Listener) -> str:
    """Return what is said about the recording, as ``message`` does."""
    return filled(chosen(messages, listener) or list(_RECORDED), listener)


def chosen(messages: Mapping[str, list[str]], listener: Listener) -> list[str] | None:
    """Return the parts of the listener's language, else of the one for all; None: there are none."""
    return messages.get(listener.language or "") or messages.get("")


def filled(parts: Iterable[str], listener: Listener) -> str:
    """Return the parts as one list of media URIs; those that name an unknown number are left out."""
    shown = (listener.caller_id or "").lstrip("+")
    return ",".join(
        part.replace(CALLER_ID, shown).replace(OPT_OUT_KEY, listener.key)
        for part in parts
        if shown or CALLER_ID not in part
    )
