"""Opens files of features: GeoJSON, GeoPackage, Shapefile, GeoParquet; WGS 84 comes out.

GDAL (in pyogrio) reads the first three, Arrow the last. What is broken, empty or in an unknown
reference system is refused with a sentence; a file cut off in the middle is never taken in part.
"""

import gzip
import hashlib
import json
import warnings
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
import pyarrow as pa
import pyogrio
import shapely
from numpy.typing import NDArray
from pyarrow import parquet
from pyogrio.errors import DataLayerError, DataSourceError

from diachiso.address.errors import UnreadableSource
from diachiso.address.position import to_wgs84

KINDS = {
    ".geojson": b"{",
    ".json": b"{",
    ".gpkg": b"SQLite format 3\x00",
    ".shp": b"\x00\x00\x27\x0a",
    ".parquet": b"PAR1",
}
"""What may be loaded, and how each kind of file begins."""
WGS84_NAMES = frozenset({"EPSG:4326", "OGC:CRS84"})
LONGEST_BLANK = 65_536
CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Features:
    """Geometries (WGS 84, longitude first) with their attributes, row by row."""

    file: Path
    geometries: NDArray[np.object_]
    columns: dict[str, list[Any]]

    def __len__(self) -> int:
        return len(self.geometries)


def read_features(file: Path, crs: str | None = None) -> Features:
    """Read a file whole; `crs` overrules the reference system that the file states.

    Raises:
        UnreadableSource: not one of the kinds, empty, cut off, or without a reference system.
    """
    look_at_beginning(file)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # GDAL warns of a file cut off, and reads on
            stated, geometries, columns = _read(file)
    except (
        DataSourceError,
        DataLayerError,
        RuntimeWarning,
        UserWarning,
        ValueError,
        pa.ArrowException,
        OSError,
        EOFError,
        zlib.error,
        shapely.errors.ShapelyError,
    ) as fault:
        reason = str(fault).strip().splitlines()[0] if str(fault).strip() else type(fault).__name__
        raise UnreadableSource(
            f"{file}: tệp hỏng hoặc bị cắt cụt. / broken or cut off: {reason}"
        ) from fault
    if not len(geometries):
        raise UnreadableSource(f"{file}: không có đối tượng nào. / holds no feature.")
    return Features(file, _to_wgs84(file, geometries, crs or stated), columns)


def look_at_beginning(file: Path) -> None:
    """Refuse at a glance what is not a file of a known kind, whatever its size."""
    magic = KINDS.get(kind_of(file))
    if magic is None:
        raise UnreadableSource(
            f"{file}: chỉ nhận / takes only {', '.join(KINDS)} (GeoJSON, GeoPackage, Shapefile, "
            "GeoParquet)."
        )
    try:
        with opened(file) as stream:
            beginning = stream.read(LONGEST_BLANK)
    except (OSError, EOFError, zlib.error) as fault:
        raise UnreadableSource(f"{file}: không đọc được. / cannot be read: {fault}") from fault
    if not beginning.strip(b"\x00 \t\r\n"):
        raise UnreadableSource(f"{file}: tệp rỗng. / there is nothing in it.")
    if not beginning.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n").startswith(magic):
        raise UnreadableSource(
            f"{file}: nội dung không phải là tệp {kind_of(file)}. / is not what its name says."
        )


def kind_of(file: Path) -> str:
    """The ending that tells what a file is; '.gz' is looked through."""
    return Path(file.stem if file.suffix == ".gz" else file.name).suffix.lower()


def opened(file: Path) -> IO[bytes]:
    """The bytes of a file, unpacked if it ends in '.gz'."""
    return cast("IO[bytes]", gzip.open(file)) if file.suffix == ".gz" else file.open("rb")


def _read(file: Path) -> tuple[str | None, NDArray[np.object_], dict[str, list[Any]]]:
    if kind_of(file) == ".parquet":
        return _read_parquet(file)
    if kind_of(file) in (".geojson", ".json"):
        _require_whole_json(file)
    if kind_of(file) == ".shp":
        _require_whole_shapefile(file)
    packed = file.suffix == ".gz"
    meta, _, wkb, fields = pyogrio.raw.read(opened(file).read() if packed else file)
    columns = {name: list(values) for name, values in zip(meta["fields"], fields, strict=True)}
    return meta["crs"], shapely.from_wkb(wkb), columns


def _require_whole_json(file: Path) -> None:
    """GDAL mends a GeoJSON that ends in the middle; we do not."""
    if file.suffix == ".gz":
        return  # a packed file that was cut off does not unpack
    with file.open("rb") as stream:
        stream.seek(-min(file.stat().st_size, 4096), 2)
        if not stream.read().rstrip().endswith(b"}"):
            raise ValueError("ends before the collection does")


def _require_whole_shapefile(file: Path) -> None:
    """GDAL reads the shapes that are left; the header says how long the file should be."""
    if file.suffix == ".gz":
        return
    with file.open("rb") as stream:
        stated = 2 * int.from_bytes(stream.read(28)[24:])  # in 16-bit words (ESRI, 1998)
    if stated != file.stat().st_size:
        raise ValueError(f"is {file.stat().st_size:,} bytes long, should be {stated:,}")


def _read_parquet(file: Path) -> tuple[str | None, NDArray[np.object_], dict[str, list[Any]]]:
    table = parquet.read_table(file)
    geo = json.loads((table.schema.metadata or {}).get(b"geo", b"{}"))
    if not geo:
        raise ValueError("is not GeoParquet: the metadata 'geo' is missing")
    primary = geo["primary_column"]
    stated = geo["columns"][primary].get("crs", "OGC:CRS84")
    geometries = shapely.from_wkb(table.column(primary).to_numpy(zero_copy_only=False))
    columns = {
        name: table.column(name).to_pylist()
        for name in table.column_names
        if name != primary and not pa.types.is_nested(table.schema.field(name).type)
    }
    return json.dumps(stated) if isinstance(stated, dict) else stated, geometries, columns


def _to_wgs84(file: Path, geometries: NDArray[np.object_], crs: str | None) -> NDArray[np.object_]:
    if crs is None:
        raise UnreadableSource(
            f"{file}: tệp không ghi hệ tọa độ, thêm --crs (Hà Nội: EPSG:5897). / states no "
            "reference system: pass --crs, for instance EPSG:4326 or EPSG:5897."
        )
    if crs in WGS84_NAMES:
        return geometries
    transform = to_wgs84(crs).transform
    return np.asarray(shapely.transform(geometries, transform, interleaved=False))


def sha256_of(file: Path) -> str:
    """The hash of a file, read a megabyte at a time."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        for chunk in iter(lambda: stream.read(CHUNK), b""):
            digest.update(chunk)
    return digest.hexdigest()


def text_column(columns: dict[str, list[Any]], names: Iterable[str]) -> list[str] | None:
    """The first of these columns that is there, as text (None: none of them)."""
    folded = {name.lower().replace("_", ""): name for name in columns}
    for name in names:
        if (found := folded.get(name.replace("_", ""))) is not None:
            return ["" if value is None else str(value).strip() for value in columns[found]]
    return None
