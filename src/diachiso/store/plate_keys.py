"""The keys that plates are signed with: one at work, all that ever were published as a JWK set.

They lie in the keyring of DIACHISO_HOME: `plate-N.pem` (mode 0600), made when first needed, and
`plates.json`, which is what the service publishes. The private half of a key that was given up is
deleted: nothing can be signed with it any more.
"""

import base64
import fcntl
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from diachiso.address.errors import KeyUnusable
from diachiso.registry.plate import PlateKey
from diachiso.store.keyring import FOLDER, OWNER_ALONE, load_or_make

PUBLISHED = "plates.json"


@dataclass(frozen=True, slots=True)
class PlateKeys:
    """The keys of the plates in a home."""

    home: Path

    def published(self, today: date) -> tuple[PlateKey, ...]:
        """Every key there ever was, the one at work last; the first is made at first need.

        Raises:
            KeyUnusable: the list, or the key, cannot be read.
        """
        if not self._file.exists():
            with self._alone():
                if not self._file.exists():
                    self._publish([self._new(1, today)])
        return self._read()

    def known(self) -> tuple[PlateKey, ...]:
        """The keys that are published already; none is made.

        Raises:
            KeyUnusable: the list cannot be read.
        """
        return self._read() if self._file.exists() else ()

    def signer(self, today: date) -> Ed25519PrivateKey:
        """The key at work.

        Raises:
            KeyUnusable: it is not there, or is not the one that was published.
        """
        keys = self.published(today)
        key = load_or_make(self.home, _name(len(keys)))
        if key.public_key().public_bytes_raw() != keys[-1].public:
            raise self._unusable(f"{_name(len(keys))}.pem ≠ {keys[-1].id}")
        return key

    def rotate(self, today: date, *, revoke: bool = False) -> PlateKey:
        """A new key from now on; the old one stays published, revoked if it leaked.

        Raises:
            KeyUnusable: the list, or the key, cannot be read.
        """
        self.published(today)
        with self._alone():
            keys = self._read()
            old = replace(keys[-1], until=today, revoked=revoke)
            new = self._new(len(keys) + 1, today)
            self._publish([*keys[:-1], old, new])
            (self._folder / f"{_name(len(keys))}.pem").unlink(missing_ok=True)
        return new

    @property
    def _folder(self) -> Path:
        return self.home / FOLDER

    @property
    def _file(self) -> Path:
        return self._folder / PUBLISHED

    def _new(self, number: int, today: date) -> PlateKey:
        key = load_or_make(self.home, _name(number))
        return PlateKey(key.public_key().public_bytes_raw(), today)

    def _read(self) -> tuple[PlateKey, ...]:
        try:
            keys = keys_in(orjson.loads(self._file.read_bytes()))
        except (OSError, ValueError) as fault:
            raise self._unusable(fault) from None
        if not keys:
            raise self._unusable("0")
        return keys

    def _publish(self, keys: Sequence[PlateKey]) -> None:
        """Written whole or not at all."""
        content = orjson.dumps(jwks(keys), option=orjson.OPT_INDENT_2)
        try:
            handle, temporary = tempfile.mkstemp(dir=self._folder)
            with os.fdopen(handle, "wb") as out:
                out.write(content)
                out.flush()
                os.fsync(out.fileno())
            Path(temporary).replace(self._file)
        except OSError as fault:
            raise self._unusable(fault) from None

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One process at a time."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=OWNER_ALONE)
            lock = (self._folder / "plates.lock").open("a")
        except OSError as fault:
            raise self._unusable(fault) from None
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _unusable(self, fault: object) -> KeyUnusable:
        return KeyUnusable(
            f"{self._file}: không dùng được khóa này. / this key cannot be used: {fault}"
        )


def jwks(keys: Sequence[PlateKey]) -> dict[str, Any]:
    """The keys as they are published (RFC 7517, RFC 8037), with the days on which they sign."""
    return {"keys": [_jwk(key) for key in keys]}


def keys_in(told: Any) -> tuple[PlateKey, ...]:  # noqa: ANN401 (whatever was in a file)
    """The keys of plates in a JWK set; others are passed over.

    Raises:
        ValueError: it is no JWK set.
    """
    try:
        return tuple(_key(one) for one in told["keys"] if one.get("diachiso") == "plate")
    except (KeyError, TypeError, AttributeError) as fault:
        raise ValueError(repr(fault)) from None


def _jwk(key: PlateKey) -> dict[str, Any]:
    return {
        "kty": "OKP",
        "crv": "Ed25519",
        "use": "sig",
        "alg": "EdDSA",
        "kid": key.id,
        "x": base64.urlsafe_b64encode(key.public).decode().rstrip("="),
        "diachiso": "plate",
        "since": key.since.isoformat(),
        "until": key.until.isoformat() if key.until else None,
        "revoked": key.revoked,
    }


def _key(told: Mapping[str, Any]) -> PlateKey:
    public = base64.urlsafe_b64decode(told["x"] + "=" * (-len(told["x"]) % 4))
    until = date.fromisoformat(told["until"]) if told["until"] else None
    return PlateKey(public, date.fromisoformat(told["since"]), until, bool(told["revoked"]))


def _name(number: int) -> str:
    return f"plate-{number}"
