"""Examples of the OpenAPI document, made of an address of this very registry: each one runs.

An example has one name in all the parameters it sets, so that whoever reads the document can put
the call together; tests do so, and run every one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from diachiso.address.division import REFORM
from diachiso.address.vpostcode import Vpostcode
from diachiso.store.found import AddressFound

NOTHING: Mapping[str, Any] = {}
OLD_WARD, OLD_WARD_CODE = "Phường Hàng Trống, Quận Hoàn Kiếm, Hà Nội", "00070"
A_PROVINCE, A_WARD = "01", "00070"
EVE_OF_REFORM = REFORM.replace(month=6, day=30).isoformat()


@dataclass(frozen=True, slots=True)
class Sample:
    """What examples are made of: an address that is there, or one of the sort where none is."""

    code: str = "1102458317"
    label: str = "42 Phố Hàng Giầy, Phường Hoàn Kiếm, Thành phố Hà Nội"
    lon: float = 105.8508
    lat: float = 21.0347
    vpostcode: str = "110242VM28X6"

    @classmethod
    def of(cls, found: AddressFound | None, vpostcode: Vpostcode | None) -> "Sample":
        """The sample of an address."""
        if found is None or found.code is None or vpostcode is None:
            return cls()
        line = " ".join(filter(None, (found.number, found.street))) or found.name or ""
        label = ", ".join(filter(None, (line, found.entered_ward.full_name)))
        lon, lat = round(found.lon, 6), round(found.lat, 6)
        return cls(found.code.digits, label, lon, lat, str(vpostcode))


@dataclass(frozen=True, slots=True)
class Example:
    """A call: its parameters, its body, and the status that answers it."""

    summary: str
    params: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    body: Any = None
    status: int = 200


Examples = dict[str, Example]


def examples(it: Sample) -> dict[tuple[str, str], Examples]:
    """The examples of every operation that anybody may call, by method and path."""
    texts = {"queries": [{"id": "a1", "q": it.label}, {"id": "a2", "q": OLD_WARD}]}
    spot = {"lon": it.lon, "lat": it.lat}
    box = f"{it.lon - 0.01:.4f},{it.lat - 0.01:.4f},{it.lon + 0.01:.4f},{it.lat + 0.01:.4f}"
    return {
        ("get", "/v1/find"): {
            "code": Example("Mã địa chỉ số / a code", {"q": f"{it.code[:5]}-{it.code[5:]}"}),
            "position": Example("Tọa độ / coordinates", {"q": f"{it.lat}, {it.lon}"}),
            "vpostcode": Example("Vpostcode", {"q": it.vpostcode}),
            "old_address": Example("Địa chỉ cũ / an old address", {"q": OLD_WARD}),
        },
        ("get", "/v1/geocode"): {
            "address": Example("Một địa chỉ / an address", {"q": it.label, "limit": 1}),
            "old_ward": Example("Phường cũ / a former ward", {"q": OLD_WARD, "limit": 5}),
            "fields": Example(
                "Theo trường / by fields",
                {"street": "Hàng Trống", "ward": "Hàng Trống", "province": "Hà Nội"},
            ),
            "near": Example("Gần một điểm / near a point", {"q": OLD_WARD, "near": _pair(it)}),
        },
        ("post", "/v1/geocode/batch"): {
            "two": Example("Hai địa chỉ / two addresses", body={**texts, "limit": 1})
        },
        ("post", "/v1/parse/batch"): {"two": Example("Hai địa chỉ / two addresses", body=texts)},
        ("get", "/v1/autocomplete"): {
            "typed": Example("Đang gõ / being typed", {"q": "hang tr", "limit": 5})
        },
        ("get", "/v1/convert"): {
            "to_today": Example("Cũ sang mới / old to new", {"code": OLD_WARD_CODE, "to": "today"}),
            "to_former": Example("Mới sang cũ / new to old", {"code": A_WARD, "to": "former"}),
        },
        ("get", "/v1/addresses/{code}"): {
            "today": Example("Hôm nay / today", {"code": it.code}),
        },
        ("get", "/v1/reverse"): {"door": Example("Tại một điểm / at a point", spot)},
        ("get", "/v1/vpostcodes/{vpostcode}"): {
            "cell": Example("Một ô / a cell", {"vpostcode": it.vpostcode})
        },
        ("get", "/v1/wards"): {"box": Example("Trong khung / in a box", {"bbox": box})},
        ("get", "/v1/wards/{code}"): {
            "today": Example("Phường nay / today's ward", {"code": A_WARD}),
            "former": Example(
                "Phường cũ cùng mã / the former ward of that code",
                {"code": A_WARD, "as_of": EVE_OF_REFORM},
            ),
        },
        ("get", "/v1/figures"): {
            "province": Example("Một tỉnh / a province", {"unit": A_PROVINCE})
        },
        ("get", "/v1/figures.csv"): {
            "province": Example("Một tỉnh / a province", {"unit": A_PROVINCE})
        },
        ("get", "/v1/postal-points"): {"ward": Example("Một phường / a ward", {"ward": A_WARD})},
        ("get", "/v1/changes"): {
            "beginning": Example("Từ đầu / from the beginning", {"since": 0, "limit": 3})
        },
        ("get", "/v1/snapshot"): {"ward": Example("Một phường / a ward", {"unit": A_WARD})},
        ("get", "/v1/addresses/{code}/plate.{form}"): {
            "svg": Example("Biển số / a plate", {"code": it.code, "form": "svg"})
        },
        ("post", "/v1/reports"): {
            "number": Example(
                "Số nhà sai / a wrong number",
                body={
                    "wrong": "number",
                    "code": it.code,
                    "proposed": {"number": "12A"},
                    "note": "biển ghi 12A",
                },
                status=201,
            )
        },
    }


def _pair(it: Sample) -> str:
    return f"{it.lon},{it.lat}"
