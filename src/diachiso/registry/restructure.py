"""What a decree does to units: which end, begin, take land over, or are called otherwise. Pure.

Before it is done everything that contradicts what stands is found, and told at once.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from diachiso.address.division import (
    REFORM,
    Division,
    Divisions,
    Kind,
    Level,
    Naming,
    UnitKey,
    Validity,
)
from diachiso.address.errors import DecreeRefused
from diachiso.address.lineage import Part, Succession
from diachiso.registry.decree import Decree, End, Merge, New, NewKind, Piece, Rename, Share, Split

LEVELS = {2: Level.PROVINCE, 3: Level.DISTRICT, 5: Level.WARD}
KINDS: Mapping[Level, frozenset[Kind]] = {
    Level.PROVINCE: frozenset({Kind.TINH, Kind.THANH_PHO}),
    Level.DISTRICT: frozenset({Kind.QUAN, Kind.HUYEN, Kind.THI_XA, Kind.THANH_PHO}),
    Level.WARD: frozenset({Kind.PHUONG, Kind.XA, Kind.THI_TRAN, Kind.DAC_KHU}),
}


@dataclass(frozen=True, slots=True)
class Shaped:
    """A unit as the decree leaves it; `continues` where one of its code stood before."""

    key: UnitKey
    name: str
    kind: Kind
    parent: UnitKey | None
    sources: tuple[Succession, ...]
    continues: bool


@dataclass(frozen=True, slots=True)
class Restructuring:
    """All that a decree does to units on a day; `heirs` are of every old unit, the default first.

    `named` are units with another name or kind; `moved` have another unit above them.
    """

    effective: date
    ended: tuple[UnitKey, ...]
    shaped: tuple[Shaped, ...]
    named: Mapping[UnitKey, Naming]
    moved: Mapping[UnitKey, UnitKey]
    heirs: Mapping[UnitKey, tuple[Succession, ...]]

    @property
    def begun(self) -> tuple[Shaped, ...]:
        """The units that were not there before."""
        return tuple(unit for unit in self.shaped if not unit.continues)

    @property
    def lineage(self) -> tuple[Succession, ...]:
        """Which unit became which; that one goes on is not told."""
        return tuple(s for unit in self.shaped for s in unit.sources if s.old != s.new)

    @property
    def touched(self) -> dict[UnitKey, str]:
        """Every unit that is not as it was, and what became of it."""
        return {
            **dict.fromkeys(self.moved, "moved"),
            **dict.fromkeys(self.named, "named"),
            **{unit.key: "reshaped" if unit.continues else "begun" for unit in self.shaped},
            **dict.fromkeys(self.ended, "ended"),
        }


def restructured(decree: Decree, standing: Divisions) -> Restructuring:
    """Work out what a decree does to the units that stand.

    Raises:
        DecreeRefused: it contradicts what stands; `faults` has every contradiction.
    """
    draft = _Draft(decree, standing)
    done = draft.worked_out()
    if draft.faults:
        told = "\n".join(f"  {fault}" for fault in draft.faults)
        raise DecreeRefused(
            f"{decree.number}: trái với sổ ở {len(draft.faults)} chỗ, không ghi gì. / contradicts "
            f"what stands in {len(draft.faults)} places; nothing was written:\n{told}",
            faults=draft.faults,
        )
    return done


def divisions_after(done: Restructuring, before: Divisions, decree: str) -> Divisions:
    """The units as they are called once it is done, to match a file of boundaries by."""
    ended = set(done.ended)
    named = dict(done.named)
    units = [
        Division(
            key=unit.key,
            valid=Validity(unit.valid.since, done.effective),
            namings=unit.namings,
            parent=unit.parent,
        )
        if unit.key in ended
        else Division(
            key=unit.key,
            valid=unit.valid,
            namings=(*unit.namings[:-1], named[unit.key]),
            parent=done.moved.get(unit.key, unit.parent),
            centre=unit.centre,
        )
        if unit.key in named
        else unit
        for unit in before
    ]
    valid = Validity(done.effective)
    units += [
        Division(unit.key, valid, (Naming(unit.name, unit.kind, valid, decree),), unit.parent)
        for unit in done.begun
    ]
    return Divisions(units)


@dataclass(slots=True)
class _Draft:
    """A restructuring in the making, and what is wrong with it."""

    decree: Decree
    standing: Divisions
    faults: list[str] = field(default_factory=list)

    @property
    def day(self) -> date:
        return self.decree.effective

    def old(self, code: str) -> UnitKey:
        """The unit that bore a code on the day before, on its side of the reform."""
        return UnitKey(LEVELS[len(code)], code, former=self.day <= REFORM)

    def new(self, code: str) -> UnitKey:
        """The unit that bears a code from the day on."""
        return UnitKey(LEVELS[len(code)], code, former=self.day < REFORM)

    def worked_out(self) -> Restructuring:
        targets = list(_targets(self.decree))
        heirs = self._heirs(targets)
        keys = {self.new(unit.code) for unit, _ in targets}
        ends = {self.old(one.code) for one in self.decree.changes if isinstance(one, End)}
        ended = (set(heirs) | ends) - keys
        self._check_old(set(heirs) | ends, ends, ends & set(heirs))
        self._check_codes(targets)
        shaped = tuple(self._shaped(unit, heirs, keys, ended) for unit, _ in targets)
        moved = self._moved_below(ended, heirs) | self._moved(shaped)
        return Restructuring(
            effective=self.day,
            ended=tuple(sorted(ended)),
            shaped=tuple(sorted(shaped, key=lambda unit: unit.key)),
            named=self._named(shaped, ended),
            moved=moved,
            heirs=heirs,
        )

    # -- old units -------------------------------------------------------------------------------

    def _heirs(
        self, targets: Iterable[tuple["_Target", tuple[Share, ...]]]
    ) -> dict[UnitKey, tuple[Succession, ...]]:
        shares: dict[str, list[tuple[str, Share]]] = {}
        for unit, sources in targets:
            for share in sources:
                shares.setdefault(share.code, []).append((unit.code, share))
        return {
            self.old(code): tuple(self._successions(code, group)) for code, group in shares.items()
        }

    def _successions(self, code: str, shares: list[tuple[str, Share]]) -> list[Succession]:
        whole = [share.part is Part.WHOLE for _, share in shares]
        if any(whole) and len(shares) > 1:
            self._fault(code, "đã nhập nguyên vẹn thì không chia nữa / is whole, yet shared out")
        default = [w or share.default or len(shares) == 1 for w, (_, share) in zip(whole, shares)]  # noqa: B905
        if default.count(True) != 1 and not any(whole):
            self._fault(
                code, "chia nhiều phần: cần đúng một nơi `default = true` / needs one default"
            )
        made = [
            Succession(self.old(code), self.new(into), share.part, is_default, self.decree.number)
            for (into, share), is_default in zip(shares, default, strict=True)
        ]
        return sorted(made, key=lambda s: (not s.default, s.new))

    def _check_old(self, units: set[UnitKey], ends: set[UnitKey], twice: set[UnitKey]) -> None:
        for key in sorted(twice):
            self._fault(key.code, "vừa thôi vừa nhập vào đơn vị khác / ends, and has heirs")
        for key in sorted(ends - twice):
            if key.level is Level.WARD:
                self._fault(key.code, "phường, xã phải nhập vào nơi khác / a ward needs its heirs")
        for key in sorted(units):
            self._must_stand(key)

    def _must_stand(self, key: UnitKey) -> Division | None:
        """See that a unit stands on the day before, and that nothing later is written of it."""
        unit = self.standing.get(key)
        if unit is None:
            self._fault(key.code, "không có đơn vị này / no such unit")
        elif unit.valid.until is not None:
            ended = unit.valid.until <= self.day
            said = "đã thôi từ / ended on" if ended else "đã ghi là thôi từ / is to end on"
            self._fault(key.code, f"{unit.latest.full_name}, {said} {unit.valid.until}")
        elif unit.valid.since is not None and unit.valid.since >= self.day:
            self._fault(key.code, f"chỉ có từ / began only on {unit.valid.since}")
        elif (since := unit.latest.valid.since) is not None and since >= self.day:
            self._fault(key.code, f"đã có tên từ / has a name since {since}, không sớm hơn / later")
        return unit

    # -- new units -------------------------------------------------------------------------------

    def _check_codes(
        self,
        targets: list[tuple["_Target", tuple[Share, ...]]],
    ) -> None:
        for code, count in Counter(unit.code for unit, _ in targets).items():
            if count > 1:
                self._fault(code, "mã này ra hai đơn vị / two units would have this code")
        for unit, sources in targets:
            key, known = self.new(unit.code), self.standing.get(self.new(unit.code))
            if len({share.code for share in sources}) < len(sources):
                self._fault(unit.code, "một nguồn ghi hai lần / names a source twice")
            if known is not None and key not in {self.old(share.code) for share in sources}:
                gone = known.valid.until is not None
                said = "mã đã dùng / was used for" if gone else "mã đang dùng / is in use for"
                self._fault(unit.code, f"{said} {known.latest.full_name}")
            if unit.kind not in KINDS[key.level]:
                self._fault(unit.code, f"cấp này không có loại / no kind of its level: {unit.kind}")

    def _shaped(
        self,
        unit: "_Target",
        heirs: Mapping[UnitKey, tuple[Succession, ...]],
        keys: set[UnitKey],
        ended: set[UnitKey],
    ) -> Shaped:
        key = self.new(unit.code)
        before = self.standing.get(key)
        continues = before is not None and key in heirs
        parent = self.new(unit.parent) if unit.parent else before.parent if before else None
        self._check_parent(key, parent, keys, ended)
        sources = tuple(s for group in heirs.values() for s in group if s.new == key)
        return Shaped(key, unit.name, unit.kind, parent, sources, continues)

    def _check_parent(
        self, key: UnitKey, parent: UnitKey | None, keys: set[UnitKey], ended: set[UnitKey]
    ) -> None:
        if key.level is Level.PROVINCE:
            if parent is not None:
                self._fault(key.code, "tỉnh không có cấp trên / a province has none above it")
        elif parent is None:
            self._fault(key.code, "thiếu `parent`, đơn vị cấp trên / lacks its `parent`")
        else:
            above = self.standing.get(parent)
            stands = above is not None and above.valid.covers(self.day) and parent not in ended
            if parent.level is Level.WARD or not (stands or parent in keys):
                self._fault(key.code, f"cấp trên không có / no such unit above: {parent.code}")

    # -- units that stand on ---------------------------------------------------------------------

    def _named(self, shaped: Iterable[Shaped], ended: set[UnitKey]) -> dict[UnitKey, Naming]:
        """Names and kinds from the day on, of units that go on."""
        called: dict[UnitKey, tuple[str, Kind]] = {
            unit.key: (unit.name, unit.kind) for unit in shaped if unit.continues
        }
        for one in self.decree.changes:
            if not isinstance(one, Rename | NewKind):
                continue
            key = self.new(one.code)
            if key in ended or any(unit.key == key for unit in shaped):
                self._fault(one.code, "đã thay đổi ở chỗ khác / is changed elsewhere in the file")
            elif (unit := called.get(key) or self._called(key)) is not None:
                new = (one.name, unit[1]) if isinstance(one, Rename) else (unit[0], one.kind)
                if new == unit:
                    self._fault(one.code, f"đã là / is already {unit[1].value} {unit[0]}")
                if new[1] not in KINDS[key.level]:
                    self._fault(one.code, f"cấp này không có loại / no kind of its level: {new[1]}")
                called[key] = new
        return {
            key: Naming(name, kind, Validity(self.day), self.decree.number)
            for key, (name, kind) in sorted(called.items())
            if (unit_now := self.standing.get(key)) is None
            or (unit_now.latest.name, unit_now.latest.kind) != (name, kind)
        }

    def _called(self, key: UnitKey) -> tuple[str, Kind] | None:
        unit = self._must_stand(key)
        return (unit.latest.name, unit.latest.kind) if unit else None

    def _moved(self, shaped: Iterable[Shaped]) -> dict[UnitKey, UnitKey]:
        return {
            unit.key: unit.parent
            for unit in shaped
            if unit.continues
            and unit.parent is not None
            and unit.parent != self.standing[unit.key].parent
        }

    def _moved_below(
        self, ended: set[UnitKey], heirs: Mapping[UnitKey, tuple[Succession, ...]]
    ) -> dict[UnitKey, UnitKey]:
        """Units below one that ends go to its one heir; where there is none they cannot stand."""
        moved: dict[UnitKey, UnitKey] = {}
        for key in sorted(ended):
            below = [
                unit.key
                for unit in self.standing.children(key)
                if unit.valid.until is None and unit.key not in ended
            ]
            into = [s.new for s in heirs.get(key, ()) if s.part is Part.WHOLE]
            if below and len(into) == 1 and into[0].level is key.level:
                moved |= dict.fromkeys(below, into[0])
            elif below:
                shown = ", ".join(unit.code for unit in below[:5])
                self._fault(
                    key.code,
                    f"{len(below)} đơn vị bên dưới vẫn còn / units below stand on: {shown}",
                )
        return moved

    def _fault(self, code: str, said: str) -> None:
        self.faults.append(f"{code}: {said}")


_Target = Merge | Piece | New


def _targets(decree: Decree) -> Iterable[tuple[_Target, tuple[Share, ...]]]:
    """The units that the decree shapes, each with what it is made of."""
    for one in decree.changes:
        if isinstance(one, Merge):
            yield one, one.sources
        elif isinstance(one, New):
            yield one, ()
        elif isinstance(one, Split):
            for piece in one.into:
                share = Share(code=one.code, part=Part.PART, default=piece.default)
                yield piece, (share,)
