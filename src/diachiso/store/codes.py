"""The books of codes: every code ever issued, and who may issue the next.

A code is claimed by a lock that is tried for, never waited for, and kept until the transaction
ends: two writers never meet on one code, and a transaction left open stalls nobody. A rollback
gives the code back, unseen by anyone.
"""

import time
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Text, bindparam, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY, insert as upsert

from diachiso.address.code import AddressCode
from diachiso.address.division import UnitKey, Validity
from diachiso.address.errors import CodesError
from diachiso.store import tables as t
from diachiso.store.engine import Writer
from diachiso.store.history import add, days, holds_on
from diachiso.store.likely import unit_is

PAUSE_S = 0.02
AREA_DIGITS = 5


class PostgisCodeBooks:
    """Areas, claims and what is taken, in one transaction."""

    def __init__(self, writer: Writer, on: date) -> None:
        self._writer = writer
        self._on = on

    def areas_of(self, ward: UnitKey) -> tuple[str, ...]:
        """The postal codes of the ward as loaded, the first one first."""
        areas = (
            select(t.postcode.c.code)
            .join(t.unit, t.unit.c.id == t.postcode.c.unit_id)
            .where(unit_is(ward), holds_on(t.postcode, self._on))
            .order_by(t.postcode.c.rank, t.postcode.c.code)
        )
        return tuple(self._writer.scalars(areas))

    def claim(
        self, candidates: Sequence[AddressCode], most: int, ward: UnitKey
    ) -> tuple[AddressCode, ...]:
        """Take at most so many of the candidates; those taken or being taken are passed over."""
        digits = [code.digits for code in candidates]
        drawn = (
            func.unnest(cast(digits, ARRAY(Text)))
            .table_valued("code", name="drawn")
            .render_derived()
        )
        taken = select(t.issued_code.c.code).where(t.issued_code.c.code == drawn.c.code)
        # materialised: the lock is tried on codes known to be free, and on no more than wanted
        free = select(drawn.c.code).where(~taken.exists()).cte("free").prefix_with("MATERIALIZED")
        lock = func.pg_try_advisory_xact_lock(cast(free.c.code, BigInteger))
        mine = list(self._writer.scalars(select(free.c.code).where(lock).limit(most)))
        return self._write(mine, ward)

    def _write(self, mine: Sequence[str], ward: UnitKey) -> tuple[AddressCode, ...]:
        if not mine:
            return ()
        # one committed between our look and our lock is passed over, not waited for
        new = upsert(t.issued_code).on_conflict_do_nothing().returning(t.issued_code.c.code)
        return tuple(
            AddressCode(code) for code in self._writer.scalars(new, self._rows(mine, ward))
        )

    def _rows(self, codes: Sequence[str], ward: UnitKey) -> list[dict[str, Any]]:
        ward_id = self._writer.scalar(select(t.unit.c.id).where(unit_is(ward)))
        return [
            {"code": code, "self_checking": AddressCode(code).is_self_checking, "ward_id": ward_id}
            for code in codes
        ]

    def take_in(self, codes: Sequence[AddressCode], ward: UnitKey) -> None:
        """Write codes that were issued elsewhere; they are as good as ours and need not pass."""
        if not codes:
            return
        lock = select(func.pg_advisory_xact_lock(cast(bindparam("code"), BigInteger)))
        for code in codes:
            self._writer.execute(lock, {"code": code.digits})
        rows = [row | {"origin": "loaded"} for row in self._rows([c.digits for c in codes], ward)]
        self._writer.execute(upsert(t.issued_code), rows)

    def taken(self, area: str) -> frozenset[AddressCode]:
        """Every code of an area that was ever issued."""
        code = t.issued_code.c.code
        codes = select(code).where(code >= area + "00000", code <= area + "99999")
        return frozenset(AddressCode(code) for code in self._writer.scalars(codes))

    def self_checking_taken(self, area: str) -> int:
        """How many self-checking codes of an area were ever issued."""
        code = t.issued_code.c
        many = select(func.count()).where(code.area == area, code.self_checking)
        return int(self._writer.scalar(many) or 0)

    def pause(self) -> None:
        """Let others commit."""
        time.sleep(PAUSE_S)


def add_area(writer: Writer, ward: UnitKey, postcode: str, on: date) -> None:
    """Give a ward a further area for its codes, from a day on.

    Raises:
        CodesError: not five digits, an unknown ward, or an area that another ward has.
    """
    if not (len(postcode) == AREA_DIGITS and postcode.isascii() and postcode.isdecimal()):
        raise CodesError(f"{postcode!r}: vùng có 5 chữ số. / an area has five digits.")
    unit = writer.scalar(select(t.unit.c.id).where(unit_is(ward)))
    if unit is None:
        raise CodesError(f"Không có phường, xã {ward.code}. / No ward has the code {ward.code}.")
    theirs = select(t.postcode.c.unit_id).where(
        t.postcode.c.code == postcode, holds_on(t.postcode, on)
    )
    if (owner := writer.scalar(theirs)) is not None:
        whose = (
            "đã là vùng của phường, xã này / its own already"
            if owner == unit
            else "là vùng của phường, xã khác / another ward's"
        )
        raise CodesError(f"{postcode}: {whose}.")
    rank = select(func.coalesce(func.max(t.postcode.c.rank), 0) + 1).where(
        t.postcode.c.unit_id == unit
    )
    row = {
        "unit_id": unit,
        "code": postcode,
        "rank": writer.scalar(rank),
        "valid": days(Validity(on)),
    }
    add(writer, t.postcode, [row])
