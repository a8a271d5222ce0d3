"""Where the commands of plates and papers work: the books, the press, and who prints.

Apart from `printing`, for what draws and seals takes longer to import than a code to find.
"""

import csv
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import typer

from diachiso.address.division import Level, UnitKey
from diachiso.address.errors import Incomplete, NotPrintable, UnreadableSource
from diachiso.address.record import Address, StreetRef
from diachiso.address.today import today
from diachiso.registry.officer import Acting
from diachiso.registry.plate import PlateKey, verified
from diachiso.settings import Settings
from diachiso.stationery import draw
from diachiso.stationery.formats import Format, Size
from diachiso.stationery.papers import Letters, letters
from diachiso.stationery.read import text_in
from diachiso.store.acting import acting
from diachiso.store.books import PostgisBooks
from diachiso.store.histories import in_ward_on
from diachiso.store.officers import officer_of
from diachiso.store.plate_keys import PlateKeys, jwks, keys_in
from diachiso.terminal import database, say, who_acts
from diachiso.web.press import Press, must_print, of_street, printable

AT_ONCE = 500
STDOUT = Path("-")


@dataclass(frozen=True, slots=True)
class Workshop:
    """Where a command prints: the press, the books of one transaction, and who prints."""

    press: Press
    books: PostgisBooks
    by: Acting | None

    def address(self, code: str) -> Address:
        """An address that may be printed."""
        found = self.books.address(code, today())
        must_print([found], self.by)
        return found


@contextmanager
def at_press(by: str | None) -> Iterator[Workshop]:
    """One transaction of somebody who prints, or of anybody."""
    with database() as (settings, engine):
        officer = who_acts(engine, by) if by is not None else None
        with acting(engine, officer) as writer:
            who = Acting(officer_of(writer, officer), today(), "command") if officer else None
            yield Workshop(Press.of(settings), PostgisBooks(writer), who)


def make(code: str, form: Format, output: Path | None, by: str | None) -> None:
    """Draw a plate."""
    with at_press(by) as shop:
        (house,) = shop.press.houses(shop.books.reader, [shop.address(code)], today())
    _write(draw.plate(house.signed, form), output, f"plate-{house.signed.plate.code}.{form}")


@dataclass(frozen=True, slots=True)
class Asked:
    """Of what plates are wanted: one of the three."""

    street: int | None
    ward: str | None
    file: Path | None


def sheet(asked: Asked, size: Size, output: Path | None, by: str | None) -> None:
    """Draw many plates on A4."""
    with at_press(by) as shop:
        found = _found(shop, asked)
        must_print(found, shop.by)
        houses = shop.press.houses(shop.books.reader, found, today())
    drawn = draw.sheet([house.signed for house in houses], size)
    say(f"{len(houses)} biển / plates")
    _write(drawn, output, f"plates-{asked.street or asked.ward or 'file'}.pdf")


def certificate(code: str, output: Path | None, by: str | None) -> None:
    """Write a certificate and seal it."""
    with at_press(by) as shop:
        address = shop.address(code)
        paper = shop.press.certificate(shop.books.reader, address, today())
    _write(paper, output, f"certificate-{address.called}.pdf")


def letters_to(
    street: int, output: Path | None, by: str | None, *, document: str | None, contact: str | None
) -> None:
    """Write to every house of a street."""
    with at_press(by) as shop:
        found = of_street(shop.books, _street(shop, street), today(), shop.by)
        houses = shop.press.houses(shop.books.reader, found, today())
    say(f"{len(houses)} thông báo / letters")
    said = Letters(today(), document, contact)
    _write(letters(houses, said), output, f"letters-{street}.pdf")


def verify(what: str, keys: Path | None) -> dict[str, Any]:
    """What a plate says, if it is to be trusted."""
    known = _keys_of(keys) if keys else PlateKeys(Settings().home).known()
    found = verified(text_in(Path(what)) if _is_file(what) else what, known)
    seen = found.plate
    return {
        "verified": True,
        "key": found.key.id,
        "code": str(seen.code),
        "on": seen.on,
        "number": seen.number,
        "street": seen.street,
        "place": seen.place,
        "ward": seen.ward,
        "ward_code": seen.ward_code,
        "position": seen.position,
    }


def published() -> dict[str, Any]:
    """The keys as they are published."""
    return jwks(PlateKeys(Settings().home).published(today()))


def rotate(*, revoke: bool) -> dict[str, Any]:
    """Change the key."""
    new = PlateKeys(Settings().home).rotate(today(), revoke=revoke)
    return {"kid": new.id, "since": new.since}


# -- what is asked for ---------------------------------------------------------------------------


def _found(shop: Workshop, asked: Asked) -> Sequence[Address]:
    match asked:
        case Asked(street=int(street), ward=None, file=None):
            return of_street(shop.books, _street(shop, street), today(), shop.by)
        case Asked(street=None, ward=str(ward), file=None):
            return _of_ward(shop, UnitKey(Level.WARD, ward, former=False))
        case Asked(street=None, ward=None, file=Path() as file):
            return [shop.books.address(code, today()) for code in _codes(file)]
    raise Incomplete("Cần một trong --street, --ward, --file. / Give one of them.")


def _of_ward(shop: Workshop, ward: UnitKey) -> Sequence[Address]:
    shop.books.must_know(ward)
    found: list[Address] = []
    after = 0
    while page := in_ward_on(shop.books.reader, ward, today(), after=after, most=AT_ONCE):
        found += printable(page)
        after = page[-1].id
    if not found:
        raise NotPrintable(
            f"{ward.code}: chưa có địa chỉ nào có mã. / no address of this ward has a code yet."
        )
    return found


def _street(shop: Workshop, street: int) -> StreetRef:
    found = shop.books.street(street)
    if found is None:
        raise Incomplete(f"Không có đường số {street}. / No street has the number {street}.")
    return found


def _codes(file: Path) -> list[str]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            return [row["code"] for row in csv.DictReader(lines)]
    except (OSError, UnicodeDecodeError, csv.Error, KeyError) as fault:
        raise UnreadableSource(
            f"{file}: cần CSV với cột code. / a CSV with the column code is needed: {fault}"
        ) from None


def _keys_of(file: Path) -> tuple[PlateKey, ...]:
    try:
        return keys_in(orjson.loads(file.read_bytes()))
    except (OSError, ValueError) as fault:
        raise UnreadableSource(
            f"{file}: không phải danh sách khóa (JWK set). / not a JWK set: {fault}"
        ) from None


def _is_file(what: str) -> bool:
    try:
        return Path(what).is_file()
    except (OSError, ValueError):  # a long text is no name of a file
        return False


def _write(content: bytes, output: Path | None, name: str) -> None:
    file = output or Path(name)
    if file == STDOUT:
        sys.stdout.buffer.write(content)
        return
    try:
        file.write_bytes(content)
    except OSError as fault:
        raise UnreadableSource(f"{file}: không ghi được. / cannot be written: {fault}") from None
    typer.echo(str(file))
