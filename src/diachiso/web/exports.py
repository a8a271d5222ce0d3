"""What was exported, for download: files with range requests, and the manifest that signs them."""

from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse
from starlette.exceptions import HTTPException

from diachiso.web.asking import ASK_AGAIN

router = APIRouter(prefix="/exports", tags=["exports"])

MANIFEST = "manifest.json"
FOR_EVER = "public, max-age=31536000, immutable"
"""A file is named by its hash: it never changes."""
AS_IT_IS = {"content-encoding": "identity"}
"""Packed already; and a part of a file, packed, would be no part of it."""
KINDS = {
    ".json": "application/json",
    ".parquet": "application/vnd.apache.parquet",
    ".pmtiles": "application/vnd.pmtiles",
}


@router.get("/{name}")
def download(request: Request, name: str) -> FileResponse:
    """A file of the newest export, whole or in parts (Range); `manifest.json` names them all.

    `diachiso export verify` proves a folder of them against the registry's key.
    """
    home: Path = request.app.state.settings.home
    file = home / "exports" / Path(name).name
    if file.suffix not in KINDS or file.name.startswith(".") or not file.is_file():
        raise HTTPException(
            404,
            f"Không có tệp {name!r}. / There is no file {name!r}; {MANIFEST} names those there "
            "are, once `diachiso export make` was run.",
        )
    kept = ASK_AGAIN if file.name == MANIFEST else FOR_EVER
    return FileResponse(
        file, media_type=KINDS[file.suffix], headers={"cache-control": kept, **AS_IT_IS}
    )
