"""What is printed of addresses: the same for the API and for the command line."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from diachiso.address.errors import NotAllowed, NotPrintable, UnknownUnit
from diachiso.address.record import Address, StreetRef
from diachiso.registry.officer import Act, Acting
from diachiso.registry.plate import LASTING, Plate, signed
from diachiso.settings import Settings
from diachiso.stationery.draw import Signed
from diachiso.stationery.papers import House, Office, certificate
from diachiso.stationery.seal import Seal
from diachiso.store.books import PostgisBooks
from diachiso.store.cards import WardCards
from diachiso.store.engine import Reader
from diachiso.store.features import Ward, wards_coded
from diachiso.store.plate_keys import PlateKeys
from diachiso.store.seals import seal_of
from diachiso.web.lookup import EVE_OF_REFORM

PRINT = Act.AMEND
"""Who may correct an address may print its papers."""


@dataclass(frozen=True, slots=True)
class Press:
    """What papers are signed and sealed with, and the page where a plate can be verified."""

    keys: PlateKeys
    page: str | None
    seal: Callable[[], Seal]

    @classmethod
    def of(cls, settings: Settings) -> "Press":
        """The press of a service; its keys are made when first needed."""
        page = f"{settings.public_url.rstrip('/')}/verify" if settings.public_url else None
        secret = settings.seal_password
        password = secret.get_secret_value() if secret else None
        return cls(
            PlateKeys(settings.home),
            page,
            lambda: seal_of(settings.home, settings.seal, password),
        )

    def houses(self, reader: Reader, addresses: Iterable[Address], on: date) -> list[House]:
        """Addresses with their offices and signed plates.

        Raises:
            NotPrintable: one of them gets no plate.
            KeyUnusable: the key that signs cannot be read.
        """
        wanted = list(addresses)
        wards = {
            ward.unit.code: ward
            for ward in wards_coded(reader, sorted({one.details.ward.code for one in wanted}), on)
        }
        key = self.keys.signer(on)
        done = []
        for address in wanted:
            office = _office(wards.get(address.details.ward.code), address)
            plate = Plate.of(address, office.place, on)
            done.append(House(address, Signed(plate, signed(plate, key), self.page), office))
        return done

    def certificate(self, reader: Reader, address: Address, on: date) -> bytes:
        """The sealed certificate of an address, PDF.

        Raises:
            NotPrintable: nobody has certified it.
            KeyUnusable: the key that signs, or the seal, cannot be read.
        """
        (house,) = self.houses(reader, [address], on)
        spot = address.details.spot.position
        (former,) = WardCards().holding(reader, [(spot.lon, spot.lat, EVE_OF_REFORM)])
        told = House(address, house.signed, house.office, _in_full(former) if former else None)
        return self.seal().on(
            certificate(told, on), reason=f"Chứng nhận địa chỉ số {address.called}"
        )


def of_street(
    books: PostgisBooks, street: StreetRef, on: date, by: Acting | None
) -> Sequence[Address]:
    """The addresses of a street that may be printed by somebody, in the order of their numbers.

    Raises:
        NotPrintable: there are none with a code.
        NotAllowed: none of them lies in a ward of theirs.
    """
    found = printable(books.in_street(street, on))
    if not found:
        raise NotPrintable(
            f"{street.name}: chưa có địa chỉ nào có mã. / no address of this street has a code yet."
        )
    if by is None:
        return found
    theirs = [one for one in found if by.officer.may(PRINT, one.details.ward, by.today)]
    if not theirs:
        by.must(PRINT, found[0].details.ward)
    return theirs


def printable(addresses: Iterable[Address]) -> Sequence[Address]:
    """Those with a code that is to last."""
    return [one for one in addresses if one.code is not None and one.state in LASTING]


def must_print(addresses: Collection[Address], by: Acting | None) -> None:
    """See that everybody prints what is public, and a ward all of its own.

    Raises:
        NotAllowed: it is not theirs, or restricted and nobody is known to print it.
    """
    for one in addresses:
        if by is not None:
            by.must(PRINT, one.details.ward)
        elif one.details.restricted:
            raise NotAllowed(
                f"{one.called}: chỉ phường, xã mới in được. / only its ward prints its plate."
            )


def _office(ward: Ward | None, address: Address) -> Office:
    if ward is None:
        raise UnknownUnit(
            f"{address.called}: phường, xã {address.details.ward.code} không còn. / the ward "
            f"{address.details.ward.code} is no more."
        )
    return Office(ward.unit.full_name, ward.province.full_name)


def _in_full(ward: Ward) -> str:
    units = [ward.unit, ward.district, ward.province]
    return ", ".join(unit.full_name for unit in units if unit)
