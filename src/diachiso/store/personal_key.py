"""The key that seals personal data: a file of DIACHISO_HOME that its owner alone may read.

AES-GCM with 256 bits, a new nonce each time; what is sealed is bound to its address and part, so
that a row put in another's place does not open.
"""

import base64
import binascii
import hashlib
import os
import stat
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from diachiso.address.errors import KeyUnusable
from diachiso.settings import Settings

KEY_BYTES, NONCE_BYTES = 32, 12
MARK_LETTERS = 12
FILE = "personal.key"


@dataclass(frozen=True, slots=True)
class PersonalKey:
    """What seals and opens; never printed."""

    secret: bytes = field(repr=False)

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The key of the settings, or of the file in `home`, which is made when there is none.

        Raises:
            KeyUnusable: not 32 bytes in base64, or a file that others may read.
        """
        if settings.personal_key is not None:
            return cls._read(settings.personal_key.get_secret_value(), "DIACHISO_PERSONAL_KEY")
        file = settings.home / FILE
        try:
            if not file.exists():
                _write_once(file, base64.b64encode(os.urandom(KEY_BYTES)))
            if stat.S_IMODE(file.stat().st_mode) & 0o077:
                raise KeyUnusable(
                    f"{file}: người khác đọc được; chạy chmod 600. / others may read it: chmod 600."
                )
            return cls._read(file.read_text("ascii"), str(file))
        except (OSError, UnicodeDecodeError) as fault:
            raise KeyUnusable(f"{file}: {fault}") from None

    @classmethod
    def _read(cls, written: str, where: str) -> Self:
        try:
            secret = base64.b64decode(written.strip(), validate=True)
        except (binascii.Error, ValueError):
            secret = b""
        if len(secret) != KEY_BYTES:
            raise KeyUnusable(
                f"{where}: cần 32 byte dạng base64. / 32 bytes in base64 are needed: "
                "head -c 32 /dev/urandom | base64"
            )
        return cls(secret)

    @property
    def mark(self) -> str:
        """Which key it is, without a hint at what it is."""
        return hashlib.sha256(b"diachiso personal " + self.secret).hexdigest()[:MARK_LETTERS]

    def seal(self, text: bytes, bound_to: str) -> bytes:
        """Nonce and ciphertext."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + AESGCM(self.secret).encrypt(nonce, text, bound_to.encode())

    def open(self, sealed: bytes, bound_to: str) -> bytes:
        """What was sealed.

        Raises:
            KeyUnusable: another key sealed it, or it was changed.
        """
        nonce, rest = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        try:
            return AESGCM(self.secret).decrypt(nonce, rest, bound_to.encode())
        except (InvalidTag, ValueError):
            raise KeyUnusable(
                "Khóa không mở được dữ liệu này. / The key does not open what is kept: another one "
                "sealed it, or it was changed."
            ) from None


def _write_once(file: Path, content: bytes) -> None:
    """Whole or not at all, and never over one that is there."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=file.parent)  # made with mode 0600
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
        os.link(temporary, file)
    except FileExistsError:
        pass  # another process was first
    finally:
        Path(temporary).unlink(missing_ok=True)
