"""YAML -> form. A small YAML: no anchors, no tags, no ``yes`` that means true, no key twice."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from campaigns.forms.files.faults import Fault, UnreadableForm
from campaigns.forms.form import Form

LARGEST = 5 * 1024 * 1024  #: bytes
DEEPEST = 20
#: Numbers of YAML 1.2's core schema, but for those that 1.1 reads otherwise (0o7, 1e3, .5).
_INT = re.compile(r"-?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+")
_WORDS = {"true": True, "false": False, "null": None, "": None, "~": None}

_M = TypeVar("_M", bound=BaseModel)

Places = dict[tuple[str | int, ...], int]


def read_yaml(text: str | bytes) -> Form:
    """Return the form that a YAML file says.

    Raises:
        UnreadableForm: it is no YAML, or no form; each fault has its line.
    """
    return read_as(text, Form)


def read_as(text: str | bytes, model: type[_M]) -> _M:
    """Return what a YAML file says, as a model of another kind of file.

    Raises:
        UnreadableForm: it is no YAML, or not what the model wants; each fault has its line.
    """
    raw, places = read_raw(text)
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        raise UnreadableForm([_fault(found, places) for found in error.errors()]) from error


def read_raw(text: str | bytes) -> tuple[Any, Places]:
    """Return what a YAML file says, and the line of each of its places.

    Raises:
        UnreadableForm: it is no YAML of ours.
    """
    if len(text) > LARGEST:
        raise UnreadableForm([Fault("", f"The file is larger than {LARGEST // 2**20} MB.")])
    places: Places = {}
    try:
        # Anchors first: a few hundred bytes of them can stand for gigabytes.
        _refuse_anchors(yaml.parse(text, yaml.SafeLoader))
        node = yaml.compose(text, yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"line {mark.line + 1}" if mark else ""
        sentence = f"This is no YAML: {error.problem or error.context}."
        raise UnreadableForm([Fault(place, sentence)]) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UnreadableForm([Fault("", "This is no YAML text in UTF-8.")]) from error
    return _built(node, (), places), places


def _refuse_anchors(events: Iterator[yaml.Event]) -> None:
    depth = 0
    for event in events:
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _at(line, "Anchors and aliases (& and *) are not read: write it out.")
        if getattr(event, "tag", None) is not None:
            raise _at(line, "Tags (!) are not read: leave it out.")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST:
            raise _at(line, f"Deeper than {DEEPEST} levels.")


def _at(line: int, sentence: str) -> UnreadableForm:
    return UnreadableForm([Fault(f"line {line}", sentence)])


def _built(node: yaml.Node | None, path: tuple[str | int, ...], places: Places) -> Any:
    if node is None:
        raise UnreadableForm([Fault("", "The file is empty.")])
    places[path] = node.start_mark.line + 1
    match node:
        case yaml.MappingNode(value=pairs):
            return _mapping(pairs, path, places)
        case yaml.SequenceNode(value=items):
            return [_built(item, (*path, number), places) for number, item in enumerate(items)]
        case yaml.ScalarNode():
            return _scalar(node)
        case _:
            raise _at(node.start_mark.line + 1, "This cannot be read.")


def _mapping(
    pairs: Sequence[tuple[yaml.Node, yaml.Node]], path: tuple[str | int, ...], places: Places
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            raise _at(line, "A key must be a word.")
        if key.value in found:
            raise _at(line, f"{key.value} is there twice.")
        found[key.value] = _built(value, (*path, key.value), places)
        places[(*path, key.value)] = line
    return found


def _scalar(node: yaml.ScalarNode) -> object:
    text: str = node.value
    if node.style is not None:  # quoted, or a block of text
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text) and len(text) < 30:
        return int(text)
    return Decimal(text) if _FLOAT.fullmatch(text) else text


def _fault(found: Any, places: Places) -> Fault:
    """Return a fault with its line: the names of the kinds of questions are no part of the path."""
    path: tuple[str | int, ...] = ()
    for part in found["loc"]:
        if (*path, part) in places:
            path = (*path, part)
    last = found["loc"][-1] if found["loc"] else ""
    said = found["msg"].removeprefix("Value error, ")
    sentence = f"{last}: {said}." if last != "" else f"{said}."
    return Fault(f"line {places.get(path, 1)}", sentence)
