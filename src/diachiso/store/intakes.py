"""Intakes in PostGIS: begun, gone on with, ended; the rows of a file and what became of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete, false, func, insert, literal, select, true, update
from sqlalchemy.dialects.postgresql import JSONB

from diachiso.address.code import AddressCode
from diachiso.address.division import Kind, Level, UnitKey, full_name
from diachiso.address.errors import Overtaken, UnknownUnit
from diachiso.address.name import name_key
from diachiso.registry.intake import Entry, Fault, Field
from diachiso.registry.intake_judging import key_of, packed
from diachiso.registry.intake_placing import spot_of
from diachiso.store import tables as t
from diachiso.store.engine import Reader, Writer
from diachiso.store.history import Source, is_recorded, source_id
from diachiso.store.likely import unit_is

PAGE = 5_000


@dataclass(frozen=True, slots=True)
class Intake:
    """A file on its way: how far it is, and on what terms."""

    id: int
    officer: int
    unit: int
    source: int
    file: str
    digest: str
    trial: bool
    mapping: Mapping[str, int]
    options: Mapping[str, Any]
    total: int
    done: int
    is_ended: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row."""

    row: int
    fate: str
    called: str | None
    faults: tuple[Fault, ...]


def _intake(row: Any) -> Intake:  # noqa: ANN401 (a row of the table)
    return Intake(
        row.id,
        row.officer_id,
        row.unit_id,
        row.source_id,
        row.file,
        row.digest,
        row.trial,
        row.mapping,
        row.options,
        row.total,
        row.done,
        row.ended_at is not None,
    )


def find_intake(reader: Reader, digest: str, *, trial: bool) -> Intake | None:
    """The last intake of these bytes that the one who acts may see."""
    row = reader.execute(
        select(t.intake)
        .where(t.intake.c.digest == digest, t.intake.c.trial.is_(trial))
        .order_by(t.intake.c.id.desc())
        .limit(1)
    ).one_or_none()
    return _intake(row) if row else None


def intake_of(reader: Reader, identity: int) -> Intake | None:
    """An intake by its number."""
    row = reader.execute(select(t.intake).where(t.intake.c.id == identity)).one_or_none()
    return _intake(row) if row else None


def begin(
    writer: Writer,
    *,
    officer: int,
    unit: UnitKey,
    file: str,
    digest: str,
    trial: bool,
    mapping: Mapping[str, int],
    options: Mapping[str, Any],
    total: int,
) -> Intake:
    """Begin an intake; trials of the same file that went before are cleared away."""
    old = select(t.intake.c.id).where(
        t.intake.c.digest == digest, t.intake.c.trial, t.intake.c.officer_id == officer
    )
    if trial:
        writer.execute(delete(t.intake_row).where(t.intake_row.c.intake_id.in_(old)))
        writer.execute(delete(t.intake).where(t.intake.c.id.in_(old)))
    source = source_id(
        writer,
        Source(
            name=f"Tệp / file {file}",
            version=str(officer),
            sha256=digest,
            licence="",
            attribution="Sổ địa chỉ số quốc gia / the national address registry",
        ),
    )
    row = {
        "officer_id": officer,
        "unit_id": writer.scalar(select(t.unit.c.id).where(unit_is(unit))),
        "source_id": source,
        "file": file,
        "digest": digest,
        "trial": trial,
        "mapping": dict(mapping),
        "options": dict(options),
        "total": total,
    }
    made = insert(t.intake).values(row).returning(*t.intake.c)
    return _intake(writer.execute(made).one())


def claim(writer: Writer, intake: Intake, done: int) -> None:
    """Hold an intake until the transaction ends, if it stands where one believes.

    A decree is waited for before wards are looked up, not after (`hold_addresses`).

    Raises:
        Overtaken: another run is at work on it.
    """
    nothing = select(literal("proposed")).where(false())
    writer.execute(insert(t.address_version).from_select(["state"], nothing))
    held = writer.execute(
        select(t.intake.c.done).where(t.intake.c.id == intake.id).with_for_update(nowait=False)
    ).scalar_one_or_none()
    if held != done:
        raise Overtaken(
            f"{intake.file}: một lệnh khác đang nhập tệp này. / another run is at work on this "
            "file."
        )


def keep(writer: Writer, intake: Intake, outcomes: Sequence[Mapping[str, Any]], done: int) -> None:
    """Write down what became of a chunk, and how far the file is."""
    if outcomes:
        writer.execute(insert(t.intake_row).returning(t.intake_row.c.row), list(outcomes)).all()
    ended = func.now() if done >= intake.total else None
    writer.execute(
        update(t.intake).where(t.intake.c.id == intake.id).values(done=done, ended_at=ended)
    )


def outcome_row(intake: int, row: Entry, fate: str, address: int | None) -> dict[str, Any]:
    """A row of `intake_row`."""
    taken = fate != "left_out"
    return {
        "intake_id": intake,
        "row": row.number_in_file,
        "fate": fate,
        "address_id": address,
        "key": key_of(row) if taken else None,
        "spot": packed(spot_of(row)) if taken else None,
        "external_id": (row.external or None) if taken else None,
        "faults": [_told(fault) for fault in row.faults],
    }


def _told(fault: Fault) -> list[str | None]:
    return [fault.rule, fault.field.value if fault.field else None, fault.found, fault.put]


def outcomes(reader: Reader, intake: int) -> Iterator[Outcome]:
    """What became of each row, in order; blank rows are passed over."""
    last = 0
    while page := outcomes_after(reader, intake, last, PAGE):
        yield from page
        last = page[-1].row


def outcomes_after(
    reader: Reader, intake: int, last: int, most: int, *, faulty: bool = False
) -> list[Outcome]:
    """What became of the rows after one; of those with faults alone, if so asked."""
    row, code = t.intake_row, t.issued_code
    query = (
        select(row.c.row, row.c.fate, row.c.address_id, row.c.faults, code.c.code)
        .outerjoin(code, code.c.address_id == row.c.address_id)
        .where(row.c.intake_id == intake, row.c.row > last)
        .order_by(row.c.row)
        .limit(most)
    )
    if faulty:
        query = query.where(func.jsonb_array_length(row.c.faults) > 0)
    return [
        Outcome(
            one.row, one.fate, _called(one.code, one.address_id), tuple(map(_fault, one.faults))
        )
        for one in reader.execute(query)
    ]


def _called(code: str | None, address: int | None) -> str | None:
    if code:
        return str(AddressCode(code))
    return f"D{address}" if address else None


def _fault(told: Sequence[str | None]) -> Fault:
    rule, field, found, put = told
    return Fault(rule or "", Field(field) if field else None, found or "", put or "")


def counts(reader: Reader, intake: int) -> tuple[dict[str, int], dict[str, int]]:
    """How many rows met each fate, and how many each rule spoke of."""
    row = t.intake_row
    fates = reader.execute(
        select(row.c.fate, func.count()).where(row.c.intake_id == intake).group_by(row.c.fate)
    )
    told = func.jsonb_array_elements(row.c.faults, type_=JSONB).table_valued("value", name="told")
    rule = func.jsonb_extract_path_text(told.c.value, "0")
    rules = reader.execute(
        select(rule.label("rule"), func.count(row.c.row.distinct()))
        .select_from(row)
        .join(told, true())
        .where(row.c.intake_id == intake)
        .group_by(rule)
    )
    return {row[0]: row[1] for row in fates}, {row[0]: row[1] for row in rules}


# -- wards ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wards:
    """Today's wards of a file's area, and every name and code that means one of them."""

    names: Mapping[UnitKey, str]
    by_key: Mapping[str, frozenset[UnitKey]]
    by_code: Mapping[str, frozenset[UnitKey]]
    today: Mapping[str, frozenset[UnitKey]]
    """By key and by code: the ward that is called so now."""


def wards_within(reader: Reader, unit: UnitKey, on: date) -> Wards:
    """The wards of a province (or of a ward's), and the names and codes of old that mean them.

    Raises:
        UnknownUnit: no such ward or province today, or it has no wards.
    """
    del on  # names and codes of every day are understood
    wards = _today(reader, unit)
    if not wards:
        raise UnknownUnit(f"Không có đơn vị {unit.code}. / No unit has the code {unit.code}.")
    line, name, old = t.lineage, t.unit_name, t.unit
    keys: dict[str, set[UnitKey]] = {}
    keys_now: dict[str, set[UnitKey]] = {}
    codes: dict[str, set[UnitKey]] = {}
    heirs: dict[int, set[UnitKey]] = {i: {ward} for i, (ward, _) in wards.items()}
    for one in reader.execute(
        select(line.c.old_id, line.c.new_id).where(line.c.new_id.in_(wards), is_recorded(line))
    ):
        heirs.setdefault(one.old_id, set()).add(wards[one.new_id][0])
    for one in reader.execute(select(old.c.id, old.c.code).where(old.c.id.in_(heirs))):
        codes.setdefault(one.code, set()).update(heirs[one.id])
    for one in reader.execute(
        select(name.c.unit_id, name.c.name).where(name.c.unit_id.in_(heirs), is_recorded(name))
    ):
        keys.setdefault(name_key(one.name), set()).update(heirs[one.unit_id])
        if one.unit_id in wards:
            keys_now.setdefault(name_key(one.name), set()).add(wards[one.unit_id][0])
    return Wards(
        dict(wards.values()),
        {key: frozenset(found) for key, found in keys.items()},
        {code: frozenset(found) for code, found in codes.items()},
        _called_so_now([ward for ward, _ in wards.values()], keys_now),
    )


def _called_so_now(
    wards: Sequence[UnitKey], keys: Mapping[str, set[UnitKey]]
) -> dict[str, frozenset[UnitKey]]:
    by_code = {ward.code: frozenset({ward}) for ward in wards}
    return {key: frozenset(found) for key, found in keys.items()} | by_code


def _today(reader: Reader, unit: UnitKey) -> dict[int, tuple[UnitKey, str]]:
    one, up, name = t.unit, t.unit_parent, t.unit_name
    query = (
        select(one.c.id, one.c.code, name.c.name, name.c.kind)
        .join(name, (name.c.unit_id == one.c.id) & is_recorded(name))
        .where(
            one.c.level == Level.WARD.value, one.c.former.is_(False), func.upper_inf(name.c.valid)
        )
    )
    if unit.level is Level.WARD:
        own = select(up.c.parent_id).where(
            up.c.unit_id == select(one.c.id).where(unit_is(unit)).scalar_subquery(),
            is_recorded(up),
            func.upper_inf(up.c.valid),
        )
    else:
        own = select(one.c.id).where(unit_is(unit))
    above = own.cte("above")
    query = query.join(up, (up.c.unit_id == one.c.id) & is_recorded(up)).where(
        up.c.parent_id.in_(select(above)), func.upper_inf(up.c.valid)
    )
    return {
        row.id: (
            UnitKey(Level.WARD, row.code, former=False),
            f"{full_name(Kind(row.kind), row.name)} ({row.code})",
        )
        for row in reader.execute(query)
    }
