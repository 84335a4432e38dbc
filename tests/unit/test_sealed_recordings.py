"""Sealed pieces open anywhere and nowhere else; Opus keeps length and sides, or is refused."""

import wave
from pathlib import Path

import numpy as np
import pytest

from campaigns.recordings import opus
from campaigns.recordings.opus import RATE_HZ, NoTalk, NotFaithful, decode, encode_wav
from campaigns.recordings.sealed_file import (
    PIECE_BYTES,
    TAG_BYTES,
    SealBroken,
    new_key,
    seal,
    sealed_size,
    stretch,
    unseal,
)
from dialer.ids import new_id

AGENT_HZ, CUSTOMER_HZ = 1_000, 440


def write_talk(path: Path, seconds: float, *, quiet: tuple[float, float] = (0, 0)) -> None:
    """Write a WAV as Asterisk's becomes one: the customer left, the agent right."""
    time_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    both = np.stack([np.sin(2 * np.pi * hz * time_s) for hz in (CUSTOMER_HZ, AGENT_HZ)], 1)
    both *= (8000, 3000)
    both[(time_s >= quiet[0]) & (time_s < quiet[1])] = 0
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(both.astype("<i2").tobytes())


def share(samples: np.ndarray, hz: int) -> float:
    """Return how much of the sound is one tone."""
    sound = samples.astype(float)
    turn = np.exp(-2j * np.pi * hz * np.arange(len(sound)) / RATE_HZ)
    energy = float(sound @ sound)
    return 2 * abs(complex((sound * turn).sum())) ** 2 / (len(sound) * energy) if energy else 0.0


def test_a_talk_keeps_its_length_its_sides_and_its_silence(tmp_path: Path) -> None:
    write_talk(tmp_path / "talk.wav", 12.34, quiet=(4, 6))
    made = encode_wav(tmp_path / "talk.wav")
    assert made.duration_s == pytest.approx(12.34)
    heard = np.concatenate(list(decode(made.data)))
    assert abs(len(heard) - 12.34 * RATE_HZ) <= 320
    agent, customer = heard[RATE_HZ : 3 * RATE_HZ].T
    assert share(agent, AGENT_HZ) > 0.95
    assert share(agent, CUSTOMER_HZ) < 0.01
    assert share(customer, CUSTOMER_HZ) > 0.95
    gap = heard[round(4.2 * RATE_HZ) : round(5.8 * RATE_HZ)].astype(float)
    assert np.sqrt((gap**2).mean()) < 5
    peaks = np.frombuffer(made.peaks, np.uint8).reshape(2, -1)
    assert peaks.shape == (2, 123)
    assert peaks[:, 10].min() > 70
    assert peaks[:, 50].max() == 0


def test_what_is_not_what_was_said_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut off, swapped, one side lost: each is found out before the original goes."""
    talk = tmp_path / "talk.wav"
    write_talk(talk, 4, quiet=(1, 2))
    faithful = opus.encode

    def spoilt(how: str) -> None:
        def encode(blocks):  # type: ignore[no-untyped-def]
            whole = np.concatenate(list(blocks))
            if how == "cut":
                whole = whole[: 3 * RATE_HZ]
            elif how == "swapped":
                whole = whole[:, ::-1]
            elif how == "moved":
                whole = np.roll(whole, RATE_HZ, axis=0)
            else:
                whole = whole * np.array([1, 0], np.int16)
            return faithful(iter([np.ascontiguousarray(whole)]))

        monkeypatch.setattr(opus, "encode", encode)

    for how in ("cut", "swapped", "moved", "one side"):
        spoilt(how)
        with pytest.raises(NotFaithful):
            encode_wav(talk)
    monkeypatch.setattr(opus, "encode", lambda blocks: b"no Opus" + bytes(len(list(blocks))))
    with pytest.raises(NotFaithful):
        encode_wav(talk)
    talk.write_bytes(b"RIFF")
    with pytest.raises(NoTalk):
        encode_wav(talk)


@pytest.mark.parametrize("size", [0, 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES + 77])
def test_any_stretch_opens_alone(size: int) -> None:
    key, file_id = new_key(), new_id()
    data = np.random.default_rng(size).bytes(size)
    sealed = seal(data, key, file_id)
    assert len(sealed) == sealed_size(size)
    assert unseal(sealed, key, file_id, size=size) == data
    for first, last in ((0, 0), (0, size - 1), (size // 2, size - 1), (size - 1, size - 1)):
        if not 0 <= first <= last < size:
            continue
        part = stretch(size, first, last)
        plain = unseal(
            sealed[part.start : part.end], key, file_id, size=size, first_piece=part.first_piece
        )
        assert plain[part.skip : part.skip + part.length] == data[first : last + 1]


def test_what_was_changed_moved_exchanged_or_cut_does_not_open() -> None:
    key, file_id = new_key(), new_id()
    data = bytes(2 * PIECE_BYTES)
    sealed = seal(data, key, file_id)
    whole = PIECE_BYTES + TAG_BYTES
    swapped = sealed[whole:] + sealed[:whole]
    flipped = bytes([sealed[0] ^ 1]) + sealed[1:]
    for broken in (swapped, flipped):
        with pytest.raises(SealBroken):
            unseal(broken, key, file_id, size=len(data))
    with pytest.raises(SealBroken):  # cut at a piece's end: whole pieces, and yet not the file
        unseal(sealed[:whole], key, file_id, size=PIECE_BYTES)
    with pytest.raises(SealBroken):
        unseal(sealed, key, new_id(), size=len(data))
    with pytest.raises(SealBroken):
        unseal(sealed, new_key(), file_id, size=len(data))
