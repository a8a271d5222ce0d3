"""How good the pilot's polygons are: places in their right ward, overlap with the true polygons.

The truth lies beside the checkout (../shared/data) and serves for measuring alone. Usage:
python bench/pilot.py [PROVINCE ...], statistics codes, Hanoi (01) if none is given.
"""

import csv
import gzip
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import shapely
from shapely import MultiPolygon

from diachiso.address.territory import Plane, faults
from diachiso.settings import Settings
from diachiso.store.facts import read_facts
from diachiso.store.matching import read_absorbed
from diachiso.store.packages import fetch
from diachiso.store.pilot import How, Reconstruction, reconstruct

CHECKOUT = Path(__file__).resolve().parents[1]
SHARED = CHECKOUT.parent / "shared" / "data"
SOURCES = CHECKOUT / "data" / "boundaries"


def main(provinces: list[str]) -> None:
    """Reconstruct each province, and print what came out."""
    settings = Settings()
    facts = read_facts(settings.facts)
    absorbed = read_absorbed(settings.facts / "aliases" / "aliases.csv")
    packages = settings.home / "packages"
    fetch(SOURCES / "manifest.toml", SOURCES / "requirements.txt", packages)
    for province in provinces:
        start = time.perf_counter()
        pilot = reconstruct(province, facts=facts, absorbed=absorbed, packages=packages)
        print(f"\nProvince {province}: {time.perf_counter() - start:.1f} s")
        print(pilot.report)
        print(f"overlaps and gaps above 1 m²: {len(faults(lands(pilot), tolerance_m2=1))}")
        measure(province, pilot)


def measure(province: str, pilot: Reconstruction) -> None:
    """Compare with the truth, as far as it is here."""
    if not SHARED.is_dir():
        print("skipped: nothing to compare with, ../shared/data is not here")
        return
    if province == "01":
        print(f"places in their right ward: {places_right(lands(pilot)):.2%} (aim 90 %)")
    compare(pilot, true_lands(province))


def lands(pilot: Reconstruction) -> dict[str, MultiPolygon]:
    """The new wards' land by code."""
    return {code: ward.land for code, ward in pilot.wards.items()}


def places_right(wards: Mapping[str, MultiPolygon]) -> float:
    """The share of OSM places of Hanoi that lie in the ward they are known to lie in."""
    with gzip.open(SHARED / "places" / "hanoi_places.csv.gz", "rt", encoding="utf-8") as lines:
        places = list(csv.DictReader(lines))
    codes = list(wards)
    spots = shapely.points([(float(p["lon"]), float(p["lat"])) for p in places])
    spot, ward = shapely.STRtree(list(wards.values())).query(spots, predicate="intersects")
    right = {n for n, w in zip(spot, ward, strict=True) if places[n]["ward_code"] == codes[w]}
    return len(right) / len(places)


def true_lands(province: str) -> dict[str, MultiPolygon]:
    """The published polygons of a province's wards."""
    table = pq.read_table(
        SHARED / "boundaries" / "vietnam_wards_2025.parquet",
        columns=["code", "geometry"],
        filters=[("province_code", "=", province)],
    )
    return {row["code"]: shapely.from_wkb(row["geometry"]) for row in table.to_pylist()}


def compare(pilot: Reconstruction, truth: Mapping[str, MultiPolygon]) -> None:
    """Overlap (intersection over union), area, and how far borders are off, by kind."""
    for how in How:
        wards = [w for code, w in pilot.wards.items() if w.how is how and code in truth]
        if wards:
            plane = Plane.around(truth.values())
            ours = plane.metres(np.array([w.land for w in wards]))
            true = plane.metres(np.array([truth[w.code] for w in wards]))
            print_likeness(how, ours, true, np.array([w.accuracy_m for w in wards]))


def print_likeness(how: How, ours: np.ndarray, true: np.ndarray, promised_m: np.ndarray) -> None:
    """One line of figures."""
    both = shapely.area(shapely.intersection(ours, true))
    either = shapely.area(ours) + shapely.area(true) - both
    off_m = (either - both) / shapely.length(true)
    area_off = np.abs(shapely.area(ours) / shapely.area(true) - 1)
    print(
        f"{how}: {len(ours)} wards, IoU median {np.median(both / either):.3f}"
        f" min {(both / either).min():.3f}, area off {np.median(area_off):.1%} median"
        f" {area_off.max():.1%} most, borders off {np.median(off_m):.0f} m median"
        f" {np.percentile(off_m, 90):.0f} m p90, promised {np.median(promised_m):.0f} m,"
        f" kept by {(off_m <= promised_m).mean():.0%}"
    )


if __name__ == "__main__":
    main(sys.argv[1:] or ["01"])
