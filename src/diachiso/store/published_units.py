"""The collections of units: provinces, wards, and the former wards and districts."""

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Table,
    and_,
    any_,
    case,
    func,
    not_,
    or_,
    select,
    union_all,
)

from diachiso.address.division import Level
from diachiso.store import tables as t
from diachiso.store.published import Attribute, Collection, Geometry, Kind, Rows
from diachiso.store.published_time import is_later, known, known_on, last_day, within

CODE = Attribute("code", Kind.TEXT, "Mã thống kê", "Statistics code")
NAMES = (
    Attribute("name", Kind.TEXT, "Tên", "Name"),
    Attribute("kind", Kind.TEXT, "Loại đơn vị", "Kind of unit"),
    Attribute("full_name", Kind.TEXT, "Tên đầy đủ", "Full name"),
)
DATES = (
    Attribute("valid_from", Kind.DAY, "Có từ ngày", "In force from"),
    Attribute("valid_until", Kind.DAY, "Đến trước ngày", "In force until (not included)"),
    Attribute("decree", Kind.TEXT, "Văn bản", "Decree"),
)
PROVINCE = (
    Attribute("province", Kind.TEXT, "Mã tỉnh, thành phố", "Code of the province"),
    Attribute("province_name", Kind.TEXT, "Tỉnh, thành phố", "Province"),
)
DISTRICT = (
    Attribute("district", Kind.TEXT, "Mã huyện, quận (trước 1.7.2025)", "Code of the district"),
    Attribute("district_name", Kind.TEXT, "Huyện, quận (trước 1.7.2025)", "District"),
)
AREA = Attribute("area_km2", Kind.NUMBER, "Diện tích công bố (km²)", "Published area (km²)")
LAND = (
    Attribute(
        "accuracy", Kind.TEXT, "Ranh giới tin đến đâu", "How far to trust the boundary",
        ("official", "surveyed", "published", "approximate"),
    ),
    Attribute("accuracy_m", Kind.NUMBER, "Sai số (m)", "Metres within which it is trusted"),
    Attribute("source", Kind.TEXT, "Nguồn ranh giới", "Source of the boundary"),
    Attribute("licence", Kind.TEXT, "Giấy phép", "Licence"),
    Attribute("attribution", Kind.TEXT, "Ghi nguồn", "Attribution"),
)  # fmt: skip
POSTCODE = Attribute("postcode", Kind.TEXT, "Mã bưu chính", "Postal code")


def full_name(name: FromClause) -> ColumnElement[str]:
    """Kind and name as they are printed: Phường Hoàn Kiếm."""
    kind, proper = name.c.kind, name.c.name
    return func.upper(func.left(kind, 1)).concat(func.substr(kind, 2)).concat(" ").concat(proper)


def _units(level: Level, *, former: bool, instant: bool) -> Rows:
    """Units of a level: of the days asked for, or those of before the reform alone."""
    unit, life, name, figure = t.unit, t.unit_life, t.unit_name, t.unit_figure
    land, source, whole = t.unit_boundary, t.source, t.composed_land
    up, above, above_name = t.unit_parent, t.unit.alias("above"), t.unit_name.alias("above_name")
    higher, top, top_name = (
        t.unit_parent.alias("higher"), t.unit.alias("top"), t.unit_name.alias("top_name")
    )  # fmt: skip
    day = last_day(life, instant=instant)
    of_unit = {
        one: and_(one.c.unit_id == unit.c.id, known_on(one, day)) for one in (name, figure, land)
    }
    joined = (
        unit.join(life, and_(life.c.unit_id == unit.c.id, known(life)))
        .join(name, of_unit[name])
        .outerjoin(land, of_unit[land])
        .outerjoin(source, source.c.id == land.c.source_id)
        .outerjoin(figure, of_unit[figure])
        .outerjoin(up, and_(up.c.unit_id == unit.c.id, known_on(up, day)))
        .outerjoin(above, above.c.id == up.c.parent_id)
        .outerjoin(above_name, and_(above_name.c.unit_id == above.c.id, known_on(above_name, day)))
        .outerjoin(higher, and_(higher.c.unit_id == above.c.id, known_on(higher, day)))
        .outerjoin(top, top.c.id == higher.c.parent_id)
        .outerjoin(top_name, and_(top_name.c.unit_id == top.c.id, known_on(top_name, day)))
    )
    shape: ColumnElement[object] = land.c.geom
    if level is not Level.WARD:
        joined = joined.outerjoin(whole, whole.c.unit_id == unit.c.id)
        shape = func.coalesce(land.c.geom, whole.c.geom)
    where = [unit.c.level == level.value, within(life, instant=instant)]
    if former:
        where.append(unit.c.former)
    if not instant:
        where.append(not_(_lives_later(life, former=former)))
    postcode = t.postcode
    code = (
        select(postcode.c.code)
        .where(postcode.c.unit_id == unit.c.id, postcode.c.rank == 1, known_on(postcode, day))
        .limit(1)
        .scalar_subquery()
    )
    in_district = top.c.code.is_not(None)
    columns = {
        "code": unit.c.code,
        "name": name.c.name,
        "kind": name.c.kind,
        "full_name": full_name(name),
        "province": func.coalesce(top.c.code, above.c.code),
        "province_name": func.coalesce(full_name(top_name), full_name(above_name)),
        "district": case((in_district, above.c.code)),
        "district_name": case((in_district, full_name(above_name))),
        "valid_from": func.lower(life.c.valid),
        "valid_until": func.upper(life.c.valid),
        "decree": life.c.decree,
        "area_km2": figure.c.area_km2,
        "postcode": code,
        "accuracy": land.c.accuracy,
        "accuracy_m": land.c.accuracy_m,
        "source": source.c.name,
        "licence": source.c.licence,
        "attribution": source.c.attribution,
    }

    def touching(place: ColumnElement[object]) -> ColumnElement[bool]:
        met = land.c.geom.ST_Intersects(place)
        return met if level is Level.WARD else or_(met, whole.c.geom.ST_Intersects(place))

    def among(place: ColumnElement[object]) -> ColumnElement[bool]:
        """Units that ever met the place, by its index, or have no land that day: found at first."""
        ever, drawn, living = t.unit_boundary.alias(), t.unit_boundary.alias(), t.unit_life.alias()
        met = select(ever.c.unit_id).where(ever.c.geom.ST_Intersects(place))
        of_level = select(unit.c.id).where(unit.c.level == level.value).correlate(None)
        there = select(living.c.unit_id).where(
            known_on(living, day), living.c.unit_id.in_(of_level)
        )
        without = there.except_(select(drawn.c.unit_id).where(known_on(drawn, day)))
        return unit.c.id == any_(func.array(union_all(met, without).scalar_subquery()))

    by_index = among if level is Level.WARD and instant else None
    return Rows(
        joined, tuple(where), unit.c.code, shape, columns, touching, drawn=False, among=by_index
    )


def _lives_later(life: Table, *, former: bool) -> ColumnElement[bool]:
    """Does another unit, or this one again, bear the code later within the interval?"""
    later = life.alias("later")
    same = and_(later.c.level == life.c.level, later.c.code == life.c.code)
    if former:
        same = later.c.unit_id == life.c.unit_id
    one = select(later.c.id).where(
        same, known(later), within(later, instant=False), is_later(later, life)
    )
    return one.exists()


PROVINCES = Collection(
    id="provinces",
    vi="Tỉnh, thành phố",
    en="Provinces",
    about_vi="Tỉnh, thành phố của ngày hỏi; hình là hợp của các xã, phường.",
    about_en="The provinces of the day asked for; their land is that of their wards together.",
    geometry=Geometry.LAND,
    attributes=(CODE, *NAMES, *DATES, AREA),
    made=lambda instant: _units(Level.PROVINCE, former=False, instant=instant),
)
WARDS = Collection(
    id="wards",
    vi="Phường, xã, đặc khu",
    en="Wards",
    about_vi="Đơn vị cấp xã của ngày hỏi (trước 1.7.2025: phường, xã cũ).",
    about_en="The wards of the day asked for (before 1 July 2025: the former ones).",
    geometry=Geometry.LAND,
    attributes=(CODE, *NAMES, *PROVINCE, *DISTRICT, POSTCODE, *DATES, AREA, *LAND),
    made=lambda instant: _units(Level.WARD, former=False, instant=instant),
)
FORMER_WARDS = Collection(
    id="former_wards",
    vi="Phường, xã trước 1.7.2025",
    en="Former wards",
    about_vi="Phường, xã, thị trấn của cơ cấu trước ngày 1.7.2025, như ngày cuối của mỗi đơn vị.",
    about_en="The wards of the structure before 1 July 2025, each as it was on its last day.",
    geometry=Geometry.LAND,
    attributes=(CODE, *NAMES, *PROVINCE, *DISTRICT, *DATES, AREA, *LAND),
    made=lambda instant: _units(Level.WARD, former=True, instant=instant),
    lasting=True,
)
FORMER_DISTRICTS = Collection(
    id="former_districts",
    vi="Quận, huyện trước 1.7.2025",
    en="Former districts",
    about_vi="Quận, huyện, thị xã đã kết thúc ngày 1.7.2025; hình là hợp của các xã, phường cũ.",
    about_en="The districts that ended on 1 July 2025; their land is that of their wards together.",
    geometry=Geometry.LAND,
    attributes=(CODE, *NAMES, *PROVINCE, *DATES, AREA),
    made=lambda instant: _units(Level.DISTRICT, former=True, instant=instant),
    lasting=True,
)
