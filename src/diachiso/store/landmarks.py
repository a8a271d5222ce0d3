"""What stands on every map of the country: Hoàng Sa, Trường Sa and Biển Đông, whatever is loaded.

Decree 18/2020/NĐ-CP fines maps that leave them out. They are read from the facts, not from the
database; the sea's name stands midway between the archipelagos.
"""

from functools import lru_cache
from pathlib import Path

from diachiso.store.facts import rows
from diachiso.store.tiles import Landmark

ARCHIPELAGOS = ("20333", "22736")
SEA = ("Biển Đông", "Biển Đông (East Sea)")


@lru_cache(maxsize=1)
def landmarks(facts: Path) -> tuple[Landmark, ...]:
    """The archipelagos, and the sea between them."""
    islands = [
        Landmark(
            kind="islands",
            name=row["full_name"],
            name_en=row["name"],
            province=row["province_name"],
            lon=float(row["lon"]),
            lat=float(row["lat"]),
        )
        for row in rows(facts / "units" / "wards.csv")
        if row["code"] in ARCHIPELAGOS
    ]
    lon = sum(one.lon for one in islands) / len(islands)
    lat = sum(one.lat for one in islands) / len(islands)
    return (*islands, Landmark("sea", *SEA, None, lon, lat))


def archipelagos(facts: Path) -> list[dict[str, str | float | None]]:
    """The archipelagos as the scripts of the pages read them."""
    return [
        {
            "full_name": one.name,
            "name": one.name_en,
            "province": one.province,
            "lon": one.lon,
            "lat": one.lat,
        }
        for one in landmarks(facts)
        if one.kind == "islands"
    ]
