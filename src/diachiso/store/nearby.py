"""Wards near a point that lies in none, and the ward of a postal code."""

from datetime import date

from geoalchemy2 import Geography
from sqlalchemy import func, select, text

from diachiso.store import tables as t
from diachiso.store.engine import Reader
from diachiso.store.features import UnitRef, Ward, reference, ward_of, wards_of
from diachiso.store.history import holds_on, is_recorded


def ward_near(reader: Reader, lon: float, lat: float) -> tuple[UnitRef, float] | None:
    """The ward of today nearest to a point, and how far it is in metres; None if none is loaded."""
    land, name, spot = (
        t.unit_boundary,
        t.unit_name,
        func.ST_SetSRID(func.ST_MakePoint(lon, lat), 4326),
    )
    distance = func.ST_Distance(land.c.geom.cast(Geography), spot.cast(Geography))
    row = reader.execute(
        select(t.unit.c.code, name.c.name, name.c.kind, distance.label("metres"))
        .join(land, land.c.unit_id == t.unit.c.id)
        .join(name, (name.c.unit_id == t.unit.c.id) & is_recorded(name))
        .where(is_recorded(land), func.upper_inf(land.c.valid), func.upper_inf(name.c.valid))
        .order_by(land.c.geom.op("<->")(spot))
        .limit(1)
    ).one_or_none()
    return (reference(row.code, row.name, row.kind), row.metres) if row else None


UNDRAWN = text("""
SELECT unit.code, name.name, name.kind, above.code AS above_code, above_name.name AS above_name,
       above_name.kind AS above_kind
FROM unit_figure AS figure
JOIN unit ON unit.id = figure.unit_id AND unit.level = 'ward' AND NOT unit.former
JOIN unit_name AS name ON name.unit_id = unit.id AND upper_inf(name.recorded)
 AND upper_inf(name.valid)
JOIN unit_parent AS up ON up.unit_id = unit.id AND upper_inf(up.recorded) AND upper_inf(up.valid)
JOIN unit AS above ON above.id = up.parent_id
JOIN unit_name AS above_name ON above_name.unit_id = above.id AND upper_inf(above_name.recorded)
 AND upper_inf(above_name.valid)
WHERE upper_inf(figure.recorded)
  AND abs(figure.lon - :lon) < :degrees AND abs(figure.lat - :lat) < :degrees
  AND NOT EXISTS (SELECT FROM unit_boundary AS land
                  WHERE land.unit_id = unit.id AND upper_inf(land.recorded))
ORDER BY (figure.lon - :lon) ^ 2 + (figure.lat - :lat) ^ 2 LIMIT 1
""")
NEAR_A_CENTRE_DEGREES = 0.15
"""About 16 km: hardly a ward on land reaches further from its centre."""


def undrawn_ward_near(reader: Reader, lon: float, lat: float) -> tuple[UnitRef, UnitRef] | None:
    """The ward without a polygon whose centre is near a point, and its province."""
    asked = {"lon": lon, "lat": lat, "degrees": NEAR_A_CENTRE_DEGREES}
    row = reader.execute(UNDRAWN, asked).one_or_none()
    if row is None:
        return None
    return (
        reference(row.code, row.name, row.kind),
        reference(row.above_code, row.above_name, row.above_kind),
    )


def ward_of_postcode(reader: Reader, postcode: str, day: date) -> Ward | None:
    """The ward that a postal code belongs to on a day."""
    wanted = select(t.postcode.c.unit_id).where(
        t.postcode.c.code == postcode, holds_on(t.postcode, day)
    )
    # one value and not a set: else every ward is put together before one is picked
    one = wards_of(geometry=False).where(t.unit.c.id == wanted.limit(1).scalar_subquery())
    row = reader.execute(one, {"day": day}).one_or_none()
    return ward_of(row) if row else None
