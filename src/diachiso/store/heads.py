"""The head of the ledger, signed: once published, no line before it can be changed unseen."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from diachiso.address.errors import LedgerBroken, UnreadableSource
from diachiso.store import tables as t
from diachiso.store.engine import Reader
from diachiso.store.keyring import is_signed, public_part, signature
from diachiso.store.ledger import Head

KEY = "ledger"
"""The name of the key that signs heads."""
FORM = "diachiso-ledger-head-v1"
HEADS = "heads"
"""The folder of DIACHISO_HOME with what was published: a file a day."""
MOST_HEADS = 400


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A head and who vouches for it; `key` and `signature` in base64."""

    number: int
    hash: str
    last_change: int
    signed_at: str
    key: str
    signature: str

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Self:
        """A head as it was published.

        Raises:
            UnreadableSource: a part is missing.
        """
        try:
            return cls(
                int(told["number"]),
                str(told["hash"]),
                int(told["last_change"]),
                *(str(told[part]) for part in ("signed_at", "key", "signature")),
            )
        except (KeyError, TypeError, ValueError) as fault:
            raise UnreadableSource(
                f"Không phải là đầu sổ cái đã ký. / Not a signed head of a ledger: {fault!r}."
            ) from None

    @property
    def told(self) -> dict[str, Any]:
        """As it is published."""
        return {"form": FORM, **asdict(self)}

    @property
    def payload(self) -> bytes:
        """What is signed: five lines."""
        parts = (FORM, str(self.number), self.hash, str(self.last_change), self.signed_at)
        return "\n".join(parts).encode()


def signed(head: Head, key: Ed25519PrivateKey, now: datetime) -> SignedHead:
    """The head with the registry's signature."""
    public = public_part(key)
    at = now.astimezone(UTC).isoformat(timespec="seconds")
    bare = SignedHead(head.number, head.hash, head.last_change, at, public, "")
    return replace(bare, signature=signature(key, bare.payload))


def must_stand(reader: Reader, head: SignedHead, key: str) -> None:
    """See that a head is signed by this key, and that its line stands.

    Raises:
        LedgerBroken: it is not, or the line is another now.
    """
    _must_be_signed(head, key)
    line = t.ledger
    kept = reader.scalar(select(line.c.hash).where(line.c.number == head.number))
    if kept != head.hash:
        raise LedgerBroken(
            f"Dòng {head.number} của sổ cái không còn như đã công bố ngày {head.signed_at}. / Line "
            f"{head.number} of the ledger is not what was published on {head.signed_at}.",
            line=head.number,
        )


def _must_be_signed(head: SignedHead, key: str) -> None:
    if not is_signed(head.payload, head.signature, key):
        raise LedgerBroken(
            "Chữ ký trên đầu sổ cái không đúng. / The signature on this head is not right.",
            line=head.number,
        )


def published(home: Path) -> list[dict[str, Any]]:
    """The heads that were published, the newest first; what is no head is passed over."""
    told = []
    for file in sorted((home / HEADS).glob("*.json"), reverse=True)[:MOST_HEADS]:
        with suppress(OSError, ValueError, UnreadableSource):
            told.append(SignedHead.read(json.loads(file.read_text("utf-8"))).told)
    return told
