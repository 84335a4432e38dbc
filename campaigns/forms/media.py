"""Pictures and recordings that questions show and play: files in a client's folder."""

import asyncio
import os
import re
from dataclasses import dataclass
from pathlib import Path

from dialer.errors import Conflict, Invalid, NotFound
from dialer.ids import new_id

#: A picture or a recording for one question, bytes.
FILE_BYTES = 5 * 2**20
#: Files of one client.
MOST_FILES = 500

#: What may be shown or played, by the end of its name.
KINDS = {
    **{"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp"},
    **{"gif": "image/gif", "mp3": "audio/mpeg", "wav": "audio/wav", "ogg": "audio/ogg"},
}
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,120}\.([a-z0-9]{3,4})")
_RIFF = re.compile(rb"RIFF....(WAVE|WEBP)", re.DOTALL)

#: How the files begin. Source: the formats' specifications (PNG 5.2, JFIF, GIF89a, RFC 3533 of Ogg, ID3v2).
_BEGINNINGS = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
    b"OggS": "audio/ogg",
    b"ID3": "audio/mpeg",
    b"\xff\xfb": "audio/mpeg",
    b"\xff\xf3": "audio/mpeg",
    b"\xff\xf2": "audio/mpeg",
}
_RIFF_KINDS = {b"WAVE": "audio/wav", b"WEBP": "image/webp"}


class MediaNotFound(NotFound):
    """The client has no such file."""

    code = "media_not_found"
    message = "There is no such picture or recording."


class BadMedia(Invalid):
    """A file that can be no picture or recording of a question."""

    code = "bad_media"
    message = (
        "This is no picture or recording that browsers show: PNG, JPEG, WebP, GIF, MP3, WAV, Ogg."
    )


class BadMediaName(Invalid):
    """A file whose name no question could say."""

    code = "bad_media_name"
    message = "Name the file with Latin letters, digits, dots, hyphens and underscores, its kind at the end."


class MediaTooLarge(Invalid):
    """A file that is too large for a page."""

    code = "media_too_large"
    message = "A picture or recording may have 5 MB."


class TooManyMedia(Conflict):
    """The client's folder is full."""

    code = "too_many_media"
    message = "There are 500 files already: remove some that no question uses."


@dataclass(frozen=True, slots=True)
class Media:
    """One file."""

    name: str
    kind: str  #: its media type
    size: int  #: bytes


def kind_named(name: str) -> str | None:
    """Return the media type that a file's name says; None: a name that is not allowed."""
    found = _NAME.fullmatch(name)
    return KINDS.get(found.group(1)) if found else None


def kind_in(content: bytes) -> str | None:
    """Return the media type by which content begins; None: none of ours."""
    if riff := _RIFF.match(content):
        return _RIFF_KINDS[riff.group(1)]
    return next((kind for start, kind in _BEGINNINGS.items() if content.startswith(start)), None)


def tidy_name(given: str) -> str:
    """Return a name as questions may say it: no folders, hyphens for spaces, its end in small letters."""
    name = re.sub(r"\s+", "-", given.replace("\\", "/").rpartition("/")[2].strip())
    stem, dot, end = name.rpartition(".")
    return f"{stem}{dot}{end.lower()}"


class MediaFolder:
    """One client's pictures and recordings."""

    def __init__(self, directory: Path) -> None:
        """Keep files in ``directory``, made when the first one comes."""
        self.directory = directory

    def find(self, name: str) -> tuple[Path, str]:
        """Return where a file is, and its media type.

        Raises:
            MediaNotFound: there is none of this name.
        """
        kind = kind_named(name)
        path = self.directory / name
        if kind is None or not path.is_file():
            raise MediaNotFound(name=name[:80])
        return path, kind

    def listed(self) -> list[Media]:
        """Return the files, by name."""
        if not self.directory.is_dir():
            return []
        found = [(path, kind_named(path.name)) for path in sorted(self.directory.iterdir())]
        return [Media(path.name, kind, path.stat().st_size) for path, kind in found if kind]

    async def keep(self, name: str, content: bytes) -> Media:
        """Store a file under its name, whole or not at all; one of the same name is replaced.

        Raises:
            BadMediaName, BadMedia, MediaTooLarge, TooManyMedia: it is not taken.
        """
        name = tidy_name(name)
        kind = kind_named(name)
        if kind is None:
            raise BadMediaName(name=name[:80])
        if len(content) > FILE_BYTES:
            raise MediaTooLarge(limit=FILE_BYTES)
        if kind_in(content) != kind:
            raise BadMedia(name=name)
        await asyncio.to_thread(self._write, name, content)
        return Media(name, kind, len(content))

    def _write(self, name: str, content: bytes) -> None:
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not (self.directory / name).exists() and len(self.listed()) >= MOST_FILES:
            raise TooManyMedia(limit=MOST_FILES)
        part = self.directory / f"{new_id().hex}.part"
        try:
            with part.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            part.replace(self.directory / name)
        finally:
            part.unlink(missing_ok=True)

    def remove(self, name: str) -> None:
        """Delete a file.

        Raises:
            MediaNotFound: there is none of this name.
        """
        self.find(name)[0].unlink(missing_ok=True)
