"""Issue codes: drawn at random, self-checking ones first, never one twice, never waiting.

The books tell which areas a ward has and which codes are taken; `claim` takes codes that nobody
has and nobody else is taking at this moment, without waiting for anyone. Randomness is an argument
(`secrets.SystemRandom` outside tests).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from random import Random
from typing import Protocol

from diachiso.address.code import DIGITS, PASSING_PER_AREA, AddressCode, passing
from diachiso.address.division import UnitKey
from diachiso.address.errors import AreaExhausted, NoAreaForWard

AT_ONCE = 500
"""Codes asked for in one go: each holds a lock until the transaction ends."""
SPARE = (32, 512, 4096)
"""Candidates drawn beyond those wanted, one try after the other; all three fail together about
once in 60 tries when 999 codes in a thousand are taken, and then the free ones are listed."""
PATIENCE = 5
"""How often to ask again for self-checking codes that others hold but have not committed."""


class CodeBooks(Protocol):
    """What issuing asks of the books."""

    def areas_of(self, ward: UnitKey) -> tuple[str, ...]:
        """The five-digit areas that the ward may issue from, the first one first."""
        ...

    def claim(
        self, candidates: Sequence[AddressCode], most: int, ward: UnitKey
    ) -> tuple[AddressCode, ...]:
        """Take at most so many of the candidates; those taken or being taken are passed over."""
        ...

    def taken(self, area: str) -> frozenset[AddressCode]:
        """Every code of an area that was ever issued."""
        ...

    def self_checking_taken(self, area: str) -> int:
        """How many self-checking codes of an area were ever issued."""
        ...

    def pause(self) -> None:
        """Let others finish: some milliseconds."""
        ...


def issue(books: CodeBooks, ward: UnitKey, count: int, chance: Random) -> list[AddressCode]:
    """Issue codes for so many addresses of a ward.

    Raises:
        NoAreaForWard: no postal code is loaded for the ward.
        AreaExhausted: all 100,000 codes of each of its areas are issued.
    """
    areas = books.areas_of(ward)
    if not areas:
        raise NoAreaForWard(
            f"Phường/xã {ward.code} chưa có mã bưu chính: nạp bằng `diachiso load postcodes FILE` "
            "(cột ward_code, postal_code). / Ward "
            f"{ward.code} has no postal code: load its province's table with "
            "`diachiso load postcodes FILE` (columns ward_code, postal_code)."
        )
    codes: list[AddressCode] = []
    for tier in (tier for area in areas for tier in _tiers(books, area)):
        while len(codes) < count:
            if not (got := _take(books, tier, ward, count - len(codes), chance)):
                break
            codes += got
    if len(codes) < count:
        raise AreaExhausted(
            f"Vùng {', '.join(areas)} đã cấp hết 100.000 mã; thêm vùng cho phường/xã bằng "
            f"`diachiso code area {ward.code} MÃ`. / Area {', '.join(areas)} is used up (100,000 "
            f"codes); give the ward another with `diachiso code area {ward.code} POSTCODE`."
        )
    return codes


@lru_cache(maxsize=16)
def self_checking(area: str) -> frozenset[AddressCode]:
    """The 10,000 codes of an area that pass the Damm check."""
    return frozenset(passing(area, "".join(four)) for four in product(DIGITS, repeat=4))


@dataclass(frozen=True)
class _Tier:
    """The codes of an area that pass the check, or those that do not."""

    area: str
    passes: bool

    def draw(self, count: int, chance: Random) -> list[AddressCode]:
        """So many at random, or a tenth fewer; none twice."""
        if self.passes:
            drawn = [passing(self.area, four) for four in _strings(4, count, chance)]
        else:
            fives = (AddressCode(self.area + five) for five in _strings(5, count, chance))
            drawn = [code for code in fives if not code.is_self_checking]
        return list(dict.fromkeys(drawn))

    def free(self, taken: frozenset[AddressCode]) -> list[AddressCode]:
        """All that nobody has."""
        passing_ones = self_checking(self.area)
        if self.passes:
            return list(passing_ones - taken)
        every = (AddressCode(self.area + "".join(five)) for five in product(DIGITS, repeat=5))
        return [code for code in every if code not in passing_ones and code not in taken]


def _tiers(books: CodeBooks, area: str) -> Iterator[_Tier]:
    if books.self_checking_taken(area) < PASSING_PER_AREA:
        yield _Tier(area, passes=True)
    yield _Tier(area, passes=False)


def _strings(length: int, count: int, chance: Random) -> list[str]:
    return [f"{chance.randrange(10**length):0{length}d}" for _ in range(count)]


def _take(
    books: CodeBooks, tier: _Tier, ward: UnitKey, count: int, chance: Random
) -> tuple[AddressCode, ...]:
    """Some codes of a tier; none when the tier is used up."""
    most = min(count, AT_ONCE)
    for spare in SPARE:
        if got := books.claim(tier.draw(most + spare, chance), most, ward):
            return got
    return _take_listed(books, tier, ward, most, chance)


def _take_listed(
    books: CodeBooks, tier: _Tier, ward: UnitKey, most: int, chance: Random
) -> tuple[AddressCode, ...]:
    """Draw from the list of free codes; ask again while others hold the last ones uncommitted."""
    for _ in range(1 + PATIENCE * tier.passes):
        free = tier.free(books.taken(tier.area))
        if not free:
            return ()
        chance.shuffle(free)
        if got := books.claim(free[: most + SPARE[-1]], most, ward):
            return got
        books.pause()
    return ()
