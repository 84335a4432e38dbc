"""Pictures of pages: compared with those in ``docs/screens``, and kept only when they look different.

Chromium draws the same page the same way, so most pictures have the checksum that their file carries. Where
it differs (another font, another version), both are looked at through frosted glass: what a reader would not
notice does not touch the work tree.
"""

import base64
import hashlib
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from playwright.async_api import Page

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "screens"
#: The chunk of a PNG that says of which picture it was made.
_SOURCE = b"Source\0"
#: Pixels of a square of the frosted glass, and how much one may differ, of 255.
_SQUARE = 12
_SQUARE_DIFFERS = 14.0
#: This many squares together may differ: a line of text that wraps elsewhere has more.
_SQUARES_DIFFER = 12
#: Of a PNG with a palette.
MOST_COLOURS = 256

#: Decodes PNGs, which Chromium can do and our packages cannot.
_PIXELS = """
async (png) => {
  const bytes = Uint8Array.from(atob(png), (one) => one.charCodeAt(0));
  const image = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
  const canvas = new OffscreenCanvas(image.width, image.height);
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const data = context.getImageData(0, 0, image.width, image.height).data;
  let text = "";
  for (let from = 0; from < data.length; from += 32768)
    text += String.fromCharCode.apply(null, data.subarray(from, from + 32768));
  return [image.width, image.height, btoa(text)];
}
"""


def _chunk(name: bytes, body: bytes) -> bytes:
    whole = name + body
    return struct.pack(">I", len(body)) + whole + struct.pack(">I", zlib.crc32(whole))


def with_palette(pixels: np.ndarray, source: str) -> bytes:
    """Return a PNG of at most 256 colours.

    Source: W3C, "Portable Network Graphics (PNG) Specification (Third Edition)", sections 5 and 11.
    """
    height, width, _ = pixels.shape
    wide = pixels.astype(np.uint32)
    packed = wide[:, :, 0] << 16 | wide[:, :, 1] << 8 | wide[:, :, 2]
    found, indexes, counts = np.unique(packed, return_inverse=True, return_counts=True)
    every = np.stack((found >> 16, found >> 8 & 255, found & 255), axis=1).astype(np.int32)
    colours = every[
        np.argsort(-counts, kind="stable")[:MOST_COLOURS]
    ]  # the others: the nearest one
    nearest = np.array([int(((colours - one) ** 2).sum(axis=1).argmin()) for one in every])
    indexes = nearest[indexes]
    rows = np.zeros((height, width + 1), dtype=np.uint8)  # each row begins with its filter: none
    rows[:, 1:] = indexes.reshape(height, width)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            _chunk(b"tEXt", _SOURCE + source.encode()),
            _chunk(b"PLTE", colours.astype(np.uint8).tobytes()),
            _chunk(b"IDAT", zlib.compress(rows.tobytes(), 9)),
            _chunk(b"IEND", b""),
        )
    )


def looks_different(one: np.ndarray, other: np.ndarray) -> bool:
    """Tell whether somebody who looks at both pictures sees a difference."""
    if one.shape != other.shape:
        return True
    differ = np.abs(_frosted(one) - _frosted(other)) > _SQUARE_DIFFERS
    return int(differ.sum()) > _SQUARES_DIFFER


def _frosted(pixels: np.ndarray) -> np.ndarray:
    height, width = (side - side % _SQUARE for side in pixels.shape[:2])
    grey = pixels[:height, :width].mean(axis=2)
    squares = grey.reshape(height // _SQUARE, _SQUARE, width // _SQUARE, _SQUARE)
    return np.asarray(squares.mean(axis=(1, 3)))


@dataclass
class Camera:
    """Takes pictures of one language's pages."""

    language: str
    dark_room: Page  #: an empty page, in which pictures are decoded
    is_taking: bool = False

    async def take(self, page: Page, name: str) -> None:
        """Photograph what a page shows, and keep it if it looks different from what is kept."""
        self.is_taking = True
        shot = await page.screenshot(animations="disabled", caret="hide", scale="css")
        self.is_taking = False
        source = hashlib.sha256(shot).hexdigest()
        path = FOLDER / self.language / f"{name}.png"
        kept = path.read_bytes() if path.is_file() else b""
        if source.encode() in kept[:200]:
            return
        pixels = await self._pixels(shot)
        if kept and not looks_different(pixels, await self._pixels(kept)):
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(with_palette(pixels, source))

    async def _pixels(self, png: bytes) -> np.ndarray:
        found: Any = await self.dark_room.evaluate(_PIXELS, base64.b64encode(png).decode())
        width, height, text = found
        flat = np.frombuffer(base64.b64decode(text), dtype=np.uint8)
        return flat.reshape(height, width, 4)[:, :, :3]
