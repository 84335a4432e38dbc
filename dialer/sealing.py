"""Sealing: secrets and files that are stored, but are of no use to whoever steals the storage.

One ring of keys for the whole installation. The first key seals, all of them open, so a key is replaced
by putting a new one before it; :meth:`KeyRing.resealed` brings what is old under the new key.
"""

import base64
import hashlib
import secrets
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from dialer.errors import ConfigurationError, OutdialError

#: AES-256. Source: NIST SP 800-38D (GCM takes AES keys of 128, 192 or 256 bits).
KEY_BYTES = 32
#: Source: NIST SP 800-38D, section 8.2: 96 bits is the length every implementation supports.
NONCE_BYTES = 12
_VERSION = "s1"


class Unsealable(OutdialError):
    """A sealed text cannot be opened: its key is not on the ring, or it was changed or moved."""

    code = "unsealable"
    message = (
        "A stored secret cannot be opened: its key is missing from OUTDIAL_SECRET_KEYS, "
        "or the row was changed by hand."
    )


def new_key() -> str:
    """Return a new random key, as it stands in ``OUTDIAL_SECRET_KEYS``."""
    return base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode()


@dataclass(frozen=True, slots=True)
class Key:
    """One key and the name that sealed texts carry; the name does not reveal it."""

    secret: bytes = field(repr=False)  #: 32 bytes

    @property
    def name(self) -> str:
        """The first eight hexadecimal digits of a digest of the key."""
        return hashlib.sha256(b"outdial key name\0" + self.secret).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys of an installation; the first one seals."""

    keys: tuple[Key, ...]

    @classmethod
    def parse(cls, text: str) -> "KeyRing":
        """Read ``OUTDIAL_SECRET_KEYS``: keys of 32 bytes in base64, separated by commas or spaces.

        Raises:
            ConfigurationError: none, or one that is no such key; the sentence does not repeat it.
        """
        keys = []
        for number, word in enumerate(text.replace(",", " ").split(), 1):
            try:
                secret = base64.b64decode(word, altchars=b"-_", validate=True)
            except ValueError:
                secret = b""
            if len(secret) != KEY_BYTES:
                raise ConfigurationError(
                    f"Key {number} of OUTDIAL_SECRET_KEYS is not {KEY_BYTES} bytes in base64."
                )
            keys.append(Key(secret))
        if not keys:
            raise ConfigurationError("OUTDIAL_SECRET_KEYS holds no key.")
        return cls(tuple(keys))

    @property
    def current(self) -> Key:
        """The key that seals."""
        return self.keys[0]

    def named(self, name: str) -> Key:
        """Return the key of a name.

        Raises:
            Unsealable: it is not on the ring.
        """
        for key in self.keys:
            if key.name == name:
                return key
        raise Unsealable(key=name)

    def seal(self, text: str, *, context: str) -> str:
        """Return ``text`` sealed with the current key.

        Args:
            text: the secret.
            context: where it belongs, such as ``delivery_target:<id>``: a sealed text that somebody
                copies to another row does not open there. It is not stored.
        """
        nonce = secrets.token_bytes(NONCE_BYTES)
        closed = AESGCM(self.current.secret).encrypt(nonce, text.encode(), context.encode())
        data = base64.urlsafe_b64encode(nonce + closed).decode()
        return f"{_VERSION}.{self.current.name}.{data}"

    def open(self, sealed: str, *, context: str) -> str:
        """Return what :meth:`seal` was given, in the same context.

        Raises:
            Unsealable: no such key, another context, or a changed text.
        """
        version, _, rest = sealed.partition(".")
        name, _, data = rest.partition(".")
        if version != _VERSION:
            raise Unsealable
        key = self.named(name)
        try:
            raw = base64.b64decode(data, altchars=b"-_", validate=True)
            nonce, closed = raw[:NONCE_BYTES], raw[NONCE_BYTES:]
            return AESGCM(key.secret).decrypt(nonce, closed, context.encode()).decode()
        except (ValueError, InvalidTag) as error:
            raise Unsealable(key=name) from error

    def is_current(self, sealed: str) -> bool:
        """Tell whether a sealed text is under the key that seals now."""
        return sealed.startswith(f"{_VERSION}.{self.current.name}.")

    def resealed(self, sealed: str, *, context: str) -> str:
        """Return the same secret under the current key.

        Raises:
            Unsealable: see :meth:`open`.
        """
        return (
            sealed
            if self.is_current(sealed)
            else self.seal(self.open(sealed, context=context), context=context)
        )

    def derived(self, purpose: str, *, key_name: str | None = None) -> tuple[str, bytes]:
        """Return a name and 32 bytes of key for one purpose (files' encryption, signed links).

        Keep the name beside what was made with it, and ask with it to undo that after a rotation.

        Raises:
            Unsealable: ``key_name`` is not on the ring.

        Source: RFC 5869 (HKDF), section 3.2: ``info`` binds derived keys to their use.
        """
        key = self.current if key_name is None else self.named(key_name)
        made = HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=f"outdial {purpose}".encode())
        return key.name, made.derive(key.secret)


def missing_keys() -> ConfigurationError:
    """Return what to raise when secrets are to be stored and there is no key."""
    return ConfigurationError(
        "Set OUTDIAL_SECRET_KEYS: secrets cannot be stored without a key. "
        "Make one with: head -c 32 /dev/urandom | base64"
    )


def ring_from(text: str | None) -> KeyRing:
    """Return the ring of ``Settings.keys()``.

    Raises:
        ConfigurationError: there is none, or it cannot be used.
    """
    if not text:
        raise missing_keys()
    return KeyRing.parse(text)
