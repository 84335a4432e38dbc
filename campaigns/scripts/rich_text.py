"""Rich text: a safe part of Markdown. HTML is text in it, and what is put into it is text too.

Values are put in after the author's text was read, token by token: no value can become markup, a link, or
another variable. Markdown is CommonMark by markdown-it-py, and of it only what a script needs.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from campaigns.scripts.variables import Fill, Variable, has_stray_braces, variable_at

#: Longer texts are nothing to be read while talking.
LONGEST_TEXT = 20_000

#: Everything else of Markdown stays the characters it is written with: raw HTML, pictures, code.
_RULES = (
    *("heading", "list", "blockquote", "hr", "table"),
    *("newline", "escape", "emphasis", "link"),
)

#: What a link may lead to: a page, or a letter. Never a script.
_SCHEMES = ("https://", "http://", "mailto:")

#: The panel that shows a text has headings of its own down to the third level.
_HEADINGS_BELOW = 3
_LEAST_HEADING = 6


class _Markdown(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802 - the library's name
        return url.lower().startswith(_SCHEMES)


def _slot(state: StateInline, silent: bool) -> bool:
    found = variable_at(state.src, state.pos)
    if found is None:
        return False
    variable, end = found
    if not silent:
        state.push("slot", "", 0).meta = {"variable": variable}
    state.pos = end
    return True


def _render_slot(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    del renderer, options
    filled = env["fill"](tokens[index].meta["variable"])
    kind = "slot missing" if filled.is_missing else "slot"
    return f'<span class="{kind}">{escape(filled.words)}</span>'


def _made() -> _Markdown:
    made = _Markdown("zero", {"html": False, "breaks": True, "linkify": False})
    made.enable(_RULES)
    made.inline.ruler.before("escape", "slot", _slot)
    made.add_render_rule("slot", _render_slot)
    return made


_MARKDOWN = _made()


@lru_cache(maxsize=2048)
def _read(text: str) -> tuple[Token, ...]:
    """Return a text's tokens; a script is shown in thousands of calls, and read once."""
    tokens = _MARKDOWN.parse(text.replace("\0", ""))
    for token in _all(tokens):
        if token.type in ("heading_open", "heading_close"):
            level = min(int(token.tag[1:]) + _HEADINGS_BELOW, _LEAST_HEADING)
            token.tag = f"h{level}"
        elif token.type == "link_open":
            token.attrSet("target", "_blank")
            token.attrSet("rel", "noopener noreferrer")
        elif token.type in ("th_open", "td_open"):
            token.attrs = {}  # alignment is an inline style, which our policy forbids
    return tuple(tokens)


def _all(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _all(token.children or ())


def as_html(text: str, fill: Fill) -> str:
    """Return a text as HTML with its variables filled; the result is safe to be put into a page."""
    env: dict[str, Any] = {"fill": fill}
    html: str = _MARKDOWN.renderer.render(_read(text), _MARKDOWN.options, env)
    return html


def as_plain(text: str, fill: Fill) -> str:
    """Return a text in words, a block a line: for the search and its snippets."""
    lines = ("".join(_words(token, fill)) for token in _read(text) if token.type == "inline")
    return "\n".join(line for line in lines if line.strip())


def _words(inline: Token, fill: Fill) -> Iterator[str]:
    for token in inline.children or ():
        if token.type == "slot":
            yield fill(token.meta["variable"]).words
        elif token.type in ("softbreak", "hardbreak"):
            yield " "
        else:
            yield token.content


def variables_in(text: str) -> tuple[Variable, ...]:
    """Return the variables that a text has, in order."""
    return tuple(token.meta["variable"] for token in _all(_read(text)) if token.type == "slot")


def has_bad_braces(text: str) -> bool:
    """Tell whether a text has double braces that are no variable, or stand where none is filled.

    That is in the address of a link: a value there could lead anywhere.
    """
    slots = sum(token.type == "slot" for token in _all(_read(text)))
    return has_stray_braces(text) or slots != _slots_written(text)


def _slots_written(text: str) -> int:
    written, at = 0, 0
    while (at := text.find("{{", at)) >= 0:
        found = variable_at(text, at)
        written += found is not None
        at = found[1] if found else at + 2
    return written
