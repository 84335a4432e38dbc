"""Colours of charts keep their contrast, in the light and in the dark (WCAG 2.2, 1.4.3 and 1.4.11)."""

import re
from pathlib import Path

import pytest

_STATIC = Path(__file__).parents[3] / "api" / "static"


def _colours(light: bool) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in ("app.css", "reports.css"):
        text = (_STATIC / name).read_text(encoding="utf-8")
        dark = "".join(re.findall(r"prefers-color-scheme: dark\) \{\s*:root \{(.*?)\}", text, re.S))
        bright = re.sub(r"@media \(prefers-color-scheme: dark\) \{.*?\n\}", "", text, flags=re.S)
        for part in (bright,) if light else (bright, dark):
            found |= dict(re.findall(r"(--[a-z0-9-]+): (#[0-9a-f]{3,6})", part))
    return found


def _light_of(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = digits if len(digits) == 6 else "".join(one * 2 for one in digits)
    parts = [int(digits[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_light_of(one), _light_of(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("light", [True, False])
def test_figures_are_read_on_every_shade_and_shapes_are_seen_on_their_ground(light: bool) -> None:
    colours = _colours(light)
    for n in range(1, 8):
        on = colours["--on-light" if n <= 4 else "--on-strong"]
        assert _contrast(colours[f"--shade-{n}"], on) >= 4.5, n
    for name in (
        "on-call",
        "wrap-up",
        "ready",
        "pause",
        "other",
        "accent",
        "bad",
        "steady",
        "text",
    ):
        assert _contrast(colours[f"--{name}"], colours["--surface"]) >= 3, name
    for name in ("quiet", "text"):
        assert _contrast(colours[f"--{name}"], colours["--surface"]) >= 4.5, name


@pytest.mark.parametrize("light", [True, False])
def test_shades_grow_in_one_direction(light: bool) -> None:
    colours = _colours(light)
    lights = [_light_of(colours[f"--shade-{n}"]) for n in range(1, 8)]
    assert lights == sorted(lights, reverse=light)
