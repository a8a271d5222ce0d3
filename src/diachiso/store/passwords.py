"""Passwords as argon2id hashes, and random secrets as SHA-256 hashes.

A password is chosen by a person and may be guessed, so its hash is slow by design. A session or a
key is 256 random bits: nobody guesses it, and a fast hash at rest costs no request anything.
"""

import hashlib
import secrets
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from diachiso.address.errors import WeakPassword

SHORTEST, LONGEST = 12, 200
FEW = 5
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Letters and digits that are not mistaken for others when read aloud or copied by hand."""
GROUPS, GROUP = 4, 5
HASHER = PasswordHasher()
"""argon2id, with the parameters of RFC 9106 for machines with little memory."""


def hashed(password: str) -> str:
    """The hash of a password, with its own salt and parameters."""
    return HASHER.hash(password)


def fits(password: str, kept: str | None) -> bool:
    """Is it the password? Where none is kept, as much work is done, and the answer is no."""
    try:
        HASHER.verify(kept or _nobodys(), password)
    except (Argon2Error, InvalidHashError):
        return False
    return kept is not None


@lru_cache(maxsize=1)
def _nobodys() -> str:
    return HASHER.hash(secrets.token_urlsafe())


def is_dated(kept: str) -> bool:
    """Was it hashed with parameters that are no longer ours?"""
    return HASHER.check_needs_rehash(kept)


def one_time_password() -> str:
    """A random password (99 bits) that is easily copied: abcde-fghjk-mnpqr-stuvw."""
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS))
    return "-".join(groups)


def must_be_strong(password: str, *known: str) -> None:
    """See that a new password is not easily guessed (NIST SP 800-63B: long, not composed).

    Raises:
        WeakPassword: too short or too long, of few characters, or made of what is known of them.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise WeakPassword(
            f"Mật khẩu cần từ {SHORTEST} đến {LONGEST} ký tự. / A password needs {SHORTEST} to "
            f"{LONGEST} characters."
        )
    if len(set(password)) < FEW or any(one and one.lower() in password.lower() for one in known):
        raise WeakPassword(
            "Mật khẩu dễ đoán: chứa tên đăng nhập, mật khẩu cũ hoặc quá ít ký tự khác nhau. / "
            "Easily guessed: it holds the login or the old password, or too few characters."
        )


def secret() -> str:
    """256 random bits for a cookie or a form."""
    return secrets.token_urlsafe(32)


def at_rest(token: str) -> str:
    """How a random secret is kept."""
    return hashlib.sha256(token.encode()).hexdigest()
