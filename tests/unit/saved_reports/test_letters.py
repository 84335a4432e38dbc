"""Letters of reports say what they bring, in each language, in one line of subject."""

import pytest

from campaigns.saved_reports.letters import ready
from campaigns.saved_reports.words import Carries

FACTS = {
    "report": "Отчёт\n№ 1",
    "period": "2026-11-01 – 2026-11-30",
    "rows": 7,
    "files": "a.xlsx, SHA-256 00",
    "program": "Acme",
    "link": "https://calls.example.com/take-report/x",
    "until": "2026-12-01 00:00",
}


@pytest.mark.parametrize("language", ["en", "ru", "uk", "de"])
@pytest.mark.parametrize("carries", list(Carries))
def test_a_letter(language: str, carries: Carries) -> None:
    words = ready(language, carries, FACTS)
    assert "\n" not in words.subject
    assert "2026-11-30" in words.subject
    assert ("take-report" in words.text) is (carries is Carries.LINK)
    assert "SHA-256 00" in words.text
