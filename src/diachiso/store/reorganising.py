"""Decrees in PostGIS: units and their land rewritten, addresses moved in bulk, one line sealed.

All of it is one transaction of whoever acts; the database checks again that they may.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    Integer,
    Text,
    cast,
    func,
    insert,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, REGCLASS, insert as upsert

from diachiso.address.division import Divisions, Level, Validity
from diachiso.address.errors import Overtaken
from diachiso.address.name import name_key
from diachiso.address.record import State
from diachiso.registry.decree import Decree
from diachiso.registry.officer import Act, Acting
from diachiso.registry.reorganise import Land, Lying, Placement, Plan
from diachiso.registry.restructure import Restructuring
from diachiso.store import tables as t
from diachiso.store.boundaries import write_territories
from diachiso.store.boundary_files import Territory
from diachiso.store.decree_land import Boundaries, centre_of, holders, land_after
from diachiso.store.divisions import UnitIds, read_divisions, unit_ids
from diachiso.store.engine import Writer
from diachiso.store.history import (
    Source,
    add,
    curtail,
    days,
    holds_on,
    is_recorded,
    note_edition,
    supersede,
)
from diachiso.store.ledger import sealed
from diachiso.store.progress import Track, quietly
from diachiso.store.sources import sha256_of

AT_ONCE = 20_000
"""Versions a statement: the bar moves, the arrays stay small."""


class PostgisRolls:
    """Units and addresses, in one transaction."""

    def __init__(
        self, writer: Writer, boundaries: Boundaries | None = None, track: Track = quietly
    ) -> None:
        self._writer = writer
        self._boundaries = boundaries
        self._track = track
        self._territories = tuple[Territory, ...]()

    # -- reading ---------------------------------------------------------------------------------

    def divisions(self) -> Divisions:
        """Every unit with its names in time."""
        return read_divisions(self._writer)

    def applied_on(self, decree: Decree) -> date | None:
        """The day on which this very decree was applied; None where it was not."""
        moment = self._writer.scalar(
            select(t.decree.c.applied_at).where(t.decree.c.digest == decree.digest)
        )
        return moment.date() if moment else None

    def land_after(self, decree: Decree, units: Restructuring, standing: Divisions) -> Land:
        """The land that the decree gives to units, matched and checked.

        Raises:
            SourceError: the file of boundaries cannot be taken.
        """
        self._territories, land = land_after(
            self._writer, decree, units, standing, self._boundaries
        )
        return land

    def lying_in(self, units: Restructuring) -> Sequence[Lying]:
        """The versions that hold on the day or later in the wards that the decree is about.

        Those that were retired before the day stay where they ended.
        """
        ids = unit_ids(self._writer)
        keys = {ids[key]: key for key in units.heirs if key.level is Level.WARD}
        book, day = t.address_book, units.effective
        rows = self._writer.execute(
            select(
                book.c.id,
                book.c.address_id,
                book.c.restricted,
                func.lower(book.c.valid).label("since"),
                book.c.ward_id,
                func.ST_X(book.c.position).label("lon"),
                func.ST_Y(book.c.position).label("lat"),
            )
            .where(
                is_recorded(book),
                book.c.ward_id.in_(list(keys)),
                or_(func.upper_inf(book.c.valid), func.upper(book.c.valid) > day),
                or_(book.c.state != State.RETIRED.value, func.lower(book.c.valid) >= day),
            )
            .order_by(book.c.address_id, book.c.valid)
        ).all()
        held = holders(self._territories, [(row.lon, row.lat) for row in rows])
        return [
            Lying(row.id, row.address_id, row.restricted, row.since, keys[row.ward_id], holder)
            for row, holder in zip(rows, held, strict=True)
        ]

    def hold(self) -> None:
        """Let nobody write an address until the transaction ends."""
        self._writer.execute(select(func.hold_addresses()))

    # -- writing ---------------------------------------------------------------------------------

    def write(self, plan: Plan, by: Acting) -> None:
        """Write units, lineage, land and addresses, and seal the act."""
        ids = self._write_units(plan)
        self._write_land(plan, ids)
        moved = self._move(plan, ids)
        self._note(plan, ids)
        self._writer.execute(select(func.refresh_derived()))
        touched = sorted(ids[key] for key in plan.units.touched)
        subjects = [("unit", one) for one in touched]
        subjects += [("address", one) for one in moved]
        sealed(self._writer, Act.REORGANISE, None, plan.note, by.origin, subjects)

    def _write_units(self, plan: Plan) -> UnitIds:
        """Units end, begin, and are called and placed as the decree says."""
        writer, units, day = self._writer, plan.units, plan.units.effective
        new = [
            {"level": u.key.level.value, "code": u.key.code, "former": u.key.former}
            for u in units.begun
        ]
        if new:
            writer.execute(upsert(t.unit).on_conflict_do_nothing(), new)
        ids = unit_ids(writer)
        ended = [ids[key] for key in units.ended]
        for table in (t.unit_life, t.unit_figure, t.postcode):
            curtail(writer, table, ended, day)
        curtail(writer, t.unit_name, [*ended, *(ids[key] for key in units.named)], day)
        curtail(writer, t.unit_parent, [*ended, *(ids[key] for key in units.moved)], day)
        self._begin(plan, ids)
        self._write_lineage(plan, ids)
        return ids

    def _begin(self, plan: Plan, ids: UnitIds) -> None:
        units, decree = plan.units, plan.decree.number
        valid = days(Validity(units.effective))
        lives = [
            {"unit_id": ids[u.key], "level": u.key.level.value, "code": u.key.code}
            for u in units.begun
        ]
        called = {u.key: (u.name, u.kind) for u in units.begun}
        called |= {key: (naming.name, naming.kind) for key, naming in units.named.items()}
        parents = {u.key: u.parent for u in units.begun if u.parent is not None} | dict(units.moved)
        dated = {"valid": valid, "decree": decree}
        add(self._writer, t.unit_life, [row | dated for row in lives])
        add(
            self._writer,
            t.unit_name,
            [
                {"unit_id": ids[key], "name": name, "kind": kind.value, "key": name_key(name)}
                | dated
                for key, (name, kind) in called.items()
            ],
        )
        add(
            self._writer,
            t.unit_parent,
            [
                {"unit_id": ids[key], "parent_id": ids[parent]} | dated
                for key, parent in parents.items()
            ],
        )

    def _write_lineage(self, plan: Plan, ids: UnitIds) -> None:
        line = t.lineage
        rows = [
            {
                "old_id": ids[s.old],
                "new_id": ids[s.new],
                "part": s.part.value,
                "is_default": s.default,
                "effective": plan.units.effective,
                "origin": s.source,
            }
            for s in plan.units.lineage
        ]
        pairs = {(row["old_id"], row["new_id"]) for row in rows}
        known = self._writer.execute(
            select(line.c.id, line.c.old_id, line.c.new_id).where(
                is_recorded(line), line.c.old_id.in_([old for old, _ in pairs])
            )
        )
        again = [row.id for row in known if (row.old_id, row.new_id) in pairs]
        supersede(self._writer, line, again)  # the same two exchanged land before
        add(self._writer, line, rows)

    def _write_land(self, plan: Plan, ids: UnitIds) -> None:
        """Old land ends with its unit; new land holds from the day on."""
        units = plan.units
        made_of = [s.old for u in units.shaped if u.key in plan.land.composed for s in u.sources]
        origin = self._source_of([ids[key] for key in made_of], plan)
        gone = [*units.ended, *(unit.key for unit in units.shaped if unit.continues)]
        curtail(self._writer, t.unit_boundary, [ids[key] for key in gone], units.effective)
        composed = [one for one in self._territories if one.unit in plan.land.composed]
        given = [one for one in self._territories if one.unit not in plan.land.composed]
        for territories, source in ((given, self._file_of(plan)), (composed, origin)):
            write_territories(
                self._writer,
                territories,
                source,
                effective=units.effective,
                decree=plan.decree.number,
                tolerate=True,  # checked when it was planned
            )
        begun = {unit.key for unit in units.begun}
        centres = [
            {"unit_id": ids[one.unit], "lon": lon, "lat": lat}
            | {"valid": days(Validity(units.effective))}
            for one in self._territories
            if one.unit in begun
            for lon, lat in [centre_of(one.land)]
        ]
        add(self._writer, t.unit_figure, centres)

    def _file_of(self, plan: Plan) -> Source:
        file, decree = self._boundaries, plan.decree
        if file is None:
            return Source(decree.number, "", decree.digest, "", decree.issuer, decree.effective)
        attribution = file.attribution or file.file.name
        digest = sha256_of(file.file)
        return Source(file.file.name, "", digest, file.licence, attribution, decree.effective)

    def _source_of(self, made_of: Sequence[int], plan: Plan) -> Source:
        """Where land that is put together comes from: licences and attributions of its parts."""
        kept, source, decree = t.unit_boundary, t.source, plan.decree
        rows = self._writer.execute(
            select(source.c.licence, source.c.attribution)
            .join(kept, kept.c.source_id == source.c.id)
            .where(
                kept.c.unit_id.in_(made_of),
                holds_on(kept, decree.effective - timedelta(days=1)),
            )
            .distinct()
        ).all()
        return Source(
            decree.number,
            "",
            decree.digest,
            "; ".join(sorted({row.licence for row in rows})),
            "; ".join(sorted({row.attribution for row in rows})),
            decree.effective,
        )

    def _move(self, plan: Plan, ids: UnitIds) -> list[int]:
        """Versions go on in their new wards; the addresses they are of."""
        for table in (t.address_version, t.restricted_version):
            hidden = table is t.restricted_version
            moving = [one for one in plan.written if one.lying.restricted is hidden]
            starts = range(0, len(moving), AT_ONCE)
            for start in self._track(starts, "Địa chỉ / addresses"):
                self._reassign(table.name, moving[start : start + AT_ONCE], plan, ids)
        return sorted({one.lying.address for one in plan.written})

    def _reassign(self, table: str, moving: Sequence[Placement], plan: Plan, ids: UnitIds) -> None:
        decree = plan.decree
        done = self._writer.scalar(
            select(
                func.reassign(
                    cast(literal(table, Text), REGCLASS),
                    cast([one.lying.version for one in moving], ARRAY(BigInteger)),
                    cast([ids[one.ward] for one in moving], ARRAY(Integer)),
                    cast([one.doubted for one in moving], ARRAY(Boolean)),
                    cast(plan.units.effective, Date),
                    decree.number,
                    cast(decree.signed, Date),
                    decree.issuer,
                )
            )
        )
        if done != len(moving):
            raise Overtaken("Địa chỉ vừa bị sửa. / Addresses were changed meanwhile.")

    def _note(self, plan: Plan, ids: UnitIds) -> None:
        """That it was applied, which units it wrote, and that there is a new edition to read."""
        decree = plan.decree
        row = {
            "number": decree.number,
            "digest": decree.digest,
            "effective": decree.effective,
            "body": decree.content,
            "plan": plan.digest,
        }
        entered = insert(t.decree).values(row).returning(t.decree.c.id)
        identity = self._writer.scalars(entered).one()
        add(
            self._writer,
            t.decree_unit,
            [
                {"decree_id": identity, "unit_id": ids[key], "became": what}
                for key, what in plan.units.touched.items()
            ],
        )
        note_edition(self._writer, f"decree {decree.number}", decree.digest, plan.note)
