"""Named places, as observed: schools, markets, estates; kept by their OSM identity."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import shapely
from geoalchemy2 import WKBElement
from sqlalchemy import func, select

from diachiso.address.division import Validity
from diachiso.geocode.gazetteer import street_key
from diachiso.store import tables as t
from diachiso.store.engine import Writer
from diachiso.store.history import Source, add, days, is_recorded, source_id, supersede
from diachiso.store.observed import Observed


def load_places(
    writer: Writer, observed: Iterable[Observed], source: Source, *, on: date
) -> dict[str, int]:
    """Record named places; those seen before with another name or point are superseded."""
    origin = source_id(writer, source)
    known = {
        row.osm_id: row
        for row in writer.execute(
            select(
                t.place.c.id,
                t.place.c.osm_id,
                t.place.c.name,
                func.ST_X(t.place.c.geom).label("lon"),
                func.ST_Y(t.place.c.geom).label("lat"),
            ).where(is_recorded(t.place))
        )
    }
    seen = {one.osm_id: one for one in observed if one.name and one.osm_id}
    gone, rows = [], []
    for identity, one in seen.items():
        row = known.get(identity)
        if row is not None and (row.name, row.lon, row.lat) == (one.name, one.lon, one.lat):
            continue
        if row is not None:
            gone.append(row.id)
        rows.append(_place(one, origin, on))
    supersede(writer, t.place, gone)
    add(writer, t.place, rows)
    return {"places": len(rows), "known": len(seen) - len(rows)}


def _place(one: Observed, origin: int, on: date) -> dict[str, Any]:
    return {
        "name": one.name,
        "key": street_key(one.name),
        "category": one.category,
        "osm_id": one.osm_id,
        "geom": WKBElement(shapely.Point(one.lon, one.lat).wkb, srid=4326),
        "valid": days(Validity(on)),
        "source_id": origin,
    }
