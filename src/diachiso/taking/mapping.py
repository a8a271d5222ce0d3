"""Which column says what of an address: guessed from headings and content, confirmed by people."""

from collections.abc import Iterable, Mapping, Sequence
from statistics import median

from diachiso.address.errors import UnreadableSource
from diachiso.address.position import EAST, NORTH, SOUTH, WEST
from diachiso.registry.intake import Field
from diachiso.registry.intake_fields import coordinate
from diachiso.registry.intake_placing import GLOBE, LEAST_NORTHING
from diachiso.registry.postal import ATTRIBUTES
from diachiso.sheet.cell import Row, key_of
from diachiso.sheet.columns import named
from diachiso.sheet.table import Table

Columns = Mapping[Field, int]
"""The column of each field, counted from 0."""

HEADINGS: Mapping[Field, tuple[str, ...]] = {
    Field.NUMBER: ("so nha", "house number", "housenumber", "number", "so", "sonha", "so nha ngo",
                   "addr housenumber", "house no"),
    Field.STREET: ("duong", "pho", "duong pho", "ten duong", "ten pho", "street", "tenduong",
                   "ten duong pho", "tuyen duong", "addr street", "road", "street name"),
    Field.GROUP: ("to dan pho", "thon", "to", "tdp", "khu pho", "ap", "xom", "ban", "thon to",
                  "thon xom", "to thon", "residential group", "hamlet", "to dan pho thon",
                  "thon to dan pho", "group"),
    Field.ESTATE: ("khu do thi", "khu tap the", "chung cu", "estate", "kdt", "khu"),
    Field.NAME: ("ten", "ten dia diem", "ten diem", "name", "ten doi tuong", "dia danh",
                 "ten buu cuc", "ten co quan"),
    Field.KIND: ("loai", "loai doi tuong", "kind", "type", "loai hinh", "loai dia chi"),
    Field.LON: ("lon", "lng", "long", "longitude", "kinh do", "kinhdo"),
    Field.LAT: ("lat", "latitude", "vi do", "vido"),
    Field.X: ("x", "toa do x", "x m", "xcoord", "toado x", "toadox", "x vn2000", "x vn 2000",
              "easting"),
    Field.Y: ("y", "toa do y", "y m", "ycoord", "toado y", "toadoy", "y vn2000", "y vn 2000",
              "northing"),
    Field.WARD: ("phuong", "xa", "phuong xa", "xa phuong", "ward", "ma xa", "ma phuong",
                 "ward code", "ma phuong xa", "ma xa phuong", "phuong xa thi tran", "ten xa",
                 "ten phuong", "commune"),
    Field.DOCUMENT: ("van ban", "so van ban", "document", "quyet dinh", "so quyet dinh", "so qd"),
    Field.DOCUMENT_DATE: ("ngay van ban", "document date", "ngay quyet dinh", "ngay qd", "ngay ky"),
    Field.ISSUER: ("co quan ban hanh", "issuer", "noi ban hanh"),
    Field.EXTERNAL: ("id", "ma ho so", "ma", "ma doi tuong", "external id", "fid", "ma nha", "gid",
                     "ma dinh danh", "objectid"),
    Field.CODE: ("ma dia chi so", "ma dia chi", "address code", "code", "ma dcs"),
    Field.RESTRICTED: ("han che", "restricted", "khong cong khai"),
    Field.DISTINCT: ("distinct", "dia chi khac", "la dia chi khac"),
}  # fmt: skip
ALSO: Mapping[Field, tuple[str, ...]] = {
    Field.KEEPER: ("nguoi giu", "don vi van hanh"),
    Field.STAFFED: ("co nguoi",),
    Field.HOURS: ("gio phuc vu", "gio lam viec", "opening hours"),
    Field.BOXES: ("so hop", "so o"),
    Field.STATE_MAIL: ("kt1", "diem kt1"),
}
"""Other headings that the attributes of postal points go by."""


def headings() -> dict[Field, tuple[str, ...]]:
    """The headings of every field; those of postal points are the ones of their form."""
    points = {
        Field(name): (*map(key_of, (*one.heading.split(" / "), name)), *ALSO[Field(name)])
        for name, one in ATTRIBUTES.items()
    }
    return {**HEADINGS, **points}


LABELS: Mapping[Field, str] = {
    Field.NUMBER: "Số nhà / house number",
    Field.STREET: "Đường, phố / street",
    Field.GROUP: "Tổ, thôn / residential group",
    Field.ESTATE: "Khu đô thị, tập thể / estate",
    Field.NAME: "Tên / name",
    Field.KIND: "Loại / kind",
    Field.LON: "Kinh độ / longitude",
    Field.LAT: "Vĩ độ / latitude",
    Field.X: "Đông, mét / easting, metres",
    Field.Y: "Bắc, mét / northing, metres",
    Field.WARD: "Phường, xã / ward",
    Field.DOCUMENT: "Số văn bản / document",
    Field.DOCUMENT_DATE: "Ngày văn bản / date of the document",
    Field.ISSUER: "Cơ quan ban hành / issuer",
    Field.EXTERNAL: "Mã hồ sơ / external id",
    Field.CODE: "Mã địa chỉ số / address code",
    Field.RESTRICTED: "Hạn chế / restricted",
    Field.DISTINCT: "Là địa chỉ khác / distinct",
    **{Field(name): one.heading for name, one in ATTRIBUTES.items()},
}
"""What a field is called on a page where columns are confirmed."""
ENOUGH = 0.8
PAIRS = ((Field.LON, Field.LAT), (Field.X, Field.Y))


def guess_fields(table: Table) -> dict[Field, int]:
    """The columns by their headings, set right by what stands in them."""
    keys, sample = [key_of(name) for name in table.columns], table.sample()
    found: dict[Field, int] = {}
    for field, names in headings().items():
        known = [keys.index(one) for one in names if one in keys]
        free = [n for n in known if n not in found.values()]
        if free:
            found[field] = free[0]
    for pair in PAIRS:
        if not all(field in found for field in pair):
            for field in pair:
                found.pop(field, None)
    if Field.LON in found:
        for field in (Field.X, Field.Y):
            found.pop(field, None)
    return axes_by_content(_degrees_by_content(found, len(keys), sample), sample)


def _degrees_by_content(
    found: dict[Field, int], width: int, sample: Sequence[Row]
) -> dict[Field, int]:
    """Columns of degrees that no heading names."""
    if Field.LON in found or Field.X in found:
        return found
    free = [n for n in range(width) if n not in found.values()]
    for field, low, high in ((Field.LON, WEST, EAST), (Field.LAT, SOUTH, NORTH)):
        fits = [n for n in free if _share_within(sample, n, low, high) >= ENOUGH]
        if len(fits) == 1:
            found = found | {field: fits[0]}
    if not {Field.LON, Field.LAT} <= found.keys():
        found = {k: v for k, v in found.items() if k not in PAIRS[0]}
    return found


def _values(sample: Sequence[Row], column: int) -> list[float]:
    cells = [row[column] for row in sample if column < len(row)]
    said = [coordinate(cell, Field.X, []) for cell in cells if cell not in (None, "")]
    return [value for value in said if value is not None]


def _share_within(sample: Sequence[Row], column: int, low: float, high: float) -> float:
    """How many of the cells are fractions within bounds."""
    values = _values(sample, column)
    right = sum(low <= value <= high and value != int(value) for value in values)
    filled = sum(column < len(row) and row[column] not in (None, "") for row in sample)
    return right / filled if filled else 0.0


def axes_by_content(found: dict[Field, int], sample: Sequence[Row]) -> dict[Field, int]:
    """East first, whatever the heading: Vietnamese plans call the north X."""
    for first, second in PAIRS:
        if not {first, second} <= found.keys():
            continue
        values = [_values(sample, found[field]) for field in (first, second)]
        if not all(values):
            continue
        east, north = map(median, values)
        in_degrees = max(abs(east), abs(north)) <= GLOBE
        swapped = (in_degrees and north > NORTH >= east) or (
            not in_degrees and north < LEAST_NORTHING < east
        )
        a, b = (found[second], found[first]) if swapped else (found[first], found[second])
        kept = {k: v for k, v in found.items() if k not in (first, second)}
        pair = PAIRS[0] if in_degrees else PAIRS[1]
        return kept | {pair[0]: a, pair[1]: b}
    return found


def mapped(table: Table, wanted: Iterable[str]) -> dict[Field, int]:
    """The guess with what people say of it: FIELD=COLUMN, or FIELD= for none.

    Raises:
        UnreadableSource: no such field or column, or nothing that says where an address lies.
    """
    found = guess_fields(table)
    for word in wanted:
        name, equals, column = word.partition("=")
        if not equals or name.strip() not in set(Field):
            raise UnreadableSource(
                f"--map {word}: cần TRƯỜNG=CỘT. / FIELD=COLUMN is needed, FIELD one of "
                f"{', '.join(Field)}."
            )
        field = Field(name.strip())
        found.pop(field, None)
        if column.strip():
            found[field] = _column(table, word, column)
    return required(table, found)


def required(table: Table, found: dict[Field, int]) -> dict[Field, int]:
    """The columns, if they say enough of an address.

    Raises:
        UnreadableSource: a column that there is not, or nothing that says where an address lies.
    """
    if any(not 0 <= column < len(table.columns) for column in found.values()):
        raise UnreadableSource(f"{table.file}: không có cột này. / no such column: {table.listed}.")
    if not any(set(pair) <= found.keys() for pair in PAIRS):
        raise UnreadableSource(
            f"{table.file}: không thấy cột tọa độ. / no columns of coordinates: --map lon=… "
            f"--map lat=…, or x and y; the columns are {table.listed}."
        )
    if not found.keys() & {Field.NUMBER, Field.NAME}:
        raise UnreadableSource(
            f"{table.file}: không thấy cột số nhà hoặc tên. / no column of numbers or names: "
            f"--map number=…; the columns are {table.listed}."
        )
    return found


def _column(table: Table, word: str, column: str) -> int:
    if (at := named(column, table.columns)) is None:
        raise UnreadableSource(f"--map {word}: không có cột này. / no such column: {table.listed}.")
    return at
