"""Colours of a client's look are measured as WCAG does it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.tenancy import colours
from campaigns.tenancy.colours import (
    DARK_SURFACES,
    LIGHT_SURFACES,
    BadColour,
    TooLittleContrast,
    TooLittleContrastInDark,
)

any_colour = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}")


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        ("#767676", "#ffffff", 4.54),  # the lightest grey that passes, as every checker says
        ("#777777", "#ffffff", 4.48),
    ],
)
def test_contrast_is_what_checkers_say(one: str, other: str, ratio: float) -> None:
    assert colours.contrast(one, other) == pytest.approx(ratio, abs=0.02)
    assert colours.contrast(other, one) == colours.contrast(one, other)


@given(any_colour)
def test_a_colour_is_always_found_for_dark_pages_and_words_can_be_read_on_it(colour: str) -> None:
    lighter = colours.for_dark_pages(colour)
    assert colours.is_legible(lighter, DARK_SURFACES)
    accent = colours.accent_of(lighter)
    assert colours.contrast(accent.on_it, lighter) >= colours.LEAST_CONTRAST
    if colours.is_legible(colour, LIGHT_SURFACES):  # else it is refused
        assert colours.contrast(colours.accent_of(colour).on_it, colour) >= colours.LEAST_CONTRAST


def test_what_nobody_could_read_is_refused() -> None:
    colours.require_legible("#175cd3", "#84adff")
    with pytest.raises(TooLittleContrast):
        colours.require_legible("#ffcc00", "#ffcc00")
    with pytest.raises(TooLittleContrastInDark):
        colours.require_legible("#175cd3", "#175cd3")
    for odd in ("red", "#fff", "#12345g", "#175cd3; } body { display: none", ""):
        with pytest.raises(BadColour):
            colours.checked(odd)
