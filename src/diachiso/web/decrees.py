"""Decrees over HTTP, for the ministry: tried dry, then applied as they were tried."""

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from diachiso.address.errors import Incomplete
from diachiso.registry.decree import read_decree
from diachiso.registry.officer import Act
from diachiso.registry.reorganise import SPOKEN, Plan, planned, reorganise
from diachiso.store.decree_land import Boundaries
from diachiso.store.facts import read_facts
from diachiso.store.reorganising import PostgisRolls
from diachiso.web import told, wire
from diachiso.web.access import CurrentActing, acting_books
from diachiso.web.asking import only_known
from diachiso.web.forms import Form

router = APIRouter(
    prefix="/v1/registry/decrees", tags=["registry"], dependencies=[Depends(only_known)]
)
LONGEST = 5_000_000
FILE = "boundaries.geojson"


class DecreeForm(Form):
    """A decree as its file says it, and the land after it; dry, or as a dry run has shown."""

    decree: str = Field(max_length=LONGEST)
    """The file: TOML, or JSON."""
    name: Annotated[str, Field(pattern=r"^[\w.-]{1,80}\.(toml|json)$")] = "decree.toml"
    boundaries: dict[str, Any] | None = None
    """GeoJSON: the units that get new land, by `code` and `name`."""
    crs: str | None = Field(None, max_length=100)
    tolerance_m2: float = Field(100.0, ge=0, le=1_000_000)
    dry_run: bool = True
    expect: str | None = Field(None, pattern="^[0-9a-f]{16,64}$")
    """The plan of the dry run."""


@router.post("")
def apply_decree(request: Request, by: CurrentActing, form: DecreeForm) -> Response:
    """Show what a decree would do, or do just that, in one transaction."""
    by.must_nationally(Act.REORGANISE)
    if not form.dry_run and form.expect is None:
        raise Incomplete(
            "Hãy chạy thử trước rồi gửi `expect`. / Try it dry first, then send its `plan` as "
            "`expect`.",
            missing=["expect"],
        )
    decree = read_decree(form.decree.encode(), form.name)
    with TemporaryDirectory() as folder, acting_books(request) as books:
        rolls = PostgisRolls(books.writer, _land(request, form, Path(folder)))
        if form.dry_run:
            plan = planned(rolls, decree, by)
        else:
            plan = reorganise(rolls, decree, by, expect=form.expect)
    known = {"number": decree.number, "issuer": decree.issuer, "effective": decree.effective}
    if plan is None:
        return told.answer({**known, "state": "applied_before"})
    state = "tried" if form.dry_run else "applied"
    return told.answer({**known, "state": state, **_plan(plan)})


def _land(request: Request, form: DecreeForm, folder: Path) -> Boundaries | None:
    if form.boundaries is None:
        return None
    file = folder / FILE
    file.write_bytes(orjson.dumps(form.boundaries))
    corrections = read_facts(request.app.state.settings.facts).corrections
    aliases = {one.key: one.becomes for one in corrections if one.table == "boundaries"}
    return Boundaries(file, aliases, form.crs, tolerance_m2=form.tolerance_m2)


def _plan(plan: Plan) -> wire.Json:
    """What a plan does, in numbers and ward by ward."""
    land = plan.land
    return {
        "plan": plan.digest,
        "units": dict(Counter(plan.units.touched.values())),
        "land": {
            "given": len(land.digests) - len(land.composed),
            "composed": len(land.composed),
            "none": len(land.landless),
            "faults": land.faults.splitlines(),
        },
        "addresses": plan.note["addresses"],
        "doubted": plan.note["doubted"],
        "grounds": [
            {"ground": ground.value, "meaning": SPOKEN[ground], "addresses": count}
            for ground, count in plan.grounds.items()
        ],
        "flows": [
            {"from": old.code, "to": new.code, "ground": ground.value, "addresses": count}
            for (old, new, ground), count in sorted(
                plan.flows.items(), key=lambda flow: (-flow[1], flow[0][0].code, flow[0][1].code)
            )
        ],
    }
