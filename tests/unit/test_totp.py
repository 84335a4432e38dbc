"""One-time codes against the RFC's own vectors, and what is taken and what is not."""

import hashlib

import pytest

from campaigns.accounts import totp

SECRET = b"12345678901234567890"


@pytest.mark.parametrize(
    ("instant_s", "expected"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_the_vectors_of_the_rfc_with_sha1(instant_s: int, expected: str) -> None:
    assert totp.code_of(SECRET, totp.step_at(instant_s), digits=8) == expected


@pytest.mark.parametrize(
    ("digest", "secret", "expected"),
    [
        (hashlib.sha256, b"12345678901234567890123456789012", "46119246"),
        (
            hashlib.sha512,
            b"1234567890123456789012345678901234567890123456789012345678901234",
            "90693936",
        ),
    ],
)
def test_the_vectors_of_the_rfc_with_longer_digests(
    digest: object, secret: bytes, expected: str
) -> None:
    code = totp.code_of(secret, totp.step_at(59), digits=8, digest=digest)  # type: ignore[arg-type]
    assert code == expected


def test_a_clock_may_be_wrong_by_one_step_and_no_more() -> None:
    now_s = 1_234_567_890.0
    for off in (-1, 0, 1):
        code = totp.code_of(SECRET, totp.step_at(now_s) + off)
        assert totp.matching_step(SECRET, code, now_s) == totp.step_at(now_s) + off
    for off in (-2, 2):
        code = totp.code_of(SECRET, totp.step_at(now_s) + off)
        assert totp.matching_step(SECRET, code, now_s) is None


def test_neither_a_used_code_nor_an_older_one_is_taken() -> None:
    now_s = 1_234_567_890.0
    step = totp.step_at(now_s)
    for off in (-1, 0):
        assert (
            totp.matching_step(SECRET, totp.code_of(SECRET, step + off), now_s, after=step) is None
        )
    later = totp.code_of(SECRET, step + 1)
    assert totp.matching_step(SECRET, later, now_s, after=step) == step + 1


@pytest.mark.parametrize("code", ["", "12345", "1234567", "абвгде", "00000０"])
def test_what_is_no_code_fits_nothing(code: str) -> None:
    assert totp.matching_step(SECRET, code, 59.0) is None


def test_the_key_goes_into_the_uri_and_comes_back() -> None:
    text = totp.as_base32(SECRET)
    assert totp.from_base32(text) == SECRET
    assert totp.from_base32(totp.as_base32(b"odd")) == b"odd"
    uri = totp.uri_of(text, login="anna & co:x", issuer="Outdial")
    assert uri == f"otpauth://totp/Outdial:anna%20%26%20co%3Ax?secret={text}&issuer=Outdial"
