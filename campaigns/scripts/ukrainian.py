"""Ukrainian words for the search: PostgreSQL has no stemmer, so the end of a word is left open. Pure."""

#: Endings of nouns, adjectives and verbs, the longest first. What is left is searched as a beginning.
_ENDINGS = tuple(
    sorted(
        (
            *(
                "ями",
                "ами",
                "ові",
                "еві",
                "єві",
                "ого",
                "ому",
                "ими",
                "іми",
                "ість",
                "ості",
                "істю",
            ),
            *(
                "ати",
                "яти",
                "ити",
                "іти",
                "ється",
                "уться",
                "ться",
                "тися",
                "емо",
                "имо",
                "ете",
                "ите",
            ),
            *(
                "ої",
                "ою",
                "ею",
                "єю",
                "ів",
                "їв",
                "ам",
                "ям",
                "ах",
                "ях",
                "ом",
                "ем",
                "єм",
                "їм",
                "ім",
            ),
            *("ий", "ій", "их", "їх", "им", "ти", "ть", "ся", "сь"),
            *("а", "я", "о", "е", "є", "и", "і", "ї", "у", "ю", "ь", "й"),
        ),
        key=len,
        reverse=True,
    )
)

#: Shorter beginnings would find half of the dictionary.
_LEAST_LETTERS = 3

#: Words that say nothing about what is looked for.
_STOP_TEXT = """
а аби або адже але бо б би був була були було бути в вам вас ваш весь від він вона вони
воно все всі де для до дуже є ж же з за зі і із її їм їх й його коли ким ми мене мені мій
на навіть нам нас наш не нема ні ніж ну о об от ось отже під по при про разом с се собі
так також там те ти тим тих то того той тому ту тут у хоч хто це цей цього цю ця чи чим
чого чому ще що щоб я як яка який які якщо
"""
STOP_WORDS = frozenset(_STOP_TEXT.split())


def beginning_of(word: str) -> str:
    """Return a lower-case word without its ending: ``ціною`` and ``ціни`` begin with ``цін``."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _LEAST_LETTERS:
            return word[: -len(ending)]
    return word
