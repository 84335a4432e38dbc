"""Texts in several languages, and the templates in them: ``{{ contact.name or "you" }}``."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

#: The language of a text that is given without one: the form's first.
ANY = ""
LONGEST_TEXT = 5_000

_SLOT = re.compile(r"\{\{\s*(contact|answers)\.(\w+)(?:\.(\w+))?(?:\s+or\s+\"([^\"{}]*)\")?\s*\}\}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True)
class Text:
    """The same words in one or more languages; immutable and comparable."""

    by_language: tuple[tuple[str, str], ...] = ()

    def __bool__(self) -> bool:
        """Return whether anything is said in any language."""
        return any(text for _, text in self.by_language)

    def languages(self) -> frozenset[str]:
        """Return the languages in which something is said."""
        return frozenset(language for language, text in self.by_language if text.strip())

    def within(self, language: str) -> str:
        """Return the words in ``language``, else those for any, else the first ones."""
        said = dict(self.by_language)
        for wanted in (language, ANY):
            if said.get(wanted):
                return said[wanted]
        return next((text for _, text in self.by_language if text), "")

    def plain(self) -> str | dict[str, str]:
        """Return what a file says: a string without languages, or a mapping."""
        said = dict(self.by_language)
        return said[ANY] if set(said) == {ANY} else said

    @classmethod
    def read(cls, raw: object) -> "Text":
        """Return the text that ``raw``, a string or a mapping of languages, says.

        Raises:
            ValueError: it is neither, a language is no language, or it is too long.
        """
        if isinstance(raw, Text):
            return raw
        if isinstance(raw, str):
            raw = {ANY: raw} if raw else {}
        if not isinstance(raw, dict):
            raise ValueError("a text, or one for each language, is wanted")  # noqa: TRY004 - pydantic's way
        for language, text in raw.items():
            if language != ANY and not _LANGUAGE.fullmatch(str(language)):
                raise ValueError(f"{language!r} is no language code such as en or pt-BR")
            if not isinstance(text, str) or len(text) > LONGEST_TEXT:
                raise ValueError(f"a text of at most {LONGEST_TEXT} characters is wanted")
            if "\0" in text:
                raise ValueError("a text cannot hold a null character")
        return cls(tuple(sorted((str(language), text) for language, text in raw.items())))

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Tell OpenAPI what a text is."""
        del schema, handler
        words = {"type": "string"}
        return {"anyOf": [words, {"type": "object", "additionalProperties": words}]}

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Tell pydantic how a text is read and written."""
        del source, handler
        return core_schema.no_info_plain_validator_function(
            cls.read,
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda text: text.plain(), when_used="always"
            ),
        )


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in a text that a value is put into."""

    source: str  #: contact or answers
    name: str  #: the contact's field, or the question's code
    part: str = ""  #: a row of a matrix, a part of an address
    fallback: str = ""  #: said when there is no value


@dataclass(frozen=True, slots=True)
class BadTemplate(ValueError):
    """Braces in a text that are no slot; ``braces`` is the piece that cannot be read."""

    braces: str

    def __str__(self) -> str:
        """Return what is wrong, for people."""
        return f"{self.braces!r} cannot be read"


def pieces(template: str) -> Iterator[str | Slot]:
    """Yield the words and the slots of a template in order; what is no slot stays words.

    Only the author's text is read so. A value that is put in is never read again.
    """
    at = 0
    for found in _SLOT.finditer(template):
        if found.start() > at:
            yield template[at : found.start()]
        source, name, part, fallback = found.groups()
        yield Slot(source, name, part or "", fallback or "")
        at = found.end()
    if at < len(template):
        yield template[at:]


def slots(template: str) -> list[Slot]:
    """Return the slots of a template.

    Raises:
        BadTemplate: it has braces that are no slot.
    """
    found: list[Slot] = []
    for piece in pieces(template):
        if isinstance(piece, Slot):
            found.append(piece)
        elif "{{" in piece or "}}" in piece:
            raise BadTemplate(piece[piece.find("{{") if "{{" in piece else 0 :][:60])
    return found
