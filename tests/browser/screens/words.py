"""The people and texts of the pictures, in each language of the interface: invented, all of them."""

from dataclasses import dataclass
from typing import Any

from campaigns.forms.form import Form
from campaigns.scripts.script import Script


@dataclass(frozen=True, slots=True)
class Words:
    """One language's company, its people and what they say."""

    region: str  #: of numbers; ISO 3166-1
    zone: str  #: where the people called live
    number: str  #: begins every number: a range for fiction, or one that nobody has
    agent: str
    agents: tuple[str, ...]
    logins: tuple[str, ...]  #: administrator, manager, supervisor, client's reader
    people: tuple[str, ...]  #: the first one is on the line
    columns: tuple[tuple[str, str], ...]  #: the list's own columns, as of the one on the line
    lists: tuple[str, ...]
    campaigns: tuple[str, ...]
    greeting: str
    notes: tuple[str, ...]
    forced: str
    sales: str  #: to whom calls are transferred
    form: Form
    script_name: str
    script: Script
    articles: tuple[dict[str, Any], ...]
    file: str  #: a list to import, with mistakes in it


def text_of(language: str, **words: str) -> str:
    """Return the words in one language."""
    return words[language]


def _options(language: str, *pairs: tuple[str, str, str, str]) -> list[dict[str, Any]]:
    place = ("en", "ru", "uk").index(language) + 1
    return [{"code": one[0], "text": {language: one[place]}} for one in pairs]


def form_in(language: str) -> Form:
    """Return a questionnaire with branches."""

    def say(en: str, ru: str, uk: str) -> dict[str, str]:
        return {language: text_of(language, en=en, ru=ru, uk=uk)}

    questions: list[dict[str, Any]] = [
        {
            "code": "delivered",
            "type": "single",
            "text": say(
                "Has your order come in full?",
                "Ваш заказ привезли полностью?",
                "Ваше замовлення привезли повністю?",
            ),
            "options": _options(
                language,
                ("all", "Yes, everything", "Да, всё", "Так, усе"),
                ("part", "Something was missing", "Чего-то не хватало", "Чогось бракувало"),
                ("none", "It has not come yet", "Ещё не привезли", "Ще не привезли"),
            ),
            "dont_know": True,
            "refused": True,
        },
        {
            "code": "missing",
            "type": "text",
            "text": say("What was missing?", "Чего не хватало?", "Чого бракувало?"),
            "show_if": "delivered = 'part'",
        },
        {
            "code": "liked",
            "type": "multiple",
            "text": say("What did you like?", "Что вам понравилось?", "Що вам сподобалося?"),
            "options": [
                *_options(
                    language,
                    ("speed", "How quick it was", "Скорость", "Швидкість"),
                    ("courier", "The courier", "Курьер", "Кур’єр"),
                    ("packing", "The packing", "Упаковка", "Пакування"),
                ),
                {"code": "other", "text": say("Something else", "Другое", "Інше"), "other": True},
            ],
        },
        {
            "code": "advise",
            "type": "nps",
            "text": say(
                "How likely are you to recommend us to a friend?",
                "Насколько вероятно, что вы посоветуете нас друзьям?",
                "Наскільки ймовірно, що ви порадите нас друзям?",
            ),
            "dont_know": True,
        },
    ]
    made = {
        "code": "delivery",
        "title": say("Delivery survey", "Опрос о доставке", "Опитування про доставку"),
        "languages": [language],
        "contact_fields": ["name"],
        "sections": [
            {
                "code": "main",
                "title": say("The order", "Заказ", "Замовлення"),
                "questions": questions,
            }
        ],
    }
    return Form.model_validate(made)


def script_in(language: str) -> Script:
    """Return what operators say."""

    def say(en: str, ru: str, uk: str) -> dict[str, str]:
        return {language: text_of(language, en=en, ru=ru, uk=uk)}

    def way(to: str, en: str, ru: str, uk: str) -> dict[str, Any]:
        return {"says": say(en, ru, uk), "to": to}

    steps = [
        {
            "code": "hello",
            "title": say("Begin", "Начало", "Початок"),
            "body": say(
                "Thank you, **{{ contact.name }}**. You ordered from us in November, and we want to know"
                " how it went.\n\n> Speak slowly, wait for the answer.\n\nHave you got two minutes?",
                "Спасибо, **{{ contact.name }}**. Вы заказывали у нас в ноябре, и мы хотим узнать, как всё"
                " прошло.\n\n> Говорите медленно, дождитесь ответа.\n\nУ вас есть две минуты?",
                "Дякую, **{{ contact.name }}**. Ви замовляли в нас у листопаді, і ми хочемо дізнатися, як усе"
                " пройшло.\n\n> Говоріть повільно, дочекайтеся відповіді.\n\nМаєте дві хвилини?",
            ),
            "branches": [
                way("questions", "Yes, please", "Да, слушаю", "Так, слухаю"),
                way("later", "No time now", "Сейчас некогда", "Зараз ніколи"),
            ],
        },
        {
            "code": "questions",
            "title": say("The questions", "Вопросы", "Запитання"),
            "body": say(
                "Thank you! Read the questions of the form aloud, word for word.",
                "Спасибо! Зачитайте вопросы анкеты слово в слово.",
                "Дякую! Зачитайте запитання анкети слово в слово.",
            ),
            "branches": [way("bye", "All answered", "Всё отвечено", "Усе відповіли")],
        },
        {
            "code": "later",
            "title": say("When shall we call?", "Когда перезвонить?", "Коли передзвонити?"),
            "body": say(
                "When does it suit you? Promise a call with the key **B**.",
                "Когда вам удобно? Назначьте звонок клавишей **B**.",
                "Коли вам зручно? Призначте дзвінок клавішею **B**.",
            ),
            "branches": [way("bye", "Agreed", "Договорились", "Домовилися")],
        },
        {
            "code": "bye",
            "title": say("Goodbye", "Прощание", "Прощання"),
            "body": say(
                "Thank you for your time. Goodbye!",
                "Спасибо за ваше время. До свидания!",
                "Дякую за ваш час. До побачення!",
            ),
            "ends": True,
        },
    ]
    return Script.model_validate({"languages": [language], "steps": steps})
