"""Files of features in every kind that may be loaded, made from a few boxes."""

import json
from pathlib import Path

import pyarrow as pa
import pyogrio
import pytest
import shapely
from pyarrow import parquet

DRIVERS = {".geojson": "GeoJSON", ".gpkg": "GPKG", ".shp": "ESRI Shapefile"}


@pytest.fixture
def file_of(tmp_path):
    """Write boxes with their columns as a file; its ending says which kind."""

    def written(name: str, rows: list[dict], lands: list, crs: str | None = "EPSG:4326") -> Path:
        file = tmp_path / name
        columns = {key: [row.get(key) for row in rows] for key in (rows[0] if rows else {})}
        if file.suffix == ".parquet":
            _write_parquet(file, columns, lands, crs)
        elif file.suffix == ".geojson" and crs == "EPSG:4326":
            file.write_text(json.dumps(_collection(rows, lands), ensure_ascii=False), "utf-8")
        else:
            _write_with_gdal(file, columns, lands, crs)
        return file

    return written


def _collection(rows, lands):
    features = [
        {"type": "Feature", "properties": row, "geometry": shapely.geometry.mapping(land)}
        for row, land in zip(rows, lands, strict=True)
    ]
    return {"type": "FeatureCollection", "features": features}


def _write_with_gdal(file, columns, lands, crs):
    pyogrio.raw.write(
        file,
        geometry=shapely.to_wkb(lands),
        field_data=[_objects(values) for values in columns.values()],
        fields=list(columns),
        geometry_type="Polygon",
        crs=crs,
        driver=DRIVERS[file.suffix],
    )


def _objects(values):
    return pa.array(values, pa.string()).to_numpy(zero_copy_only=False)


def _write_parquet(file, columns, lands, crs):
    column = {"encoding": "WKB", "geometry_types": ["Polygon"]}
    if crs != "EPSG:4326":
        column["crs"] = crs
    geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}
    table = pa.table({**columns, "geometry": [bytes(w) for w in shapely.to_wkb(lands)]})
    parquet.write_table(table.replace_schema_metadata({"geo": json.dumps(geo)}), file)
