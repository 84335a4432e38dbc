"""What a letter says, in the languages of the interface. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

_SUBJECT: Mapping[str, str] = {
    "en": "Results of “{campaign}”, {period}",
    "ru": "Результаты «{campaign}», {period}",
    "uk": "Результати «{campaign}», {period}",
}
_TEXT: Mapping[str, str] = {
    "en": (
        "Results of the campaign “{campaign}” are ready for you.\n\n"
        "Period: {period}\nContacts with a result: {results}\n"
        "Since the delivery before: {added} added, {changed} changed, {removed} removed\n\n"
        "Download until {until} UTC:\n{link}\n\n"
        "The link opens without a password: do not pass it on.\n"
        "SHA-256 of the manifest: {sha256}\n\n{program}\n"
    ),
    "ru": (
        "Результаты кампании «{campaign}» готовы.\n\n"
        "Период: {period}\nКонтактов с результатом: {results}\n"
        "С прошлой доставки: добавлено {added}, изменено {changed}, убрано {removed}\n\n"
        "Скачать до {until} UTC:\n{link}\n\n"
        "Ссылка открывается без пароля: не передавайте её другим.\n"
        "SHA-256 описи: {sha256}\n\n{program}\n"
    ),
    "uk": (
        "Результати кампанії «{campaign}» готові.\n\n"
        "Період: {period}\nКонтактів із результатом: {results}\n"
        "Від минулої доставки: додано {added}, змінено {changed}, прибрано {removed}\n\n"
        "Завантажити до {until} UTC:\n{link}\n\n"
        "Посилання відкривається без пароля: не передавайте його іншим.\n"
        "SHA-256 опису: {sha256}\n\n{program}\n"
    ),
}
_TEST: Mapping[str, tuple[str, str]] = {
    "en": ("{program}: a test letter", "Deliveries of results will come to this address.\n"),
    "ru": ("{program}: проверочное письмо", "На этот адрес будут приходить результаты.\n"),
    "uk": ("{program}: перевірний лист", "На цю адресу надходитимуть результати.\n"),
}


@dataclass(frozen=True, slots=True)
class Words:
    """A letter's subject and text."""

    subject: str
    text: str


def ready(language: str, facts: Mapping[str, object]) -> Words:
    """Return the letter that tells of a delivery, in ``en``, ``ru`` or ``uk``."""
    subject = " ".join(_SUBJECT[language].format_map(facts).split())  # a header has one line
    return Words(subject, _TEXT[language].format_map(facts))


def test_letter(language: str, program: str) -> Words:
    """Return the letter that tries out an address; ``program`` is what the program calls itself in it."""
    subject, text = _TEST[language]
    return Words(subject.format(program=program), text)
