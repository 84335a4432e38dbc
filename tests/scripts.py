"""Scripts for tests, steps in few words; articles."""

from typing import Any

from campaigns.forms.texts import Text
from campaigns.scripts.script import Branch, Script, Step


def step(code: str, body: str = "Words.", *ways: str, ends: bool = False, title: str = "") -> Step:
    """Return a step in English; a way is ``answer>step``."""
    branches = tuple(
        Branch(says=Text.read({"en": says}), to=to)
        for says, _, to in (way.partition(">") for way in ways)
    )
    named = Text.read({"en": title or code.upper()})
    return Step(code=code, title=named, body=Text.read({"en": body}), branches=branches, ends=ends)


def script(*steps: Step, languages: tuple[str, ...] = ("en",)) -> Script:
    """Return a script of these steps."""
    return Script(languages=languages, steps=steps)


#: A talk that begins, may go either way, and ends.
TALK = script(
    step("s1", "Good day, {{ contact.first_name }}!", "Yes>s2", "No>s3"),
    step("s2", "It is about **{{ campaign.name }}**.", "Clear>s3"),
    step("s3", "Goodbye from {{ agent.name }}.", ends=True),
)

#: Articles that mean the same in three languages, and one that means something else.
ARTICLES: dict[str, dict[str, Any]] = {
    "en_price": {
        "language": "en",
        "title": "It is too expensive",
        "body": "Compare the **prices**: ours includes delivery.",
        "tags": ["money"],
    },
    "en_time": {"language": "en", "title": "Opening hours", "body": "We are open on weekdays."},
    "ru_price": {
        "language": "ru",
        "title": "Слишком дорого",
        "body": "Сравните цены: у нас доставка включена в стоимость. Ещё и подарок за приём заказа.",
    },
    "uk_price": {
        "language": "uk",
        "title": "Занадто дорога ціна",
        "body": "Порівняйте ціни: об’єкт отримує доставку безкоштовно.",
    },
}
