"""A drawing: shapes with what each tells and where each leads, and their SVG.

Colours are classes of the style sheet. A shape that tells something is focusable; one that leads
somewhere is a link. The rest is hidden from screen readers: they have the table of figures.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from xml.etree.ElementTree import Element, SubElement, tostring

#: Mean width of a character of a label against the size of its letters: labels are cut by it.
_LETTER = 0.56
FONT = 12.0
#: So much wider are bold letters.
_BOLD = 1.15


class Shape(StrEnum):
    """What is drawn, by its name in SVG."""

    RECT = "rect"
    LINE = "line"
    PATH = "path"
    CIRCLE = "circle"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Mark:
    """One shape."""

    shape: Shape
    look: str  #: its class
    at: Mapping[str, float | str]  #: its place and size, as SVG names them
    text: str = ""
    says: str = ""  #: on hover and focus; "": it is only there to be seen
    href: str = ""  #: the calls behind it


@dataclass(frozen=True, slots=True)
class Drawing:
    """Shapes on an area of ``width`` x ``height``, in the order in which they are painted."""

    label: str  #: what a screen reader calls it
    width: float
    height: float
    marks: tuple[Mark, ...]

    def svg(self) -> str:
        """Return it as SVG; whatever people wrote is escaped."""
        root = Element(
            "svg",
            {
                "class": "chart",
                "viewBox": f"0 0 {_number(self.width)} {_number(self.height)}",
                "width": _number(self.width),
                "height": _number(self.height),
                "role": "group",
                "aria-label": self.label,
            },
        )
        for mark in self.marks:
            _add(root, mark)
        return tostring(root, encoding="unicode")

    def __html__(self) -> str:
        """Return what a template shows: it is safe as it is."""
        return self.svg()


def _add(root: Element, mark: Mark) -> None:
    holder = root
    attributes = {"class": mark.look} | {name: _number(value) for name, value in mark.at.items()}
    if mark.href:
        holder = SubElement(root, "a", {"href": mark.href, "class": "mark"})
    elif mark.says:
        holder = SubElement(root, "g", {"class": "mark", "role": "img", "tabindex": "0"})
    else:
        attributes["aria-hidden"] = "true"
    if mark.says:
        holder.set("aria-label", mark.says)
        SubElement(holder, "title").text = mark.says
    shape = SubElement(holder, mark.shape.value, attributes)
    if mark.text:
        shape.text = mark.text


def _number(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.6g}"


def rect(
    look: str,
    x: float,
    y: float,
    width: float,
    height: float,
    *,
    says: str = "",
    href: str = "",
    round_by: float = 0,
) -> Mark:
    """Return a rectangle; nothing is narrower or lower than nothing."""
    at: dict[str, float | str] = {"x": x, "y": y, "width": max(width, 0), "height": max(height, 0)}
    if round_by:
        at["rx"] = round_by
    return Mark(Shape.RECT, look, at, says=says, href=href)


def line(look: str, x1: float, y1: float, x2: float, y2: float) -> Mark:
    """Return a straight line."""
    return Mark(Shape.LINE, look, {"x1": x1, "y1": y1, "x2": x2, "y2": y2})


def label(
    look: str, x: float, y: float, text: str, *, anchor: str = "start", room: float | None = None
) -> Mark:
    """Return a label with its base line at ``y``, cut to ``room``; ``anchor``: start, middle or end."""
    said = text if room is None else cut(text, room, FONT * (_BOLD if "strong" in look else 1))
    at: dict[str, float | str] = {"x": x, "y": y}
    if anchor != "start":
        at["text-anchor"] = anchor
    return Mark(Shape.TEXT, f"label {look}".strip(), at, said)


def cut(text: str, room: float, size: float = FONT) -> str:
    """Return a text that fits into a room, with an ellipsis where it does not."""
    most = max(int(room / (size * _LETTER)), 1)
    return text if len(text) <= most else f"{text[: max(most - 1, 1)].rstrip()}…"
