"""Rich text: what an author may write, and that nothing that is put in ever becomes markup."""

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.scripts.rich_text import as_html, as_plain, has_bad_braces, variables_in
from campaigns.scripts.variables import Fill, Filled, Values, Variable, filled_line, filling

#: Texts of authors around a variable, from plain to nasty.
AUTHORED = st.sampled_from(
    [
        "Hello {{ contact.a }}!",
        "**{{ contact.a }}** and *{{ contact.a }}*",
        "- one {{ contact.a }}\n- two",
        "> {{ contact.a }}",
        "# {{ contact.a }}",
        "[{{ contact.a }}](https://example.org)",
        "[x](https://example.org/{{ contact.a }})",
        '[x](https://example.org "{{ contact.a }}")',
        "| a | b |\n|:-|-:|\n| {{ contact.a }} | c |",
        "<b>{{ contact.a }}</b>",
        "![{{ contact.a }}](https://example.org/x.png)",
        "`{{ contact.a }}`",
        "{{ contact.a }}](https://evil.test)",
        "[{{ contact.a }}",
    ]
)
NASTY = st.one_of(
    st.text(),
    st.text(alphabet="<>&\"'`*_[](){}#|\\\n-!:/ a1"),
    st.sampled_from(
        [
            "<script>alert(1)</script>",
            "</span><img src=x onerror=alert(1)>",
            "[x](javascript:alert(1))",
            "{{ agent.name }}",
            "**bold**",
            "\n\n# heading\n\n",
            "]( https://evil.test",
            "&lt;b&gt;",
            "\ue000\ue001",
        ]
    ),
)


def filled_with(value: str) -> Fill:
    return filling(Values({"a": value}, agent_name="<i>Agent</i>"), set())


def tags(html: str) -> list[str]:
    """All tags of a text, with their attributes."""
    return re.findall(r"<[^>]*>", html)


@given(AUTHORED, NASTY.filter(bool))
def test_a_value_changes_no_tag(authored: str, value: str) -> None:
    neutral = as_html(authored, filled_with("x"))
    assert tags(as_html(authored, filled_with(value))) == tags(neutral)


@given(NASTY.filter(bool))
def test_a_value_is_shown_as_it_is(value: str) -> None:
    html = as_html("{{ contact.a }}", filled_with(value))
    inside = html.removeprefix('<p><span class="slot">').removesuffix("</span></p>\n")
    assert unescape(inside) == value
    assert "<" not in inside


@given(st.text(alphabet="<>&\"'`*_[](){}#|\\\n-!:/ ax1{}", max_size=80))
def test_an_author_cannot_write_html_either(authored: str) -> None:
    allowed = re.compile(
        r"</?(p|strong|em|ul|ol( start=\"\d+\")?|li|blockquote|hr|br|h[456]|table|thead|tbody|tr|th|td)>"
        r'|<a href="(https?://|mailto:)[^"<>]*"( title="[^"<>]*")? target="_blank" rel="noopener noreferrer">'
        r'|</a>|<span class="slot( missing)?">|</span>'
    )
    for tag in tags(as_html(authored, filled_with("v"))):
        assert allowed.fullmatch(tag), tag


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "data:text/html,x", "//evil.test", "JaVaScRiPt:x", "/sign-out"]
)
def test_a_link_leads_to_a_page_or_a_letter_only(link: str) -> None:
    assert "<a " not in as_html(f"[x]({link})", filled_with("v"))
    assert 'href="https://example.org"' in as_html("[x](https://example.org)", filled_with("v"))


def test_the_safe_part_of_markdown() -> None:
    html = as_html("# T\n\n**b** *i*\nnext\n\n- l\n\n> hint", filled_with("v"))
    for piece in (
        *("<h4>T</h4>", "<strong>b</strong>", "<em>i</em>", "<br>"),
        *("<li>l</li>", "<blockquote>"),
    ):
        assert piece in html
    assert "style=" not in as_html("| a |\n|-:|\n| b |", filled_with("v"))


def test_a_missing_value_is_seen_and_told() -> None:
    missing: set[str] = set()
    fill = filling(Values(), missing)
    assert '<span class="slot missing">[first name]</span>' in as_html(
        "{{ contact.first_name }}", fill
    )
    assert "dear customer" in as_html('{{ contact.name or "dear customer" }}', fill)
    assert missing == {"contact.first_name", "contact.name"}
    assert filled_line('{{contact.x or "<b>"}}, {{ agent.name }}', fill) == "<b>, [agent name]"


def test_variables_are_found_where_they_are_filled() -> None:
    text = '{{ contact.a }} [x](https://e.org/{{contact.b}}) **{{ agent.name or "I" }}**'
    found = variables_in(text)
    assert found == (Variable("contact", "a"), Variable("agent", "name", "I"))
    assert has_bad_braces(text), "one is in the address of a link"
    assert has_bad_braces("{{ contact }}")
    assert has_bad_braces("{{ answers.q1 }}")
    assert not has_bad_braces("{{ contact.a }} { b }")


def test_a_text_in_plain_words() -> None:
    text = "# Price\n\n**100** [roubles](https://e.org)\na month\n\n- {{ contact.a }}"
    assert as_plain(text, lambda _: Filled("<x>")) == "Price\n100 roubles a month\n<x>"
