"""What the letter of a report says, in the languages of the interface. Pure."""

from collections.abc import Mapping

from campaigns.delivery.deliveries.letters import Words
from campaigns.saved_reports.words import Carries

_SUBJECT: Mapping[str, str] = {
    "en": "Report “{report}”, {period}",
    "ru": "Отчёт «{report}», {period}",
    "uk": "Звіт «{report}», {period}",
}
_LINK: Mapping[str, str] = {
    "en": (
        "The report “{report}” is ready.\n\nPeriod: {period}\nRows: {rows}\n\n"
        "Download until {until} UTC:\n{link}\n\n"
        "The link opens without a password: do not pass it on.\n\n{files}\n\n{program}\n"
    ),
    "ru": (
        "Отчёт «{report}» готов.\n\nПериод: {period}\nСтрок: {rows}\n\n"
        "Скачать до {until} UTC:\n{link}\n\n"
        "Ссылка открывается без пароля: не передавайте её другим.\n\n{files}\n\n{program}\n"
    ),
    "uk": (
        "Звіт «{report}» готовий.\n\nПеріод: {period}\nРядків: {rows}\n\n"
        "Завантажити до {until} UTC:\n{link}\n\n"
        "Посилання відкривається без пароля: не передавайте його іншим.\n\n{files}\n\n{program}\n"
    ),
}
_ATTACHED: Mapping[str, str] = {
    "en": (
        "The report “{report}” is attached.\n\nPeriod: {period}\nRows: {rows}\n\n"
        "{files}\n\n{program}\n"
    ),
    "ru": "Отчёт «{report}» приложен.\n\nПериод: {period}\nСтрок: {rows}\n\n{files}\n\n{program}\n",
    "uk": "Звіт «{report}» додано.\n\nПеріод: {period}\nРядків: {rows}\n\n{files}\n\n{program}\n",
}


def ready(language: str, carries: Carries, facts: Mapping[str, object]) -> Words:
    """Return the letter that brings a report, in ``en``, ``ru`` or ``uk``; other languages read English."""
    known = language if language in _SUBJECT else "en"
    text = (_LINK if carries is Carries.LINK else _ATTACHED)[known]
    subject = " ".join(_SUBJECT[known].format_map(facts).split())  # a header has one line
    return Words(subject, text.format_map(facts))
