"""Builds the geocoder's in-memory gazetteer of Hanoi from the reference data beside the checkout.

The reference data (../shared/data, see its README) are not part of the product; without them there
is nothing to build, and `town` gives None.
"""

import csv
import gzip
import json
import os
import pickle
from collections import defaultdict
from datetime import date
from pathlib import Path

import numpy as np
import shapely

from diachiso.address.division import REFORM, Level, UnitKey
from diachiso.address.errors import MalformedNumber
from diachiso.address.name import standard
from diachiso.address.number import HouseNumber
from diachiso.geocode.gazetteer import (
    Course,
    House,
    MemoryGazetteer,
    Place,
    Point,
    Share,
    Street,
    Stretch,
    spoken_key,
    street_key,
)
from diachiso.geocode.vocabulary import UnitVocabulary
from diachiso.store.facts import read_aliases, read_facts
from diachiso.store.streets import clusters

HERE = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("DIACHISO_DATA", HERE.parent / "shared" / "data"))
SAME_STREET_M = 1500
METRES = np.array([111_320 * np.cos(np.radians(21.0)), 110_700.0])


class Wards:
    """Which ward of today holds a point or a line."""

    def __init__(self, file: Path) -> None:
        features = json.loads(file.read_text(encoding="utf-8"))["features"]
        self.keys = [
            UnitKey(Level.WARD, str(f["properties"]["code"]), former=False) for f in features
        ]
        self.shapes = [shapely.geometry.shape(f["geometry"]) for f in features]
        self.tree = shapely.STRtree(self.shapes)

    def at(self, point: Point) -> UnitKey | None:
        """The ward that holds a point."""
        found = self.tree.query(shapely.Point(point), predicate="intersects")
        return self.keys[found[0]] if len(found) else None

    def cut(self, line: shapely.LineString) -> list[tuple[UnitKey, shapely.Geometry]]:
        """A line, ward by ward."""
        found = self.tree.query(line, predicate="intersects")
        return [(self.keys[n], shapely.intersection(line, self.shapes[n])) for n in found]


class Town(MemoryGazetteer):
    """The in-memory gazetteer that also knows the ward polygons of today."""

    wards: Wards

    def ward_at(self, point: Point, day: date) -> UnitKey | None:
        """The ward of today that holds a point."""
        return self.wards.at(point) if day >= REFORM else None


def town(shares: Path | None = None) -> Town | None:
    """Hanoi with its streets, houses and places, and the units of the country."""
    if not (SHARED / "streets" / "hanoi_streets.geojson.gz").exists():
        return None
    facts = read_facts(HERE / "data")
    units = UnitVocabulary.of(facts.divisions, facts.lineage, read_aliases(HERE / "data"))
    wards = Wards(SHARED / "boundaries" / "hanoi_wards_2025.geojson")
    streets, courses = _streets(wards)
    with gzip.open(SHARED / "places" / "hanoi_places.csv.gz", "rt", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    houses = _houses(rows, streets)
    built = Town(
        units,
        streets=streets.values(),
        places=_places(rows),
        houses=houses,
        courses=courses,
        shares=_shares(shares),
    )
    built.wards = wards
    return built


def _streets(wards: Wards) -> tuple[dict[int, Street], dict[int, list[Course]]]:
    with gzip.open(SHARED / "streets" / "hanoi_streets.geojson.gz", "rt", encoding="utf-8") as file:
        features = json.load(file)["features"]
    groups = defaultdict(list)
    for feature in features:
        name = standard(feature["properties"]["name"])
        line = shapely.geometry.shape(feature["geometry"])
        groups[spoken_key(name)].append((name, line, feature["properties"]))
    streets: dict[int, Street] = {}
    courses: dict[int, list[Course]] = {}
    for group in groups.values():
        for cluster in clusters(group[0][0], [line for _, line, _ in group]):
            members = [group[n] for n in cluster]
            identity = len(streets) + 1
            streets[identity], courses[identity] = _street(identity, members, wards)
    return streets, courses


def _street(identity, members, wards):  # noqa: ANN001, ANN202
    names = [name for name, _, _ in members]
    pieces = defaultdict(list)
    for _, line, _ in members:
        for ward, piece in wards.cut(line):
            pieces[ward] += [p for p in shapely.get_parts(piece) if p.geom_type == "LineString"]
    stretches, courses = [], []
    for ward, lines in pieces.items():
        if not lines:
            continue
        whole = shapely.MultiLineString(lines)
        middle = shapely.line_interpolate_point(lines[len(lines) // 2], 0.5, normalized=True)
        points = shapely.get_coordinates(whole) * METRES
        centre = shapely.get_coordinates(middle)[0]
        reach = np.hypot(*(points - centre * METRES).T).max()
        length = sum(
            np.hypot(*np.diff(shapely.get_coordinates(p) * METRES, axis=0).T).sum() for p in lines
        )
        stretches.append(Stretch(ward, tuple(map(float, centre)), float(length), float(reach)))
        courses += [Course(tuple(map(tuple, shapely.get_coordinates(p))), ward) for p in lines]
    others = {p.get(k) for _, _, p in members for k in ("alt_name", "old_name")} - {None, ""}
    name = max(dict.fromkeys(names), key=names.count)
    return Street(identity, name, tuple(stretches), tuple(others)), courses


def _houses(rows, streets):  # noqa: ANN001, ANN202
    by_key = defaultdict(list)
    for street in streets.values():
        by_key[street_key(street.name)].append(street)
    houses = []
    for row in rows:
        if not (row["housenumber"] and row["street"] and row["ward_code"]):
            continue
        point = (float(row["lon"]), float(row["lat"]))
        ward = UnitKey(Level.WARD, row["ward_code"], former=False)
        key = street_key(standard(row["street"]))
        near = [(_metres(s, point), s.id) for s in by_key.get(key, ())]
        if not near or min(near)[0] > SAME_STREET_M:
            identity = len(streets) + 1
            new = Street(identity, standard(row["street"]), (Stretch(ward, point, 0.0, 50.0),))
            streets[identity] = new
            by_key[key].append(new)
        else:
            identity = min(near)[1]
        try:
            houses.append(House(identity, HouseNumber.parse(row["housenumber"]).key, point, ward))
        except MalformedNumber:
            continue
    return houses


def _metres(street: Street, point: Point) -> float:
    return min(
        (
            float(np.hypot(*((np.array(t.centre) - np.array(point)) * METRES))) - t.reach_m
            for t in street.stretches
        ),
        default=1e9,
    )


def _places(rows):  # noqa: ANN001, ANN202
    return [
        Place(
            int(row["osm_id"]),
            standard(row["name"]),
            row["category"],
            (float(row["lon"]), float(row["lat"])),
            UnitKey(Level.WARD, row["ward_code"], former=False),
        )
        for row in rows
        if row["name"] and row["ward_code"]
    ]


def _shares(file: Path | None) -> dict[UnitKey, tuple[Share, ...]]:
    """Shares of split wards by area, worked out elsewhere: {old code: {new code: fraction}}."""
    if file is None or not file.exists():
        return {}
    return {
        UnitKey(Level.WARD, old, former=True): tuple(
            Share(UnitKey(Level.WARD, new, former=False), fraction, default=False)
            for new, fraction in sorted(parts.items(), key=lambda pair: -pair[1])
        )
        for old, parts in pickle.loads(file.read_bytes()).items()  # noqa: S301
    }
