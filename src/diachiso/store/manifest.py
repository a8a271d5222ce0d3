"""The manifest of an export: what belongs to it, of which state, signed by the registry.

The key is the one that signs heads of the ledger; the first line of what is signed tells the two
apart.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pmtiles.reader import MmapSource, Reader as ArchiveReader
from pyarrow import ArrowInvalid, parquet

from diachiso.address.errors import UnreadableSource
from diachiso.store.exports import Written, digest_of
from diachiso.store.keyring import is_signed, public_part, signature

MANIFEST = "manifest.json"
FORM = "diachiso-export-v1"
BESIDE = ("key", "signature")


def manifest_of(
    files: Sequence[Written],
    *,
    state: tuple[int, int],
    day: date,
    now: datetime,
    credits_: Sequence[dict[str, str]],
    key: Ed25519PrivateKey,
) -> dict[str, Any]:
    """What was exported, of which edition and change, and the registry's signature on it."""
    told: dict[str, Any] = {
        "form": FORM,
        "edition": state[0],
        "change": state[1],
        "as_of": day.isoformat(),
        "made_at": now.isoformat(timespec="seconds"),
        "credits": list(credits_),
        "files": [asdict(one) for one in files],
    }
    return {**told, "key": public_part(key), "signature": signature(key, _payload(told))}


def _payload(told: dict[str, Any]) -> bytes:
    bare = {name: value for name, value in told.items() if name not in BESIDE}
    return FORM.encode() + b"\n" + orjson.dumps(bare, option=orjson.OPT_SORT_KEYS)


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """The manifest of a folder; None where there is none.

    Raises:
        UnreadableSource: it is no manifest.
    """
    file = folder / MANIFEST
    try:
        told = orjson.loads(file.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as fault:
        raise UnreadableSource(f"{file}: không đọc được. / cannot be read: {fault}") from None
    if not isinstance(told, dict) or told.get("form") != FORM:
        raise UnreadableSource(f"{file}: không phải bản kê. / not a manifest of an export.")
    return told


def faults_of(folder: Path, told: dict[str, Any], key: str | None) -> list[str]:
    """What is wrong with an export: nothing, if it is whole and signed by this key.

    Without a key it is held against the one that the manifest itself names.
    """
    signed_by = key or str(told.get("key"))
    faults = []
    if not is_signed(_payload(told), str(told.get("signature")), signed_by):
        faults.append(f"{MANIFEST}: chữ ký sai / the signature is not right")
    return faults + [
        f"{one['name']}: {fault}"
        for one in told.get("files", [])
        if (fault := _fault_of(folder / Path(str(one["name"])).name, one))
    ]


def _fault_of(file: Path, told: dict[str, Any]) -> str | None:
    if not file.is_file():
        return "không có / is not there"
    if file.stat().st_size != told["bytes"] or digest_of(file) != told["sha256"]:
        return "không phải tệp đã ký / not the file that was signed"
    if (count := _count(file)) != told["count"]:
        return f"{count} ≠ {told['count']}"
    return None


def _count(file: Path) -> int | None:
    """Rows of a table, tiles of an archive; None: it cannot be opened."""
    try:
        if file.suffix == ".parquet":
            return int(parquet.read_metadata(file).num_rows)
        with file.open("rb") as content:
            return int(ArchiveReader(MmapSource(content)).header()["addressed_tiles_count"])
    except (OSError, ValueError, ArrowInvalid):
        return None


def clear_up(folder: Path, *manifests: dict[str, Any] | None) -> int:
    """Remove files that neither manifest names; how many. What is being downloaded stays."""
    named = {one["name"] for told in manifests if told for one in told["files"]} | {MANIFEST}
    gone = [
        file
        for file in folder.iterdir()
        if file.is_file() and file.name not in named and file.suffix in {".parquet", ".pmtiles"}
    ]
    for file in gone:
        file.unlink()
    return len(gone)
