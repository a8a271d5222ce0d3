"""One peer and one set of texts in a process of their own, run by the peers' Python.

A job comes as JSON on stdin: {"peer", "task", "texts", "began"}; what was answered goes as JSON to
stdout. Nothing is imported here but the standard library and the peer.
"""

import json
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from importlib import import_module
from pathlib import Path
from typing import Any

WARMING_UP = "48 Hàng Ngang, Phường Hàng Đào, Quận Hoàn Kiếm, Hà Nội"
Told = dict[str, Any]
Ask = Callable[[str], Told]


def vietnamadminunits(task: str) -> Ask:
    """By code. Its call of a public geocoding service for split wards is cut off."""
    package = import_module("vietnamadminunits")
    import_module("vietnamadminunits.converter.converter_2025").get_geo_location = lambda _: None
    if task == "parse":
        return lambda text: _parts(package.parse_address(text, mode="LEGACY"))
    if task == "convert":
        return lambda text: _unit(package.convert_address(text))
    return lambda text: _unit(package.parse_address(text, mode="FROM_2025"))


def _parts(unit: Any) -> Told:  # noqa: ANN401 (the peer's own class)
    return {"parts": {level: getattr(unit, level) for level in ("province", "district", "ward")}}


def _unit(unit: Any) -> Told:  # noqa: ANN401 (as above)
    point = [unit.longitude, unit.latitude] if unit.longitude and unit.latitude else None
    return {"code": unit.ward_code, "point": point}


def vietnam_address_converter(task: str) -> Ask:
    """By name, with candidates and a score; its guess among several successors is on."""
    package = import_module("vietnam_address_converter.text")
    if task == "parse":
        return lambda text: {"parts": _named(package.parse_address_text(text)["parsed"])}
    return lambda text: _converted(package.auto_convert_address(text))


def _named(parsed: dict[str, str]) -> dict[str, str | None]:
    return {level: parsed.get(f"{level}_name") for level in ("province", "district", "ward")}


def _converted(result: Told) -> Told:
    best, told = result["converted_new"] or {}, result["conversion"]
    others = [_pair(c["new_ward"], c["new_province"]) for c in told.get("candidates") or ()]
    return {
        "name": _pair(best.get("ward"), best.get("province")),
        "candidates": others,
        "confidence": told.get("confidence"),
    }


def _pair(ward: Told | None, province: Told | None) -> list[str]:
    return [(ward or {}).get("name_with_type") or "", (province or {}).get("name") or ""]


def vn_address_converter(task: str) -> Ask:
    """By name; a text without district is taken for one of today and given back as it is."""
    package = import_module("vn_address_converter")
    if task == "parse":
        return lambda text: {"parts": _fields(package.parse_address(text))}

    def convert(text: str) -> Told:
        found = package.convert_to_new_address(text)
        return {"name": [found.ward or "", found.province or ""]}

    return convert


def _fields(found: Any) -> dict[str, str | None]:  # noqa: ANN401 (as above)
    return {level: getattr(found, level) for level in ("province", "district", "ward")}


PEERS = {
    "vietnamadminunits": vietnamadminunits,
    "vietnam-address-converter": vietnam_address_converter,
    "vn-address-converter": vn_address_converter,
}


def answered(ask: Ask, text: str) -> Told:
    """What the peer says; an exception is an answer too."""
    try:
        return ask(text)
    except Exception as fault:  # noqa: BLE001 (whatever a peer raises)
        return {"fault": type(fault).__name__}


def peak_mb() -> float:
    """The most memory that this process has held."""
    status = Path("/proc/self/status").read_text("utf-8")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def paced(ask: Callable[[str], Any], texts: list[str]) -> Told:
    """Texts a second, asked one after the other.

    `first` is the rate of the first half, in a fresh process; `rate` that of the other half: new
    texts to a process that is up; `again` that of all of them asked a second time.
    """
    middle = len(texts) // 2
    answers: list[Any] = []
    rates, cpu_rates = [], []
    for part in (texts[:middle], texts[middle:], texts):
        began, busy = time.perf_counter(), time.process_time()
        answers += [ask(text) for text in part]
        rates.append(len(part) / (time.perf_counter() - began))
        cpu_rates.append(len(part) / (time.process_time() - busy))
    first, rate, again = rates
    return {
        "answers": answers[: len(texts)],
        "first": first,
        "rate": rate,
        "cpu_rate": cpu_rates[1],
        "again": again,
    }


def run(ask: Ask, job: Told) -> Told:
    """The answers, and what they cost."""
    answered(ask, WARMING_UP)
    start_s = time.time() - job["began"]
    told = paced(lambda text: answered(ask, text), job["texts"])
    return {**told, "start_s": start_s, "peak_mb": peak_mb()}


def main() -> None:
    """Read the job, answer it; what a peer prints is not an answer."""
    job = json.load(sys.stdin)
    with redirect_stdout(sys.stderr):
        result = run(PEERS[job["peer"]](job["task"]), job)
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main()
