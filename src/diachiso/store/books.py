"""The books of the registry in PostGIS: one transaction of somebody who acts.

Public and restricted addresses are read together through the view `address_book`, which row-level
security narrows to what the one who acts may see.
"""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from random import Random
from typing import Any

from sqlalchemy import (
    BigInteger,
    ScalarSelect,
    Select,
    Table,
    Text,
    cast,
    func,
    insert,
    literal,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import REGCLASS, Range, insert as upsert

from diachiso.address.code import AddressCode
from diachiso.address.division import Level, UnitKey, Validity
from diachiso.address.errors import Overtaken, TooEarly, UnknownCode, UnknownUnit
from diachiso.address.name import standard
from diachiso.address.position import Position
from diachiso.address.record import Address, Details, Document, State, StreetRef
from diachiso.geocode.gazetteer import street_key
from diachiso.registry.books import Deed, Likely
from diachiso.registry.issue import issue
from diachiso.registry.officer import Acting
from diachiso.store import tables as t
from diachiso.store.codes import PostgisCodeBooks
from diachiso.store.engine import Reader, Writer
from diachiso.store.history import (
    Source,
    days,
    holds_on,
    is_recorded,
    note_edition,
    source_id,
    supersede,
)
from diachiso.store.ledger import sealed
from diachiso.store.likely import is_live, likely, point, unit_is, versions_on
from diachiso.store.streets import reach_of
from diachiso.store.trail import Trail
from diachiso.store.versions import address_of, row_of, with_version

SAME_POINT_M = 5.0
NEAR_DEGREES = 0.0001
"""About ten metres: the index narrows, the exact distance decides."""
OWN = Source(
    name="Sổ địa chỉ số",
    version="",
    sha256="",
    licence="",
    attribution="Sổ địa chỉ số quốc gia / the national address registry",
)
"""Where versions come from that an official wrote."""


class PostgisBooks:
    """Addresses, streets, codes and the ledger, in one transaction."""

    def __init__(self, writer: Writer, chance: Random | None = None) -> None:
        self._writer = writer
        self._chance = chance or secrets.SystemRandom()
        self._origin: int | None = None
        self._new_streets: list[int] = []
        self.trail = Trail()

    # -- reading ---------------------------------------------------------------------------------

    @property
    def reader(self) -> Reader:
        """The transaction, for lists and histories."""
        return self._writer

    @property
    def writer(self) -> Writer:
        """The transaction, for what is written beside the books."""
        return self._writer

    @contextmanager
    def only_looking(self) -> Iterator[None]:
        """Whatever is written inside the block is taken back when it ends."""
        trial = self._writer.begin_nested()
        try:
            yield
        finally:
            trial.rollback()

    def must_know(self, unit: UnitKey) -> None:
        """See that a unit is in the books.

        Raises:
            UnknownUnit: it is not.
        """
        if self._writer.scalar(select(t.unit.c.id).where(unit_is(unit))) is None:
            raise UnknownUnit(f"Không có đơn vị {unit.code}. / No unit has the code {unit.code}.")

    def address(self, called: str, on: date) -> Address:
        """The address of a code or draft number (D17) as it is on a day.

        Raises:
            UnknownCode: none that the one who acts may know of.
            MalformedCode: neither ten digits nor a draft number.
        """
        if called[:1] in "Dd" and called[1:].isdecimal():
            whose = t.address_book.c.address_id == int(called[1:])
        else:
            whose = t.issued_code.c.code == AddressCode.parse(called).digits
        row = self._writer.execute(versions_on(on).where(whose)).one_or_none()
        if row is None:
            raise UnknownCode(
                f"Không có địa chỉ {called} vào ngày {on}. / No address {called} on {on}."
            )
        return address_of(row)

    def ward_at(self, position: Position, on: date) -> UnitKey | None:
        """The ward that holds a point on a day, as its boundary is loaded."""
        kept, unit = t.unit_boundary, t.unit
        spot = point(position)
        row = self._writer.execute(
            select(unit.c.code, unit.c.former)
            .join(kept, kept.c.unit_id == unit.c.id)
            .where(
                holds_on(kept, on),
                unit.c.level == Level.WARD.value,
                func.ST_Intersects(kept.c.geom, spot),
            )
            .order_by(unit.c.code)
            .limit(1)
        ).one_or_none()
        return UnitKey(Level.WARD, row.code, row.former) if row else None

    def street(self, street_id: int) -> StreetRef | None:
        """A street of the registry."""
        name = self._writer.scalar(
            select(t.street.c.name).where(t.street.c.id == street_id, is_recorded(t.street))
        )
        return StreetRef(street_id, name) if name else None

    def street_named(self, name: str, near: Position) -> StreetRef:
        """The street of this name nearest to a point, within reach; a new one where none is."""
        spelt = standard(name)
        row = self._writer.execute(_nearest_street(spelt, near)).first()
        return StreetRef(row.id, row.name) if row else self._new_street(spelt, Range(None, None))

    def likely(self, details: Details, on: date) -> tuple[Likely, ...]:
        """Addresses that may be the same, as far as the one who acts may see them."""
        return likely(self._writer, details, on)

    def in_street(self, street: StreetRef, on: date) -> tuple[Address, ...]:
        """All live addresses of a street, in the order of their numbers as text."""
        book = t.address_book
        rows = self._writer.execute(
            versions_on(on)
            .where(book.c.street_id == street.id, is_live())
            .order_by(func.length(book.c.number_key), book.c.number_key, book.c.address_id)
        )
        return tuple(address_of(row) for row in rows)

    # -- writing ---------------------------------------------------------------------------------

    def enter(self, details: Details, on: date, by: int) -> Address:
        """Write a new address, proposed."""
        new = insert(t.address).returning(t.address.c.id)
        identity = int(self._writer.scalars(new).one())
        draft = Address(identity, State.PROPOSED, details, Validity(on), author=by)
        return self._must_lie_there(self._write(None, draft))

    def revise(self, was: Address, now: Address) -> Address:
        """End a version on the day that another begins.

        Raises:
            Overtaken: somebody else has written since it was read.
            TooEarly: a version that begins later is written already.
        """
        if was.valid.until is not None:
            raise TooEarly(
                f"{was.called}: đã có lần ghi từ ngày {was.valid.until}. / a version that begins "
                f"on {was.valid.until} is written already."
            )
        table = _table(restricted=was.details.restricted)
        ended = self._writer.scalar(
            select(
                func.curtail(
                    cast(literal(table.name, Text), REGCLASS),
                    cast(was.version, BigInteger),
                    now.valid.since,
                )
            )
        )
        if not ended:
            raise Overtaken(
                f"{was.called}: người khác vừa sửa; hãy xem lại rồi làm lại. / somebody else "
                "changed it meanwhile; look again, then repeat."
            )
        written = self._write(was, now)
        return self._must_lie_there(written) if now.details.ward != was.details.ward else written

    def _must_lie_there(self, address: Address) -> Address:
        """See that the ward holds the point still: to write may have waited for a decree."""
        since = address.valid.since or date.min
        if self.ward_at(address.details.spot.position, since) != address.details.ward:
            raise Overtaken(
                "Địa giới vừa đổi theo văn bản sắp xếp; hãy làm lại. / A decree has just changed "
                "the wards here; repeat."
            )
        return address

    def _write(self, was: Address | None, address: Address) -> Address:
        table = _table(restricted=address.details.restricted)
        row = row_of(address) | {
            "ward_id": _unit_id(address.details.ward),
            "valid": days(address.valid),
            "source_id": self._own_source(),
        }
        version = self._writer.scalars(insert(table).values(row).returning(table.c.id)).one()
        return self.trail.stepped(was, with_version(address, int(version)))

    def _own_source(self) -> int:
        if self._origin is None:
            self._origin = source_id(self._writer, OWN)
        return self._origin

    def give_code(self, address: Address, today: date) -> AddressCode:
        """Issue a code from the area of the ward that holds the point today.

        Raises:
            CodesError: no area, or it is used up.
        """
        ward = self.ward_at(address.details.spot.position, today) or address.details.ward
        (code,) = issue(PostgisCodeBooks(self._writer, today), ward, 1, self._chance)
        self._writer.execute(
            update(t.issued_code)
            .where(t.issued_code.c.code == code.digits)
            .values(address_id=address.id)
        )
        return code

    def succeed(self, old: Address, new: Sequence[Address], since: date) -> None:
        """Say which addresses take the place of one."""
        rows = [{"old_id": old.id, "new_id": one.id, "since": since} for one in new]
        self.trail.heirs += [(old.id, one.id) for one in new]
        if rows:
            self._writer.execute(upsert(t.succession).on_conflict_do_nothing(), rows)

    def conceal(self, address: Address, *, hidden: bool) -> None:
        """Take all that is known of an address out of what is public, or put it back."""
        self._writer.execute(select(func.conceal(cast(address.id, BigInteger), hidden)))

    def renamed_street(
        self, street: StreetRef, name: str, on: date, document: Document | None
    ) -> StreetRef:
        """The street under its new name from a day on; its course and its old names come along."""
        del document  # it stands on the versions of the addresses
        old_ways = list(
            self._writer.scalars(
                select(t.street_way.c.id).where(
                    t.street_way.c.street_id == street.id, is_recorded(t.street_way)
                )
            )
        )
        new = self._new_street(name, Range(on, None))
        way, named = t.street_way, t.street_name
        self._writer.execute(
            insert(way).from_select(
                ["street_id", "osm_id", "highway", "geom"],
                select(literal(new.id), way.c.osm_id, way.c.highway, way.c.geom).where(
                    way.c.street_id == street.id, is_recorded(way)
                ),
            )
        )
        former = select(literal(new.id), named.c.name, named.c.relation).where(
            named.c.street_id == street.id, is_recorded(named), named.c.name != name
        )
        self._writer.execute(insert(named).from_select(["street_id", "name", "relation"], former))
        self._writer.execute(
            insert(named).values(street_id=new.id, name=street.name, relation="former")
        )
        supersede(self._writer, way, old_ways)
        supersede(self._writer, t.street, [street.id])
        note_edition(self._writer, f"street {street.id}", name, {"renamed": new.id})
        return new

    def _new_street(self, name: str, valid: Range[date]) -> StreetRef:
        row = {
            "name": name,
            "key": street_key(name),
            "valid": valid,
            "source_id": self._own_source(),
        }
        new = insert(t.street).values(row).returning(t.street.c.id)
        street = StreetRef(int(self._writer.scalars(new).one()), name)
        self._new_streets.append(street.id)
        return street

    def seal(self, deed: Deed, by: Acting) -> int:
        """Append the line of the ledger and number the changes; the last thing of an act."""
        subjects = [("address", one.id) for one in deed.addresses]
        subjects += [("street", one.id) for one in deed.streets]
        subjects += [("street", one) for one in self._new_streets]
        self._new_streets.clear()
        subjects += [("unit", one) for one in deed.units]
        ward = _unit_id(deed.ward) if deed.ward else None
        line = sealed(self._writer, deed.act, ward, deed.note, by.origin, subjects)
        return self.trail.sealed(self._writer, line, deed.act, by.officer.id)


def _nearest_street(name: str, near: Position) -> Select[Any]:
    """The street of a name whose course or houses lie nearest to a point."""
    way, version, street = t.street_way, t.address_version, t.street
    located = union_all(
        select(way.c.street_id, way.c.geom).where(is_recorded(way)),
        select(version.c.street_id, version.c.position.label("geom")).where(is_recorded(version)),
    ).subquery("located")
    spot = point(near)
    metres = func.ST_Distance(located.c.geom, spot)
    return (
        select(street.c.id, street.c.name)
        .join(located, located.c.street_id == street.c.id)
        .where(
            street.c.key == street_key(name),
            is_recorded(street),
            func.upper_inf(street.c.valid),
            func.ST_DWithin(located.c.geom, spot, reach_of(name)),
        )
        .order_by(street.c.name != name, metres)
        .limit(1)
    )


def _unit_id(unit: UnitKey) -> ScalarSelect[int]:
    return select(t.unit.c.id).where(unit_is(unit)).scalar_subquery()


def _table(*, restricted: bool) -> Table:
    return t.restricted_version if restricted else t.address_version
