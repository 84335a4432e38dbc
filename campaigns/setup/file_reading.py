"""YAML -> campaign file. Every fault has its line, and a name nobody knows the nearest one that is."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError

from campaigns.amd.settings import AmdSettings
from campaigns.desk.settings import DeskSettings
from campaigns.forms.files.faults import Fault, UnreadableForm
from campaigns.forms.files.yaml_reading import Places, read_raw
from campaigns.retries import RetryRule
from campaigns.selection import Selection
from campaigns.settings import CampaignSettings
from campaigns.setup.file_shape import CampaignFile, DispositionLine
from dialer.errors import Invalid

Path = tuple[str | int, ...]

#: Whose names are known where.
_SHAPES: Mapping[tuple[str, ...], type[BaseModel]] = {
    (): CampaignFile,
    ("settings",): CampaignSettings,
    ("settings", "selection"): Selection,
    ("settings", "amd"): AmdSettings,
    ("settings", "desk"): DeskSettings,
    ("dispositions", "*"): DispositionLine,
    ("retry", "*"): RetryRule,
    ("settings", "retry", "*"): RetryRule,
}


class BadCampaignFile(Invalid):
    """The file says no campaign; ``facts["faults"]`` lists what is wrong, each with its line."""

    code = "bad_campaign_file"
    message = "This file cannot be read as a campaign."

    def __init__(self, faults: Iterable[Fault]) -> None:
        """Keep the faults; the sentence tells them."""
        told = [str(fault) for fault in faults]
        super().__init__(" ".join(told[:20]) or self.message, faults=told)


class ReadFile:
    """A campaign file and the lines of its parts."""

    def __init__(self, said: CampaignFile, places: Places) -> None:
        """Keep what the file says."""
        self.said = said
        self._places = places

    def fault(self, path: Path, sentence: str) -> Fault:
        """Return a fault with the line of the nearest part that the file has."""
        while path and path not in self._places:
            path = path[:-1]
        return Fault(f"line {self._places.get(path, 1)}", sentence)

    def settings_faults(self, problems: Iterable[str]) -> list[Fault]:
        """Return what is wrong with settings (``name.name: sentence``), each with its line."""
        found = []
        for problem in problems:
            where, _, said = problem.partition(": ")
            path: Path = tuple(int(part) if part.isdigit() else part for part in where.split("."))
            at_top = path if path in self._places else ("settings", *path)
            found.append(self.fault(at_top, f"{where}: {said or problem}."))
        return found


def read_campaign(text: str | bytes) -> ReadFile:
    """Return what a YAML file says of a campaign.

    Raises:
        BadCampaignFile: it is no YAML, or no campaign; each fault has its line.
    """
    try:
        raw, places = read_raw(text)
    except UnreadableForm as error:
        raise BadCampaignFile(error.faults) from error
    if not isinstance(raw, dict):
        raise BadCampaignFile([Fault("line 1", "A campaign's file begins with `campaign: NAME`.")])
    unknown = list(_unknown(raw, (), places))
    if unknown:
        raise BadCampaignFile(unknown)
    try:
        said = CampaignFile.model_validate(raw)
    except ValidationError as error:
        empty = ReadFile(CampaignFile(campaign="?"), places)
        faults = [_fault(empty, found) for found in error.errors()]
        raise BadCampaignFile(faults) from error
    return ReadFile(said, places)


def _fault(read: ReadFile, found: Any) -> Fault:
    path = tuple(found["loc"])
    name = f"{path[-1]}: " if path else ""
    return read.fault(path, f"{name}{found['msg'].removeprefix('Value error, ')}.")


def _unknown(raw: Any, path: Path, places: Places) -> Iterable[Fault]:
    """Yield the names that nobody knows, each with the nearest one that somebody does."""
    if isinstance(raw, list):
        for number, item in enumerate(raw):
            yield from _unknown(item, (*path, number), places)
    if not isinstance(raw, dict):
        return
    shape = _shape(path)
    for name, value in raw.items():
        if shape is not None and name not in shape.model_fields:
            near = get_close_matches(name, shape.model_fields, n=1, cutoff=0.5)
            hint = f": did you mean {near[0]}?" if near else "."
            yield Fault(
                f"line {places.get((*path, name), 1)}", f"Nothing is called {name!r} here{hint}"
            )
        else:
            yield from _unknown(value, (*path, name), places)


def _shape(path: Path) -> type[BaseModel] | None:
    known = tuple(str(part) for part in path)
    starred = (*known[:-1], "*") if known else known
    return _SHAPES.get(known) or _SHAPES.get(starred)
