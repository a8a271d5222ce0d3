"""The keys of this registry: files of DIACHISO_HOME that nobody else on the machine may read.

Each is made when it is first needed. Whoever runs the registry on several machines gives them the
same folder `keys`: a signature or a secret of one must be good on the others.
"""

import base64
import binascii
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from diachiso.address.errors import KeyUnusable

FOLDER = "keys"
OWNER_ALONE = 0o700


def load_or_make(home: Path, name: str) -> Ed25519PrivateKey:
    """The key for signatures of this name, made when there is none (Ed25519, PEM, mode 0600).

    Raises:
        KeyUnusable: the file is there, but is no such key.
    """
    file = home / FOLDER / f"{name}.pem"
    try:
        key = load_pem_private_key(kept(file, _new_signing_key), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as fault:
        raise _unusable(file, fault) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise _unusable(file, "Ed25519?")
    return key


def public_part(key: Ed25519PrivateKey) -> str:
    """The half that everybody may know, in base64."""
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def signature(key: Ed25519PrivateKey, payload: bytes) -> str:
    """A signature in base64."""
    return base64.b64encode(key.sign(payload)).decode()


def is_signed(payload: bytes, signature: str, key: str) -> bool:
    """Did the owner of this key (its public half, in base64) sign this?"""
    try:
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key))
        public.verify(base64.b64decode(signature), payload)
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return True


def secret_box(home: Path, name: str) -> Fernet:
    """What seals secrets that must be usable again (AES and HMAC; the key's file has mode 0600).

    Raises:
        KeyUnusable: the file is there, but is no such key.
    """
    file = home / FOLDER / f"{name}.key"
    try:
        return Fernet(kept(file, Fernet.generate_key))
    except ValueError as fault:
        raise _unusable(file, fault) from None


def _new_signing_key() -> bytes:
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def kept(file: Path, make: Callable[[], bytes]) -> bytes:
    """What is in the file; made whole or not at all, and never over one that is there."""
    try:
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True, mode=OWNER_ALONE)
            _write_once(file, make())
        return file.read_bytes()
    except OSError as fault:
        raise _unusable(file, fault) from None


def _write_once(file: Path, content: bytes) -> None:
    handle, temporary = tempfile.mkstemp(dir=file.parent)  # made with mode 0600
    with os.fdopen(handle, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    try:
        os.link(temporary, file)
    except FileExistsError:
        pass  # another process was quicker: its key is the key
    finally:
        Path(temporary).unlink()


def _unusable(file: Path, fault: object) -> KeyUnusable:
    return KeyUnusable(f"{file}: không dùng được khóa này. / this key cannot be used: {fault}")
