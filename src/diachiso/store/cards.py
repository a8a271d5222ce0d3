"""What is told of wards, kept in memory: it changes with the edition and the day alone.

To join all that is known of a ward takes milliseconds, to look into its polygon a fraction of one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import text

from diachiso.store.engine import Reader
from diachiso.store.features import Heir, Ward, heirs_of, wards_coded, wards_plain
from diachiso.store.history import edition_of

MOST_CARDS = 40_000
"""Some days of wards; beyond that all are let go and read again when asked for."""

Spot = tuple[float, float, date]
"""Longitude and latitude in degrees WGS 84, and the day."""

HOLDING = text("""
SELECT ward.code, (SELECT coalesce(max(id), 0) FROM edition) AS edition
FROM unnest(CAST(:lons AS float8[]), CAST(:lats AS float8[]), CAST(:days AS date[]))
     WITH ORDINALITY AS p (lon, lat, day, n)
LEFT JOIN LATERAL (
    SELECT unit.code
    FROM unit_boundary AS b JOIN unit ON unit.id = b.unit_id AND unit.level = 'ward'
    WHERE upper_inf(b.recorded) AND b.valid @> p.day
      AND ST_Intersects(b.geom, ST_SetSRID(ST_MakePoint(p.lon, p.lat), 4326))
    ORDER BY unit.code LIMIT 1
) AS ward ON true
ORDER BY p.n
""")

LAND = text("""
SELECT edition.id AS edition, land.unit_id, land.geojson
FROM (SELECT coalesce(max(id), 0) AS id FROM edition) AS edition
LEFT JOIN (
    SELECT b.unit_id, ST_AsGeoJSON(b.geom, 7) AS geojson
    FROM unit JOIN unit_boundary AS b ON b.unit_id = unit.id
    WHERE unit.level = 'ward' AND unit.code = :code
      AND upper_inf(b.recorded) AND b.valid @> CAST(:day AS date)
) AS land ON true
""")


class WardCards:
    """The wards of some days without their land, and what became of them."""

    def __init__(self) -> None:
        self._cards: dict[tuple[int, date, str], Ward] = {}
        self._heirs: dict[tuple[int, int], list[Heir]] = {}
        self._whole: set[tuple[int, date]] = set()

    def read(self, reader: Reader, days: Iterable[date]) -> None:
        """Read every ward of these days beforehand, unless that was done for this edition."""
        edition = edition_of(reader)
        for day in days:
            if (edition, day) not in self._whole:
                if any(known < edition for known, _ in self._whole):
                    self._let_go()
                self._keep(edition, wards_plain(reader, day), day)
                self._whole.add((edition, day))

    def holding(self, reader: Reader, spots: Sequence[Spot]) -> list[Ward | None]:
        """The wards whose polygons held these points on these days; None at sea or undrawn."""
        lons, lats, days = map(list, zip(*spots, strict=True))
        rows = reader.execute(HOLDING, {"lons": lons, "lats": lats, "days": days}).all()
        edition = rows[0].edition
        codes: dict[date, set[str]] = {}
        for row, day in zip(rows, days, strict=True):
            if row.code is not None:
                codes.setdefault(day, set()).add(row.code)
        known = {day: self._of(reader, edition, day, those) for day, those in codes.items()}
        return [
            known[day].get(row.code) if row.code is not None else None
            for row, day in zip(rows, days, strict=True)
        ]

    def on(self, reader: Reader, code: str, day: date) -> tuple[Ward, list[Heir]] | None:
        """The ward that bore this code on this day, with its land and its heirs, or None."""
        rows = reader.execute(LAND, {"code": code, "day": day}).all()
        edition = rows[0].edition
        card = self._of(reader, edition, day, {code}).get(code)
        if card is None:
            return None
        heirs = self._heirs.get((edition, card.id))
        if heirs is None:
            heirs = self._heirs[edition, card.id] = heirs_of(reader, card)
        if card.boundary is not None:
            land = next(row.geojson for row in rows if row.unit_id == card.id)
            card = replace(card, boundary=replace(card.boundary, geojson=land))
        return card, heirs

    def _of(self, reader: Reader, edition: int, day: date, codes: set[str]) -> dict[str, Ward]:
        kept = {code: self._cards.get((edition, day, code)) for code in codes}
        known = {code: card for code, card in kept.items() if card is not None}
        if new := sorted(codes - known.keys()):
            known |= self._keep(edition, wards_coded(reader, new, day), day)
        return known

    def _keep(self, edition: int, wards: Iterable[Ward], day: date) -> dict[str, Ward]:
        if len(self._cards) >= MOST_CARDS:
            self._let_go()
        read = {ward.unit.code: ward for ward in wards}
        self._cards.update({(edition, day, code): ward for code, ward in read.items()})
        return read

    def _let_go(self) -> None:
        self._whole.clear()
        self._cards.clear()
        self._heirs.clear()
