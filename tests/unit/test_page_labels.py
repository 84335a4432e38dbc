"""Every code that people meet has words, and every sentence made elsewhere is in the catalogues."""

from babel.messages.pofile import read_po

from api import labels, languages, list_labels, quality_words, rule_labels, script_words
from api.languages import locale_of, translations_of
from api.rule_words import RuleWords
from campaigns.law import whatif
from campaigns.law.kinds import consent_kinds
from campaigns.leads import why
from campaigns.leads.why import OTHER_REMEDIES
from campaigns.lists.columns.fields import ColumnField, ValueType
from campaigns.lists.refusals import ImportWarning
from campaigns.lists.refusals import RefusalReason as RowRefusal
from campaigns.lists.staged.forecasting import PLACE_UNKNOWN, WINDOW_CLOSED
from campaigns.lists.staged.plan import SameBy, Scope, Then
from campaigns.quality.board import BoardBy
from campaigns.quality.drawing import Mix, Why
from campaigns.quality.models import Decision, NoteKind
from campaigns.quality.presets import PRESETS, Preset
from campaigns.scripts import asking
from campaigns.scripts.words import ArticleKind, ScriptFinding
from campaigns.states import ImportState, PhoneKind
from compliance.counting.own_caps import OwnLimits, own_caps
from compliance.law import load_law
from compliance.places.numbering import NumberRefusal
from compliance.places.placement import Confidence
from compliance.reasons import REMEDY, RefusalReason
from compliance.rulebook.rules import (
    CalendarPeriod,
    CapScope,
    Channel,
    ConsentTerms,
    Counted,
    MessageTerms,
    PastEvent,
    Purpose,
    RuleKind,
)


def _catalogue(language: str) -> set[str]:
    with languages.path_of(language).open("rb") as source:
        return {str(one.id) for one in read_po(source) if one.id}


def test_every_reason_why_a_lead_waits_has_words() -> None:
    assert set(labels.REASONS) == {one.value for one in RefusalReason} | set(OTHER_REMEDIES)
    assert labels.waiting_words(why.LATER) == ("Waits for its next attempt", False)
    assert labels.waiting_words("retry_busy") == ("Busy", True)


def test_every_remedy_and_assumption_is_translated() -> None:
    spoken = {*REMEDY.values(), *OTHER_REMEDIES.values(), *whatif._ASSUMED}
    for language in ("ru", "uk"):
        assert spoken - _catalogue(language) == set()


def test_every_code_of_an_import_has_words() -> None:
    refused = {one.value for one in (*RowRefusal, *NumberRefusal)}
    assert set(list_labels.REFUSED) == refused
    warned = {one.value for one in ImportWarning} | {WINDOW_CLOSED, PLACE_UNKNOWN}
    assert set(list_labels.WARNINGS) == warned
    for words, codes in (
        (list_labels.STATES, ImportState),
        (list_labels.FIELDS, ColumnField),
        (list_labels.TYPES, ValueType),
        (list_labels.KINDS, PhoneKind),
        (list_labels.SAME_BY, SameBy),
        (list_labels.SCOPES, Scope),
        (list_labels.THEN, Then),
    ):
        assert set(words) == set(codes)


def test_every_code_of_scripts_and_articles_has_words() -> None:
    assert set(script_words.FINDINGS) == set(ScriptFinding)
    assert set(script_words.KINDS) == set(ArticleKind)
    assert set(script_words.LANGUAGES) == set(asking.LANGUAGES)


def test_every_code_of_quality_has_words_and_presets_are_translated() -> None:
    for words, codes in (
        (quality_words.PRESET_NAMES, Preset),
        (quality_words.MIXES, Mix),
        (quality_words.WHY, Why),
        (quality_words.NOTE_KINDS, NoteKind),
        (quality_words.DECISIONS, Decision),
        (quality_words.BOARD, BoardBy),
    ):
        assert set(words) == set(codes)
    asked = {item.text for sheet in PRESETS.values() for item in sheet.items}
    for language in ("ru", "uk"):
        assert asked - _catalogue(language) == set()


def test_details_of_refused_rows_are_said_in_the_readers_language() -> None:
    say = translations_of("ru").gettext
    listed = "Row 7 of the list “May”, old” has the same number."
    assert list_labels.detail_words(say, listed) == "То же, что в строке 7 списка «May”, old»."
    assert list_labels.detail_words(say, "Row 12 has the same key.") == "То же, что в строке 12."
    assert list_labels.detail_words(say, "There is no phone number.") == "Номера телефона нет."
    assert list_labels.warning_words(say, "dnc_listed:GB-TPS") == "из них в списке GB-TPS"
    own = list_labels.warning_words(say, "dnc_listed:suppressed")
    assert own == "из них в вашем списке «не звонить»"


def test_every_code_of_the_rules_has_words() -> None:
    book = load_law().book
    for words, codes in (
        (rule_labels.KINDS, RuleKind),
        (rule_labels.PURPOSES, Purpose),
        (rule_labels.CHANNELS, Channel),
        (rule_labels.COUNTED, Counted),
        (rule_labels.SCOPES, CapScope),
        (rule_labels.PERIODS, CalendarPeriod),
        (rule_labels.EVENTS, PastEvent),
        (rule_labels.CONFIDENCES, Confidence),
    ):
        assert set(words) == set(codes)
    assert consent_kinds(book) <= set(rule_labels.CONSENTS)
    assert {rule.verified for rule in book.rules} == set(rule_labels.VERIFIED)
    terms = [rule.terms for rule in book.rules]
    stated = {name for one in terms if isinstance(one, MessageTerms) for name in one.must_state}
    assert stated <= set(rule_labels.STATED)
    assert {one.basis for one in terms if isinstance(one, ConsentTerms)} <= set(
        rule_labels.CONSENTS
    )


def test_the_campaigns_own_rules_have_words() -> None:
    limits = OwnLimits(
        attempts_per_number_per_day=1,
        attempts_per_person_per_day=1,
        attempts_per_person_per_week=1,
        conversations_per_person_per_month=1,
        quiet_hours_after_conversation=1,
        quiet_hours_after_refusal=1,
    )
    caps = {cap.rule_id for cap in own_caps(limits)}
    assert set(labels.OWN_RULES) == caps | {"campaign-hours", "client-days-off"}


def test_every_rule_is_a_sentence_in_every_language() -> None:
    book = load_law().book
    said = {
        language: [
            RuleWords(translations_of(language).gettext, locale_of(language)).say(rule)
            for rule in book.rules
        ]
        for language in languages.LANGUAGES
    }
    for sentences in said.values():
        assert all(len(one) > 10 and "%(" not in one for one in sentences)
    for language in ("ru", "uk"):
        same = [one for one in said[language] if one in said["en"]]
        assert same == []


def test_a_rule_says_its_hours_and_limits() -> None:
    book = load_law().book
    words = RuleWords(translations_of("en").gettext, locale_of("en"))
    assert words.say(book.get("us-fed-window")) == "Calls only Mon–Sun 08:00–21:00"
    assert "7 days: at most 7" in words.say(book.get("us-fed-cap-debt"))
    assert "No calls" in words.say(book.get("us-fed-cap-debt"))
