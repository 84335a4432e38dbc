"""Passwords: which are refused, how they are kept, and that nobody learns which logins there are."""

import pytest
from argon2 import PasswordHasher

from campaigns.accounts import passwords
from campaigns.accounts.passwords import LongPassword, ShortPassword, WeakPassword

GOOD = "lilac tram eleven"


@pytest.mark.parametrize(
    "password",
    [
        "Password1234!",
        "P@ssw0rd2024",
        "qwertyuiop12",
        "1qaz2wsx3edc",
        "123456789012",
        "210987654321",
        "aaaaaaaaaaaa",
        "abcabcabcabc",
        "Summer2024!!!!",
        "correct horse battery staple",
        "ivan.petrov-12",
        "йцукен123456",
        "Пароль2024!!",
        "gfhjkm123456",
        "outdial-outdial",
        "Україна2024!!",
    ],
)
def test_what_guessers_try_first_is_refused(password: str) -> None:
    with pytest.raises(WeakPassword):
        passwords.check_strength(password, "ivan.petrov")


@pytest.mark.parametrize(
    "password", [GOOD, "Korovka-Pasetsya-17", "мокрый-слон-под-душем", "7h2k-9xq3m-vv4t"]
)
def test_long_and_unusual_ones_are_taken(password: str) -> None:
    passwords.check_strength(password, "ivan.petrov")


def test_the_length_counts_as_it_is_hashed() -> None:
    with pytest.raises(ShortPassword):
        passwords.check_strength("x7#Kq!m2Zp9")
    with pytest.raises(ShortPassword):  # eleven letters, however their accents are typed
        passwords.check_strength("e\u0301" * 6 + "kqzwv")
    with pytest.raises(LongPassword):
        passwords.check_strength("lilac tram " * 20)


def test_made_up_passwords_are_strong_and_never_alike() -> None:
    made = {passwords.made_up() for _ in range(200)}
    assert len(made) == 200
    for password in made:
        passwords.check_strength(password, "anna")


async def test_a_password_is_known_again_however_its_letters_are_typed() -> None:
    kept = await passwords.hashed("caf\u00e9 lilac tram")
    assert kept.startswith("$argon2id$")
    assert (await passwords.check(kept, "cafe\u0301 lilac tram")).fits
    assert not (await passwords.check(kept, "cafe lilac tram")).fits


async def test_an_old_hash_is_renewed_when_the_password_is_right() -> None:
    old = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(GOOD)
    right = await passwords.check(old, GOOD)
    assert right.fits
    assert right.renewed is not None
    again = await passwords.check(right.renewed, GOOD)
    assert (again.fits, again.renewed) == (True, None)
    assert (await passwords.check(old, "another tram eleven")).renewed is None


async def test_nobodys_password_takes_the_same_work_and_is_never_right(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compared: list[str] = []

    class Watched(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # type: ignore[override]
            compared.append(str(hash).split("$p=")[0])
            return super().verify(hash, password)

    monkeypatch.setattr(passwords, "HASHER", Watched())
    kept = await passwords.hashed(GOOD)
    assert not (await passwords.check(kept, "wrong tram eleven")).fits
    assert not (await passwords.check(None, GOOD)).fits
    parameters = [one.split("$")[1:4] for one in compared]
    assert len(parameters) == 2
    assert parameters[0] == parameters[1]  # the same algorithm, time and memory


async def test_what_is_no_hash_fits_nothing() -> None:
    assert not (await passwords.check("plain text", GOOD)).fits
