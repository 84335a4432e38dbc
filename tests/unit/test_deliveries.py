"""Deliveries without servers: waits, periods, targets, words."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from api import delivery_words
from api.delivery_forms import plan_of
from api.delivery_words import FIELDS
from api.target_forms import faults_of
from campaigns.delivery.deliveries import letters
from campaigns.delivery.deliveries.plan_in import PlanIn
from campaigns.delivery.deliveries.retrying import (
    GIVE_UP_AFTER,
    LONGEST_WAIT_S,
    after_failure,
    wait_s,
)
from campaigns.delivery.deliveries.schedule import latest_period, next_end
from campaigns.delivery.deliveries.targets import put_together, secrets_of, taken_apart
from campaigns.delivery.deliveries.words import (
    PERMANENT,
    Change,
    DeliveryReason,
    DeliveryState,
    DisputeReason,
    FileFormat,
    FilesGone,
    ScheduleKind,
    TargetKind,
    Verdict,
)
from dialer.errors import ConfigurationError, Invalid
from dialer.ids import new_id
from dialer.sealing import KeyRing, new_key

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
RING = KeyRing.parse(new_key())


@given(st.integers(1, 60), st.floats(0, 1))
def test_waits_grow_and_stay_within_their_bounds(tries: int, spread: float) -> None:
    wait = wait_s(tries, spread)
    assert 8 <= wait <= LONGEST_WAIT_S * 1.21
    assert wait_s(tries + 2, spread) >= wait


@pytest.mark.parametrize("reason", DeliveryReason)
def test_what_a_person_must_mend_is_given_up_at_once_and_the_rest_after_days(
    reason: DeliveryReason,
) -> None:
    def following(after: timedelta, asked: float | None = None) -> datetime | None:
        return after_failure(
            reason, tries=3, first_try_at=NOW - after, now=NOW, spread=0.5, asked_to_wait_s=asked
        ).at

    if reason in PERMANENT:
        assert following(timedelta(0)) is None
        return
    assert following(timedelta(0)) == NOW + timedelta(seconds=90)
    assert following(timedelta(0), 600) == NOW + timedelta(seconds=600)
    assert following(timedelta(0), 1e9) == NOW + timedelta(days=1)
    assert following(GIVE_UP_AFTER) is None


@pytest.mark.parametrize(
    ("kind", "at", "zone", "now", "key", "ended_at"),
    [
        (
            "hourly",
            0,
            "UTC",
            "2026-11-23T09:59+00:00",
            "2026-11-23T09:00+00:00",
            "2026-11-23T09:00+00:00",
        ),
        (
            "hourly",
            0,
            "Asia/Kolkata",
            "2026-11-23T09:29+00:00",
            "2026-11-23T14:00+05:30",
            "2026-11-23T08:30+00:00",
        ),
        # Clocks are set back: two hours have one name and differ by their offset.
        (
            "hourly",
            0,
            "Europe/Kyiv",
            "2026-10-25T00:10+00:00",
            "2026-10-25T03:00+03:00",
            "2026-10-25T00:00+00:00",
        ),
        (
            "hourly",
            0,
            "Europe/Kyiv",
            "2026-10-25T01:10+00:00",
            "2026-10-25T03:00+02:00",
            "2026-10-25T01:00+00:00",
        ),
        (
            "daily",
            1080,
            "Europe/Kyiv",
            "2026-11-23T15:59+00:00",
            "2026-11-22",
            "2026-11-22T16:00+00:00",
        ),
        (
            "daily",
            1080,
            "Europe/Kyiv",
            "2026-11-23T16:00+00:00",
            "2026-11-23",
            "2026-11-23T16:00+00:00",
        ),
        # Half past three does not exist on that day: it is half past four.
        (
            "daily",
            210,
            "Europe/Kyiv",
            "2026-03-29T02:00+00:00",
            "2026-03-29",
            "2026-03-29T01:30+00:00",
        ),
    ],
)
def test_the_period_that_ended_last(
    kind: str, at: int, zone: str, now: str, key: str, ended_at: str
) -> None:
    found = latest_period(ScheduleKind(kind), at, zone, datetime.fromisoformat(now))
    assert found is not None
    assert (found.key, found.ended_at) == (key, datetime.fromisoformat(ended_at))


@given(
    st.integers(0, 365 * 24 * 60).map(lambda minutes: NOW + timedelta(minutes=minutes)),
    st.sampled_from(["UTC", "Europe/Kyiv", "America/New_York", "Asia/Kathmandu"]),
    st.sampled_from([ScheduleKind.HOURLY, ScheduleKind.DAILY]),
    st.integers(0, 1439),
)
def test_now_is_between_the_period_that_ended_and_the_next_end(
    now: datetime, zone: str, kind: ScheduleKind, at_minute: int
) -> None:
    found = latest_period(kind, at_minute, zone, now)
    following = next_end(kind, at_minute, zone, now)
    assert found is not None
    assert following is not None
    assert found.ended_at <= now < following
    assert following - found.ended_at <= timedelta(hours=25)


@pytest.mark.parametrize(
    "target",
    [
        {"kind": "webhook", "url": "ftp://example.com"},
        {"kind": "webhook", "url": "https://user:word@example.com/"},
        {"kind": "webhook", "url": "https://"},
        {"kind": "webhook", "url": "https://example.com", "signing": "whsec_x"},
        {"kind": "email", "recipients": []},
        {"kind": "email", "recipients": ["no address"]},
        {"kind": "email", "recipients": ["a@b.example\r\nBcc: c@d.example"]},
        {"kind": "sftp", "host": "a/b", "user": "x", "password": "y"},
        {"kind": "sftp", "host": "a", "user": "x", "host_key": "nonsense"},
        {"kind": "sftp", "host": "a", "user": "x", "private_key": "nonsense"},
        {"kind": "s3", "bucket": "b", "access_key_id": "i", "endpoint": "nonsense"},
        {"kind": "portal", "more": 1},
    ],
)
def test_targets_that_cannot_be_used_are_refused(target: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        PlanIn.model_validate(
            {"name": "n", "formats": ["results_csv"], "schedule": "by_hand", "target": target}
        )


def test_a_targets_secrets_leave_it_before_it_is_stored() -> None:
    plan_id = new_id()
    target = put_together(TargetKind.SFTP, {"host": "h", "user": "u"}, {"password": "swordfish"})
    stored, sealed = taken_apart(target, plan_id, RING, {})
    assert "swordfish" not in f"{stored}{sealed}"
    secrets = secrets_of(sealed, plan_id, RING)
    assert put_together(TargetKind.SFTP, stored, secrets) == target
    without = put_together(TargetKind.SFTP, stored, {})
    assert secrets_of(taken_apart(without, plan_id, RING, secrets)[1], plan_id, RING) == secrets
    with pytest.raises(Invalid):
        taken_apart(without, plan_id, RING, {})
    with pytest.raises(ConfigurationError):
        taken_apart(target, plan_id, None, {})
    with pytest.raises(ConfigurationError):
        secrets_of(sealed, plan_id, None)


def test_a_form_becomes_a_plan_and_faults_become_fields() -> None:
    given = {
        "name": "N",
        "schedule": "daily",
        "zone": "Europe/Kyiv",
        "at": "18:30",
        "formats": ["results_csv"],
        "recipients": "a@b.example, c@d.example",
        "language": "uk",
    }
    plan = plan_of(given, TargetKind.EMAIL)
    assert plan.at_minute == 18 * 60 + 30
    assert plan.target.recipients == ("a@b.example", "c@d.example")  # type: ignore[union-attr]
    with pytest.raises(ValidationError) as wrong:
        plan_of(
            given | {"zone": "Mars", "formats": [], "recipients": "x", "at": "?"}, TargetKind.EMAIL
        )
    assert {"zone", "formats", "recipients", "at_minute"} <= set(faults_of(wrong.value, FIELDS))


def test_letters_are_whole_in_every_language() -> None:
    names = (
        "campaign",
        "period",
        "results",
        "added",
        "changed",
        "removed",
        "link",
        "until",
        "sha256",
        "program",
    )
    facts = {name: f"<{name}>" for name in names}
    for language in ("en", "ru", "uk"):
        words = letters.ready(language, facts | {"campaign": "A\nB"})
        assert "\n" not in words.subject
        assert all(f"<{name}>" in words.text for name in names if name != "campaign")
        assert letters.test_letter(language, "Acme").subject.startswith("Acme: ")


def test_every_code_of_deliveries_has_words() -> None:
    for words, codes in (
        (delivery_words.TARGETS, TargetKind),
        (delivery_words.SCHEDULES, ScheduleKind),
        (delivery_words.STATES, DeliveryState),
        (delivery_words.REASONS, DeliveryReason),
        (delivery_words.CHANGES, Change),
        (delivery_words.VERDICTS, Verdict),
        (delivery_words.DISPUTES, DisputeReason),
        (delivery_words.FILES_GONE, FilesGone),
    ):
        assert set(words) == set(codes)
    assert {one.value for one in FileFormat} < set(delivery_words.FORMATS)
