"""The story of an intake: chunk by chunk, judged and entered in one transaction each.

Every verdict follows from the file and from what is committed, and chunks always begin at the same
rows: a run that is killed and gone on with ends as one that was not.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import islice

from sqlalchemy import Engine

from diachiso.address.division import Level, UnitKey
from diachiso.address.errors import Incomplete
from diachiso.address.name import name_key
from diachiso.registry.intake import Entry
from diachiso.registry.intake_judging import judged
from diachiso.registry.intake_terms import Terms
from diachiso.registry.officer import Act, Acting
from diachiso.store.acting import acting
from diachiso.store.bulk import Bulk, ward_ids
from diachiso.store.engine import Reader, Writer
from diachiso.store.intakes import (
    Intake,
    Wards,
    begin,
    claim,
    find_intake,
    keep,
    outcome_row,
    wards_within,
)
from diachiso.store.officers import officer_of
from diachiso.store.progress import Bar, Tell
from diachiso.store.surveys import PostgisSurvey
from diachiso.taking.order import ZONES, Order, convert, order_again

CHUNK = 1_000
"""Rows a transaction; kept for ever the same, or a run gone on with would be cut elsewhere."""
KIND = re.compile(r"^(?:phuong|xa|thi tran|dac khu|tt|p|x|ward|commune) (?=[a-z0-9])")


@dataclass(frozen=True, slots=True)
class Taker:
    """Who takes a file in: by number, with what their key is for, and from where."""

    officer: int
    scopes: frozenset[Act] | None = None
    origin: str = "intake"

    def acting(self, writer: Reader, today: date) -> Acting:
        """Somebody at work."""
        return Acting(officer_of(writer, self.officer, self.scopes), today, self.origin)


def begun(engine: Engine, taker: Taker, order: Order, tell: Tell) -> tuple[Intake, Order]:
    """The intake of an order: the one that stopped half-way, the one that is done, or a new one.

    Raises:
        Incomplete: it was begun on other terms, and is half done.
        NotAllowed: nowhere may they enter addresses.
    """
    digest = order.digest
    officer = taker.officer
    with acting(engine, officer, taker.scopes) as writer:
        by = taker.acting(writer, order.on)
        _must_somewhere(by, order)
        real = find_intake(writer, digest, trial=False)
        known = real if real or not order.trial else find_intake(writer, digest, trial=True)
        if known is not None and known.officer == officer and known.trial:
            fits = known.mapping == order.mapping and _terms(known.options) == _terms(order.options)
            known = known if fits and not known.is_ended else None
        if known is None:
            made = begin(
                writer,
                officer=officer,
                unit=order.unit,
                file=order.table.file.name,
                digest=digest,
                trial=order.trial,
                mapping=order.mapping,
                options=order.options,
                total=order.table.count,
            )
            return made, order
    return known, _gone_on_with(known, order, tell)


def _terms(options: object) -> dict[str, object]:
    return {k: v for k, v in dict(options).items() if k != "on"}  # type: ignore[call-overload]


def _must_somewhere(by: Acting, order: Order) -> None:
    acts = (Act.REGISTER, Act.RECORD) if order.record else (Act.REGISTER,)
    for act in acts:
        if order.unit.level is Level.WARD:
            by.must(act, order.unit)
        elif not any(
            by.officer.may(act, ward, by.today)
            for mandate in by.officer.mandates
            for ward in mandate.covers or (None,)
        ):
            by.must_nationally(act)


def _gone_on_with(known: Intake, order: Order, tell: Tell) -> Order:
    if known.is_ended:
        return order
    if known.mapping != order.mapping or _terms(known.options) != _terms(order.options):
        raise Incomplete(
            f"{known.file}: đã nhập {known.done:,}/{known.total:,} dòng với cột hoặc tùy chọn "
            f"khác; hãy chạy lại như trước. / {known.done:,} of {known.total:,} rows were taken "
            f"with other columns or options: repeat them ({known.mapping}, {known.options})."
        )
    tell(
        f"Tiếp tục từ dòng {known.done + 1:,}/{known.total:,}. / Going on from row "
        f"{known.done + 1:,} of {known.total:,}."
    )
    grid = order.table.grid
    sheet = getattr(grid, "sheet", None)
    return order_again(order.table.file, sheet, known.mapping, known.options, trial=known.trial)


def run(engine: Engine, taker: Taker, intake: Intake, order: Order, today: date, bar: Bar) -> None:
    """Take a file in from where it stands to its end.

    Raises:
        Overtaken: another run is at work on the same file.
        NotAllowed: they may no longer enter addresses there.
    """
    done = intake.done
    rows = order.entries(done)
    terms: Terms | None = None
    with bar("Nhập địa chỉ / taking in", intake.total, done) as move:
        for chunk in _chunks(rows):
            with acting(engine, taker.officer, taker.scopes) as writer:
                claim(writer, intake, done)
                if terms is None:
                    terms = _terms_of(writer, taker, order, today)
                done += len(chunk)
                keep(writer, intake, _taken(writer, intake, order, terms, chunk), done)
            move(len(chunk))


def _chunks(rows: Iterator[Entry]) -> Iterator[list[Entry]]:
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


def _terms_of(writer: Writer, taker: Taker, order: Order, today: date) -> Terms:
    wards = wards_within(writer, order.unit, order.on)
    by = taker.acting(writer, today)
    return Terms(
        area=frozenset({order.unit} if order.unit.level is Level.WARD else wards.names),
        by=by,
        wards_named=lambda written: wards_named(wards, written),
        wards_today=lambda written: _found(wards.today, written),
        convert=convert,
        name_of=lambda ward: wards.names.get(ward, ward.code),
        whole=order.unit if order.unit.level is Level.WARD else None,
        crs=order.crs,
        crs_is_metres=order.crs_is_metres,
        zones=ZONES,
        record=order.record,
    )


def wards_named(wards: Wards, written: str) -> frozenset[UnitKey]:
    """The wards of today that a code or a name, old or new, may mean."""
    if written.isdecimal() and len(written) == 5:  # noqa: PLR2004 (digits of a ward's code)
        return wards.by_code.get(written, frozenset())
    return _found(wards.by_key, written)


def _found(known: Mapping[str, frozenset[UnitKey]], written: str) -> frozenset[UnitKey]:
    key = name_key(written)
    for candidate in (key, KIND.sub("", key)):
        if found := known.get(candidate):
            return found
    return frozenset()


def _taken(
    writer: Writer, intake: Intake, order: Order, terms: Terms, chunk: list[Entry]
) -> list[dict[str, object]]:
    survey = PostgisSurvey(writer, intake.id, intake.source, order.on, order.scheme)
    rows = judged(chunk, terms, survey)
    if intake.trial:
        return [
            outcome_row(intake.id, row, "left_out" if row.stays_out else "fit", None)
            for row in rows
            if not row.is_blank
        ]
    note = {
        "file": intake.file,
        "intake": intake.id,
        "rows": [chunk[0].number_in_file, chunk[-1].number_in_file],
    }
    bulk = Bulk(
        writer,
        terms.by,
        order.on,
        intake.source,
        ward_ids(writer),
        order.scheme,
        note,
        order.record,
    )
    entered = bulk.enter(rows)
    told = []
    for row in rows:
        if row.is_blank:
            continue
        now, address = entered.get(row.number_in_file, (row, None))
        fate = "left_out" if address is None else "recorded" if address.code else "drafted"
        told.append(outcome_row(intake.id, now, fate, address.id if address else None))
    return told
