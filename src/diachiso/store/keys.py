"""API keys in PostGIS: shown once when issued, kept as hashes, revocable.

`dcs_` marks a key for those who search for secrets that leaked; then the part that may be shown,
then 256 random bits.
"""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, insert, select, update

from diachiso.address.errors import SignInRefused, UnknownOfficer
from diachiso.registry.officer import Act
from diachiso.store import tables as t
from diachiso.store.engine import Reader, Writer
from diachiso.store.passwords import at_rest, secret

MARK = "dcs_"
SHOWN_BYTES = 4


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """Who came with a key, what it is for, and how often."""

    officer: int
    prefix: str
    name: str
    scopes: frozenset[Act]
    quota: str | None


@dataclass(frozen=True, slots=True)
class KeyKept:
    """A key as it is listed."""

    prefix: str
    name: str
    officer: int
    scopes: tuple[str, ...]
    quota: str | None
    until: date | None
    revoked_at: datetime | None
    last_used: date | None


def issue_key(
    writer: Writer,
    officer: int,
    name: str,
    scopes: Collection[Act],
    *,
    quota: str | None = None,
    until: date | None = None,
) -> str:
    """A new key, in full: it is never seen again."""
    prefix = secrets.token_hex(SHOWN_BYTES)
    key = f"{MARK}{prefix}_{secret()}"
    row = {
        "officer_id": officer,
        "name": name,
        "prefix": prefix,
        "hash": at_rest(key),
        "scopes": sorted(scopes),
        "quota": quota,
        "until": until,
    }
    writer.execute(insert(t.api_key).values(row))
    return key


def key_holder(writer: Writer, key: str) -> KeyHolder:
    """Who holds this key; the day is noted as the last on which it was used.

    Raises:
        SignInRefused: no such key, or it was revoked or has run out.
    """
    held = func.access.key_holder(at_rest(key)).table_valued(
        "officer_id", "prefix", "name", "scopes", "quota"
    )
    row = writer.execute(select(held)).one_or_none()
    if row is None:
        raise SignInRefused(
            "Khóa không đúng, đã thu hồi hoặc hết hạn. / This key is not known, was revoked or has "
            "run out."
        )
    scopes = frozenset(Act(one) for one in row.scopes)
    return KeyHolder(row.officer_id, row.prefix, row.name, scopes, row.quota)


def keys(reader: Reader) -> Sequence[KeyKept]:
    """Every key, the oldest first."""
    rows = reader.execute(select(t.api_key).order_by(t.api_key.c.id))
    return [
        KeyKept(
            row.prefix,
            row.name,
            row.officer_id,
            tuple(row.scopes),
            row.quota,
            row.until,
            row.revoked_at,
            row.last_used,
        )
        for row in rows
    ]


def revoke_key(writer: Writer, prefix: str) -> None:
    """A key that no longer works from now on.

    Raises:
        UnknownOfficer: no key in use begins so.
    """
    key = t.api_key.c
    done = writer.execute(
        update(t.api_key)
        .where(key.prefix == prefix.removeprefix(MARK)[: 2 * SHOWN_BYTES], key.revoked_at.is_(None))
        .values(revoked_at=func.now())
    )
    if not done.rowcount:
        raise UnknownOfficer(f"Không có khóa {prefix}. / No key in use begins with {prefix}.")
