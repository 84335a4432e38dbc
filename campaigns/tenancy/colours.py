"""Colours of a client's look: read, measured against our surfaces, made lighter for dark pages."""

import re
from dataclasses import dataclass

from dialer.errors import Invalid

#: Text and its surface. Source: WCAG 2.2, success criterion 1.4.3, level AA.
LEAST_CONTRAST = 4.5

#: Surfaces on which links and buttons of the accent colour stand; ``app.css`` has the same.
LIGHT_SURFACES = ("#ffffff", "#f4f6f9")
DARK_SURFACES = ("#191f29", "#10141b")
#: What is written on a button of the accent colour: the better of the two.
_ON_ACCENT = ("#ffffff", "#0b1220")

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
#: A colour becomes lighter in steps of this part of the way to white.
_STEP = 0.05


class BadColour(Invalid):
    """What was given is no colour."""

    code = "bad_colour"
    message = "A colour is written as # and six digits, such as #175cd3."


class TooLittleContrast(Invalid):
    """Links and buttons of the colour could not be read by everybody."""

    code = "too_little_contrast"
    message = "This colour is too light to be read on white: choose a darker one (contrast 4.5:1)."


class TooLittleContrastInDark(Invalid):
    """The same on dark pages."""

    code = "too_little_contrast_in_dark"
    message = (
        "This colour is too dark to be read on dark pages: choose a lighter one (contrast 4.5:1)."
    )


@dataclass(frozen=True, slots=True)
class Accent:
    """The colour of links and buttons, and of what is written on a button."""

    colour: str
    on_it: str


def checked(colour: str) -> str:
    """Return a colour as ``#rrggbb`` in small letters.

    Raises:
        BadColour: it is none.
    """
    colour = colour.strip().lower()
    if _COLOUR.fullmatch(colour) is None:
        raise BadColour
    return colour


def luminance(colour: str) -> float:
    """Return the relative luminance, 0 (black) to 1 (white). Source: WCAG 2.2, "relative luminance"."""
    parts = []
    for at in (1, 3, 5):
        part = int(colour[at : at + 2], 16) / 255
        parts.append(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21. Source: WCAG 2.2, "contrast ratio"."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def is_legible(colour: str, surfaces: tuple[str, ...]) -> bool:
    """Tell whether text of the colour can be read on all of the surfaces."""
    return all(contrast(colour, surface) >= LEAST_CONTRAST for surface in surfaces)


def accent_of(colour: str) -> Accent:
    """Return a colour with that of the words on it: black or white, whichever is read better."""
    return Accent(colour, max(_ON_ACCENT, key=lambda on: contrast(on, colour)))


def require_legible(light: str, dark: str) -> None:
    """Refuse colours that people could not read.

    Raises:
        TooLittleContrast: ``light``, the colour on light pages.
        TooLittleContrastInDark: ``dark``, the one on dark pages.
    """
    if not is_legible(light, LIGHT_SURFACES):
        raise TooLittleContrast(contrast=round(contrast(light, LIGHT_SURFACES[0]), 2))
    if not is_legible(dark, DARK_SURFACES):
        raise TooLittleContrastInDark(contrast=round(contrast(dark, DARK_SURFACES[0]), 2))


def for_dark_pages(colour: str) -> str:
    """Return the colour made so much lighter that it can be read on dark pages."""
    parts = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    for step in range(round(1 / _STEP) + 1):
        share = step * _STEP
        lighter = "#" + "".join(f"{round(part + (255 - part) * share):02x}" for part in parts)
        if is_legible(lighter, DARK_SURFACES):
            return lighter
    return "#ffffff"
