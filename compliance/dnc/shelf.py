"""The lists a process has in memory: loaded off the event loop, swapped in one step."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from compliance.dnc.bitmaps import LoadedList, read_version
from compliance.dnc.errors import DncDamaged, DncMissing
from compliance.dnc.versions import DncVersionRef


@dataclass(frozen=True, slots=True)
class ShelfChange:
    """What a ``sync`` did."""

    loaded: frozenset[str] = frozenset()  #: list ids that have a new version now
    dropped: frozenset[str] = frozenset()  #: list ids that are not wanted any more
    failed: Mapping[str, DncDamaged | DncMissing] = field(default_factory=dict)


class DncShelf:
    """Every list that is wanted, by its id. One per process."""

    def __init__(self, directory: Path) -> None:
        """Take versions from ``directory`` or its subdirectories."""
        self._directory = directory
        self._lists: dict[str, LoadedList] = {}
        self._one_at_a_time = asyncio.Lock()

    def get(self, list_id: str) -> LoadedList | None:
        """Return a list, or None if it is not loaded: the caller must then refuse the call.

        A caller that looks up several numbers keeps the object: it does not change under its hands.
        """
        return self._lists.get(list_id)

    async def sync(
        self, wanted: Mapping[str, DncVersionRef], *, keep_others: bool = False
    ) -> ShelfChange:
        """Load what is wanted and not here, and drop what is not wanted unless others may want it.

        A list whose new version cannot be read keeps its old one, which goes on ageing: freshness
        blocks its calls when it gets too old. Lists of the same content are loaded once.
        """
        async with self._one_at_a_time:
            loaded: dict[str, LoadedList] = {}
            failed: dict[str, DncDamaged | DncMissing] = {}
            for list_id, ref in wanted.items():
                if self._has(list_id, ref):
                    continue
                try:
                    loaded[list_id] = self._same(ref, loaded) or await self._load(ref)
                except (DncDamaged, DncMissing) as error:
                    failed[list_id] = error
            unwanted = frozenset(self._lists.keys() - wanted.keys())
            dropped = frozenset[str]() if keep_others else unwanted
            kept = {name: held for name, held in self._lists.items() if name not in dropped}
            former, self._lists = self._lists, {**kept, **loaded}
            # Letting go of hundreds of megabytes takes a while too: not on the loop.
            last = [former.pop(name) for name in dropped | loaded.keys() if name in former]
            former.clear()
            kept.clear()
            await asyncio.to_thread(last.clear)
            return ShelfChange(frozenset(loaded), dropped, failed)

    def _has(self, list_id: str, ref: DncVersionRef) -> bool:
        held = self._lists.get(list_id)
        return held is not None and _is(held, ref)

    def _same(self, ref: DncVersionRef, loaded: Mapping[str, LoadedList]) -> LoadedList | None:
        held = (*self._lists.values(), *loaded.values())
        return next((one for one in held if _is(one, ref)), None)

    async def _load(self, ref: DncVersionRef) -> LoadedList:
        path = (self._directory / ref.file).resolve()
        if not path.is_relative_to(self._directory.resolve()):
            raise DncMissing(file=ref.file)
        return await asyncio.to_thread(read_version, path, sha256=ref.sha256)


def _is(held: LoadedList, ref: DncVersionRef) -> bool:
    """The name has the instant, the digest the content; the directory does not matter."""
    version = held.version
    return version.sha256 == ref.sha256 and version.file == Path(ref.file).name
