"""Many addresses entered at once: identities, versions, codes and the seal, a statement each.

What one verb does for one address is done here for a chunk of a file, with the same rights: the
verbs' checks come before, and row-level security looks at every row.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from random import Random
from typing import Any

import shapely
from sqlalchemy import BigInteger, Text, cast, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY, Range
from sqlalchemy.exc import DBAPIError, OperationalError

from diachiso.address.code import AddressCode
from diachiso.address.division import Level, UnitKey, Validity
from diachiso.address.errors import CodesError
from diachiso.address.record import Address, State, StreetRef
from diachiso.geocode.gazetteer import street_key
from diachiso.registry.books import Deed
from diachiso.registry.intake import Entry
from diachiso.registry.intake_judging import details_of
from diachiso.registry.intake_placing import spot_of
from diachiso.registry.issue import issue
from diachiso.registry.officer import Act, Acting
from diachiso.registry.postal import checked, kept_secret
from diachiso.store import tables as t
from diachiso.store.books import PostgisBooks
from diachiso.store.codes import PostgisCodeBooks
from diachiso.store.engine import Writer
from diachiso.store.history import days
from diachiso.store.streets import reach_of
from diachiso.store.versions import row_of

DRAFT_ONLY = frozenset({"number_taken", "number_twice"})
"""Rows with one of these get no code: somebody must say that they are another address."""


@dataclass
class Bulk:
    """Enters rows of a file in one transaction."""

    writer: Writer
    by: Acting
    on: date
    source: int
    unit_ids: Mapping[UnitKey, int]
    scheme: str
    note: Mapping[str, Any]
    record: bool = False
    chance: Random = field(default_factory=secrets.SystemRandom)

    def enter(self, rows: Sequence[Entry]) -> dict[int, tuple[Entry, Address | None]]:
        """Enter the rows that stay in; by row: what it is now, and its address.

        One that the database refuses is left out with that fault, and costs none of the others.
        """
        fit = [row for row in rows if not row.is_settled]
        done: dict[int, tuple[Entry, Address | None]] = {}
        self._enter(fit, done)
        self._seal([address for _, address in done.values() if address])
        return done

    def _enter(self, rows: Sequence[Entry], done: dict[int, tuple[Entry, Address | None]]) -> None:
        """All at once; where that fails, half by half until the one at fault stands alone."""
        if not rows:
            return
        trial = self.writer.begin_nested()
        try:
            entered = self._written(rows)
            trial.commit()
        except OperationalError:
            raise
        except DBAPIError:
            trial.rollback()
            if len(rows) == 1:
                done[rows[0].number_in_file] = (rows[0].but("refused_by_database"), None)
                return
            middle = len(rows) // 2
            self._enter(rows[:middle], done)
            self._enter(rows[middle:], done)
        else:
            done |= entered

    def _written(self, rows: Sequence[Entry]) -> dict[int, tuple[Entry, Address | None]]:
        rows = self._with_streets(rows)
        coded, rows = self._coded(rows) if self.record else ({}, list(rows))
        identities = self._identities(len(rows))
        written: dict[int, tuple[Entry, Address | None]] = {}
        for identity, row in zip(identities, rows, strict=True):
            code = coded.get(row.number_in_file)
            state = State.RECORDED if code else State.PROPOSED
            written[row.number_in_file] = (
                row,
                Address(
                    identity,
                    state,
                    kept_secret(checked(details_of(row)), self.by),
                    Validity(self.on),
                    code=code,
                    author=self.by.officer.id,
                ),
            )
        self._versions([address for _, address in written.values() if address])
        self._tie([address for _, address in written.values() if address and address.code])
        self._ids(written.values())
        return written

    def _identities(self, many: int) -> list[int]:
        made = insert(t.address).from_select(
            ["created_at"], select(func.now()).select_from(func.generate_series(1, many))
        )
        return sorted(self.writer.scalars(made.returning(t.address.c.id)))

    def _versions(self, addresses: Sequence[Address]) -> None:
        for table, hidden in ((t.address_version, False), (t.restricted_version, True)):
            rows = [
                row_of(address)
                | {
                    "ward_id": self.unit_ids[address.details.ward],
                    "valid": days(address.valid),
                    "source_id": self.source,
                }
                for address in addresses
                if address.details.restricted is hidden
            ]
            if rows:
                # with RETURNING it is one statement for all rows: rights are planned for once
                self.writer.execute(insert(table).returning(table.c.id), rows).all()

    def _with_streets(self, rows: Sequence[Entry]) -> list[Entry]:
        """New streets: rows of one name that lie in reach of its first house share one."""
        new: dict[str, list[tuple[StreetRef, shapely.Point, str]]] = {}
        whole = []
        for row in rows:
            if row.street and row.street_ref is None:
                spot = shapely.Point(spot_of(row).lon, spot_of(row).lat)
                key, reach = street_key(row.street), reach_of(row.street)
                near = [s for s, p, _ in new.get(key, ()) if shapely.dwithin(p, spot, reach)]
                street = near[0] if near else self._new_street(row.street)
                if not near:
                    new.setdefault(key, []).append((street, spot, row.street))
                whole.append(replace(row, street_ref=street))
            else:
                whole.append(row)
        return whole

    def _new_street(self, name: str) -> StreetRef:
        row = {
            "name": name,
            "key": street_key(name),
            "valid": Range(None, None),
            "source_id": self.source,
        }
        new = insert(t.street).values(row).returning(t.street.c.id)
        return StreetRef(int(self.writer.scalars(new).one()), name)

    # -- codes -----------------------------------------------------------------------------------

    def _coded(self, rows: Sequence[Entry]) -> tuple[dict[int, AddressCode], list[Entry]]:
        """Codes for the rows that may have one, ward by ward; where none can be had, drafts."""
        wanted: dict[UnitKey, list[int]] = {}
        for row in rows:
            if row.ward and not any(fault.rule in DRAFT_ONLY for fault in row.faults):
                wanted.setdefault(row.ward, []).append(row.number_in_file)
        coded: dict[int, AddressCode] = {}
        without: dict[int, str] = {}
        for ward, numbers in wanted.items():
            trial = self.writer.begin_nested()
            try:
                books = PostgisCodeBooks(self.writer, self.by.today)
                coded |= zip(numbers, issue(books, ward, len(numbers), self.chance), strict=True)
                trial.commit()
            except CodesError as fault:
                trial.rollback()
                without |= dict.fromkeys(numbers, type(fault).__name__)
        told = [
            row.but("no_code", None, without[row.number_in_file])
            if row.number_in_file in without
            else row
            for row in rows
        ]
        return coded, told

    def _tie(self, addresses: Sequence[Address]) -> None:
        """Say whose each code is."""
        if not addresses:
            return
        pairs = (
            func.unnest(
                cast([one.code.digits for one in addresses if one.code], ARRAY(Text)),
                cast([one.id for one in addresses], ARRAY(BigInteger)),
            )
            .table_valued("code", "address_id", name="pairs")
            .render_derived()
        )
        self.writer.execute(
            update(t.issued_code)
            .where(t.issued_code.c.code == pairs.c.code)
            .values(address_id=pairs.c.address_id)
        )

    def _ids(self, written: Any) -> None:  # noqa: ANN401 (pairs of a row and its address)
        rows = [
            {"address_id": address.id, "scheme": self.scheme, "value": row.external}
            for row, address in written
            if address and row.external
        ]
        if rows:
            self.writer.execute(insert(t.external_id).returning(t.external_id.c.id), rows).all()

    # -- the seal --------------------------------------------------------------------------------

    def _seal(self, addresses: Sequence[Address]) -> None:
        """One line of the ledger a ward and act: an approver sees the lines of their ward."""
        lines: dict[tuple[Act, UnitKey], list[Address]] = {}
        for one in addresses:
            act = Act.RECORD if one.code else Act.REGISTER
            lines.setdefault((act, one.details.ward), []).append(one)
        books = PostgisBooks(self.writer)
        for (act, ward), ones in sorted(lines.items(), key=_in_order):
            books.seal(Deed(act, ward, tuple(ones), note=self.note), self.by)


def _in_order(line: tuple[tuple[Act, UnitKey], list[Address]]) -> tuple[str, str]:
    (act, ward), _ = line
    return act.value, ward.code


def ward_ids(writer: Writer) -> dict[UnitKey, int]:
    """The numbers of today's wards."""
    unit = t.unit
    rows = writer.execute(
        select(unit.c.id, unit.c.code).where(
            unit.c.level == literal(Level.WARD.value), unit.c.former.is_(False)
        )
    )
    return {UnitKey(Level.WARD, row.code, former=False): row.id for row in rows}
