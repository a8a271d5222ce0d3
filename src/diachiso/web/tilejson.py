"""Tiles described: TileJSON 3.0, the fields of each layer, bounds, and whom to credit."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date

from diachiso.address.position import EAST, NORTH, SOUTH, WEST
from diachiso.store.coverage import coverage
from diachiso.store.engine import Reader
from diachiso.store.tiles import Layer
from diachiso.web import wire

FINEST = 16
"""Zoom beyond which clients do best to magnify tiles: they hold all that there is."""
TITLES: Mapping[str, str] = {
    "provinces": "Tỉnh, thành phố / provinces",
    "wards": "Phường, xã, đặc khu / wards",
    "former_districts": "Huyện, quận trước 1/7/2025 / former districts",
    "former_wards": "Phường, xã trước 1/7/2025 / former wards",
    "streets": "Đường, phố / streets",
    "addresses": "Địa chỉ / addresses",
    "postal_points": "Điểm phục vụ bưu chính / postal points",
    "national": "Quần đảo và biển / archipelagos and the sea",
    "country": "Cả nước, mọi lớp / the whole country, all layers",
}
UNIT = {"code": "String", "name": "String", "kind": "String"}
FIELDS: Mapping[Layer, Mapping[str, Mapping[str, str]]] = {
    Layer.PROVINCES: {"provinces": UNIT, "province_names": UNIT},
    Layer.WARDS: {"wards": {**UNIT, "accuracy": "String"}, "ward_names": UNIT},
    Layer.FORMER_DISTRICTS: {"former_districts": UNIT},
    Layer.FORMER_WARDS: {
        "former_wards": {**UNIT, "accuracy": "String"},
        "former_ward_names": UNIT,
    },
    Layer.STREETS: {"streets": {"name": "String", "greater": "Number"}},
    Layer.ADDRESSES: {
        "addresses": {
            "code": "String",
            "number": "String",
            "street": "String",
            "kind": "String",
            "state": "String",
            "name": "String",
            "count": "Number",
        }
    },
    Layer.POSTAL_POINTS: {"postal_points": {"code": "String", "kind": "String", "name": "String"}},
    Layer.NATIONAL: {
        "national": {
            "kind": "String",
            "name": "String",
            "name_en": "String",
            "province": "String",
        }
    },
}
"""The layers within the tiles of a layer; `count` stands on clusters of addresses alone."""
WITH_LAND = frozenset(Layer) - {Layer.ADDRESSES, Layer.POSTAL_POINTS, Layer.NATIONAL}


def tilejson(
    reader: Reader, name: str, layers: Sequence[Layer], url: str, as_of: date
) -> wire.Json:
    """A tileset described; of those with land also how many wards of each accuracy there are."""
    found = coverage(reader, layers[0].day_of(as_of))
    land = bool(WITH_LAND & set(layers))
    bounds = found.bounds if land else (WEST, SOUTH, EAST, NORTH)
    if name == "country":
        bounds = (WEST, SOUTH, EAST, NORTH)
    return {
        "tilejson": "3.0.0",
        "name": TITLES[name],
        "tiles": [url],
        "scheme": "xyz",
        "minzoom": min(layer.farthest for layer in layers),
        "maxzoom": FINEST,
        **({"bounds": bounds} if bounds else {}),
        "attribution": "; ".join(map(str, found.credits)),
        "vector_layers": vector_layers(layers),
        "as_of": as_of,
        **({"accuracy": found.accuracy} if land else {}),
        "credits": [asdict(one) for one in found.credits],
    }


def vector_layers(layers: Sequence[Layer]) -> list[wire.Json]:
    """The layers within tiles, with the zooms at which they hold anything, and their fields."""
    return [
        {
            "id": identity,
            "description": TITLES[layer],
            "minzoom": layer.farthest,
            "maxzoom": FINEST,
            "fields": fields,
        }
        for layer in layers
        for identity, fields in FIELDS[layer].items()
    ]
