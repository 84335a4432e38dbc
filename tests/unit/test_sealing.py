"""Sealed secrets: opened by any key of the ring, in their own place only."""

import stat
from pathlib import Path

import pytest

from cli.embedded.services import Services
from dialer.errors import ConfigurationError
from dialer.sealing import KeyRing, Unsealable, new_key, ring_from

PLACE = "delivery_target:1"
#: Any 32 bytes: names of cases are the same in every process.
FIXED_KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="


def test_what_is_sealed_is_not_readable_and_opens_again() -> None:
    ring = KeyRing.parse(new_key())
    sealed = ring.seal("пароль", context=PLACE)
    assert "пароль" not in sealed
    assert sealed != ring.seal("пароль", context=PLACE)
    assert ring.open(sealed, context=PLACE) == "пароль"


def test_a_secret_moved_changed_or_under_a_lost_key_does_not_open() -> None:
    ring = KeyRing.parse(new_key())
    sealed = ring.seal("secret", context=PLACE)
    version, name, data = sealed.split(".")
    changed = "B" if data[20] == "A" else "A"
    for text, context in (
        (sealed, "delivery_target:2"),
        (f"{version}.{name}.{data[:20]}{changed}{data[21:]}", PLACE),
        (f"{version}.{name}.???", PLACE),
        (f"s0.{name}.{data}", PLACE),
        ("", PLACE),
    ):
        with pytest.raises(Unsealable):
            ring.open(text, context=context)
    with pytest.raises(Unsealable):
        KeyRing.parse(new_key()).open(sealed, context=PLACE)


def test_a_new_key_before_the_old_one_seals_and_both_open() -> None:
    old = new_key()
    before = KeyRing.parse(old)
    after = KeyRing.parse(f"{new_key()}, {old}")
    sealed = before.seal("secret", context=PLACE)
    again = after.resealed(sealed, context=PLACE)
    assert not after.is_current(sealed)
    assert after.is_current(again)
    assert after.open(sealed, context=PLACE) == after.open(again, context=PLACE) == "secret"
    assert after.resealed(again, context=PLACE) == again
    with pytest.raises(Unsealable):
        before.open(again, context=PLACE)


def test_derived_keys_differ_by_purpose_and_are_found_after_a_rotation() -> None:
    old = new_key()
    before = KeyRing.parse(old)
    name, key = before.derived("recordings")
    assert len(key) == 32
    assert key not in {before.derived("links")[1], before.current.secret}
    after = KeyRing.parse(f"{new_key()} {old}")
    assert after.derived("recordings", key_name=name) == (name, key)
    assert after.derived("recordings")[1] != key


@pytest.mark.parametrize("text", ["", None, " , ", "c2hvcnQ=", "no base64!", f"{FIXED_KEY},x"])
def test_a_ring_that_cannot_be_used_says_so_without_telling_the_key(text: str | None) -> None:
    with pytest.raises(ConfigurationError) as refused:
        ring_from(text)
    assert "OUTDIAL_SECRET_KEYS" in refused.value.detail
    assert not text or len(text) < 5 or text not in refused.value.detail


def test_an_embedded_installation_makes_its_key_once_for_its_owner_only(tmp_path: Path) -> None:
    keys = Services(tmp_path, "main").secret_keys()
    file = tmp_path / "main" / "secret.keys"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert Services(tmp_path, "main").secret_keys() == keys
    assert ring_from(keys).open(ring_from(keys).seal("x", context="y"), context="y") == "x"
    assert keys not in repr(ring_from(keys))
