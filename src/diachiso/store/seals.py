"""Where the seal of papers lies: an operator's PKCS#12, or a file of the keyring, made at need."""

from datetime import UTC, datetime
from pathlib import Path

from diachiso.address.errors import KeyUnusable
from diachiso.stationery.seal import Seal, new_seal
from diachiso.store.keyring import FOLDER, kept


def seal_of(home: Path, pkcs12: Path | None = None, password: str | None = None) -> Seal:
    """The seal to use.

    Raises:
        KeyUnusable: its file cannot be read, or is something else.
    """
    if pkcs12 is None:
        file = home / FOLDER / "seal.pem"
        return Seal.of_registry(kept(file, lambda: new_seal(datetime.now(UTC))), file)
    try:
        return Seal.of_operator(pkcs12.read_bytes(), password, pkcs12)
    except OSError as fault:
        raise KeyUnusable(
            f"{pkcs12}: không đọc được con dấu. / the seal cannot be read: {fault}"
        ) from None
