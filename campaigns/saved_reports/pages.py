"""Pages of a PDF: letters of Latin, Cyrillic and Greek, numbers below, a title above."""

from collections.abc import Sequence
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import XPos, YPos

_FONTS = Path(__file__).with_name("fonts")
FONT = "DejaVu"
GREY = (90, 98, 112)
SHADE = (238, 241, 246)
RULE = (217, 222, 231)


class Pages(FPDF):
    """Pages with their number below."""

    def footer(self) -> None:
        """Write the page's number."""
        self.set_y(-12)
        self.set_font(FONT, size=8)
        self.set_text_color(*GREY)
        self.cell(0, 6, f"{self.page_no()} / {{nb}}", align="R")

    def line_of(self, text: str, height: float) -> None:
        """Write a text over the whole width; it is never read as anything but text."""
        self.multi_cell(0, height, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def begin(title: str, notes: Sequence[str]) -> Pages:
    """Return the first page with a title and what is said below it."""
    pages = Pages(orientation="landscape", format="A4")
    pages.add_font(FONT, fname=_FONTS / "DejaVuSansCondensed.ttf")
    pages.add_font(FONT, style="B", fname=_FONTS / "DejaVuSansCondensed-Bold.ttf")
    pages.set_title(title)
    pages.set_creator("Outdial")
    pages.set_auto_page_break(auto=True, margin=15)
    pages.set_draw_color(*RULE)
    pages.add_page()
    pages.set_font(FONT, "B", 16)
    pages.line_of(title, 9)
    pages.set_font(FONT, size=9)
    pages.set_text_color(*GREY)
    for note in notes:
        pages.line_of(note, 5)
    pages.set_text_color(0, 0, 0)
    return pages
