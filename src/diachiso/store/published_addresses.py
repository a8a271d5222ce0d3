"""The collections of streets, addresses and postal points.

Of addresses the public ones alone: they lie in a table of their own, and one that was withdrawn
meanwhile is not told even to who began to page before. Where a household's parcels are fetched is
told as an address like any other: a list of such places would be one of persons.
"""

from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    and_,
    any_,
    bindparam,
    case,
    cast,
    func,
    not_,
    select,
)

from diachiso.address.division import Level
from diachiso.address.record import POSTAL, ObjectKind, State
from diachiso.registry.postal import STATE_MAIL
from diachiso.store import tables as t
from diachiso.store.history import is_recorded
from diachiso.store.points import PUBLISHED
from diachiso.store.published import Attribute, Collection, Geometry, Joined, Kind, Narrow, Rows
from diachiso.store.published_time import is_later, known, known_on, last_day, within
from diachiso.store.published_units import full_name

VALID = (
    Attribute("valid_from", Kind.DAY, "Có từ ngày", "As told here from"),
    Attribute("valid_until", Kind.DAY, "Đến trước ngày", "As told here until (not included)"),
)
CODE = Attribute("code", Kind.TEXT, "Mã địa chỉ số", "Address code")
WHERE = (
    Attribute("number", Kind.TEXT, "Số nhà", "House number"),
    Attribute("street", Kind.TEXT, "Đường, phố", "Street"),
)
WARD = (
    Attribute("ward", Kind.TEXT, "Mã phường, xã", "Code of the ward"),
    Attribute("ward_name", Kind.TEXT, "Phường, xã", "Ward"),
    Attribute("province", Kind.TEXT, "Mã tỉnh, thành phố", "Code of the province"),
    Attribute("province_name", Kind.TEXT, "Tỉnh, thành phố", "Province"),
)
PLACE = Attribute("place", Kind.TEXT, "Tên nơi", "Name of the place")
KINDS = tuple(kind.value for kind in ObjectKind if kind is not ObjectKind.PICKUP_POINT)
POSTAL_KINDS = tuple(sorted(kind.value for kind in POSTAL))
STATES = tuple(State(one).value for one in PUBLISHED)


def _addresses(*more: ColumnElement[bool], instant: bool) -> Rows:
    version, code, ward = t.address_version, t.issued_code, t.unit.alias("ward")
    ward_name, up = t.unit_name, t.unit_parent
    above, above_name = t.unit.alias("above"), t.unit_name.alias("above_name")
    higher, top, top_name = (
        t.unit_parent.alias("higher"), t.unit.alias("top"), t.unit_name.alias("top_name")
    )  # fmt: skip
    day = last_day(version, instant=instant)
    mine, above_it, atop = version.c.ward_id, up.c.parent_id, higher.c.parent_id
    joins = (  # by the columns that repeat the most: what was joined is remembered by them
        Joined(code, code.c.address_id == version.c.address_id),
        Joined(ward, ward.c.id == mine),
        Joined(t.street, t.street.c.id == version.c.street_id),
        Joined(ward_name, and_(ward_name.c.unit_id == mine, known_on(ward_name, day))),
        Joined(up, and_(up.c.unit_id == mine, known_on(up, day))),
        Joined(above, above.c.id == above_it),
        Joined(above_name, and_(above_name.c.unit_id == above_it, known_on(above_name, day))),
        Joined(higher, and_(higher.c.unit_id == above_it, known_on(higher, day))),
        Joined(top, top.c.id == atop),
        Joined(top_name, and_(top_name.c.unit_id == atop, known_on(top_name, day))),
    )
    columns: dict[str, ColumnElement[Any]] = {
        "code": code.c.code,
        "number": func.nullif(version.c.number, ""),
        "street": t.street.c.name,
        "place": version.c.name,
        "residential_group": version.c.residential_group,
        "estate": version.c.estate,
        "ward": ward.c.code,
        "ward_name": full_name(ward_name),
        "province": func.coalesce(top.c.code, above.c.code),
        "province_name": func.coalesce(full_name(top_name), full_name(above_name)),
        "kind": case(
            (version.c.kind == ObjectKind.PICKUP_POINT.value, ObjectKind.UNKNOWN.value),
            else_=version.c.kind,
        ),
        "state": version.c.state,
        "position_kind": version.c.position_kind,
        "accuracy_m": version.c.accuracy_m,
        "valid_from": func.lower(version.c.valid),
        "valid_until": func.upper(version.c.valid),
        "keeper": version.c.attributes["keeper"].astext,
        "staffed": version.c.attributes["staffed"].as_boolean(),
        "hours": version.c.attributes["hours"].astext,
        "boxes": cast(version.c.attributes["boxes"].astext, Integer),
    }
    where = [_is_public(version, instant=instant), *more]
    if not instant:
        where.append(not_(_is_told_later().exists()))
    return Rows(
        version,
        tuple(where),
        code.c.code,
        version.c.position,
        columns,
        version.c.position.ST_Intersects,
        joins=joins,
        row=version.c.id,
        order=version.c.address_id,
        still=(_is_public_still(),),
        narrow={
            "ward": Narrow(_in_wards, is_all=True),
            "street": Narrow(_in_streets, is_all=True),
            "province": Narrow(_in_provinces, is_all=False),  # whose it is depends on the day
        },
    )


def _in_wards(codes: ColumnElement[Any]) -> ColumnElement[bool]:
    named = t.unit.alias("named")
    return t.address_version.c.ward_id.in_(
        select(named.c.id).where(named.c.level == Level.WARD.value, named.c.code == any_(codes))
    )


def _in_provinces(codes: ColumnElement[Any]) -> ColumnElement[bool]:
    """In a ward that was ever below a province of these codes, or below a district of one."""
    named, direct, over, under = (
        t.unit.alias("named"), t.unit_parent.alias("direct"),
        t.unit_parent.alias("over"), t.unit_parent.alias("under"),
    )  # fmt: skip
    asked = and_(named.c.level == Level.PROVINCE.value, named.c.code == any_(codes))
    wards = select(direct.c.unit_id).join(named, named.c.id == direct.c.parent_id).where(asked)
    former = (
        select(under.c.unit_id)
        .join(over, over.c.unit_id == under.c.parent_id)
        .join(named, named.c.id == over.c.parent_id)
        .where(asked)
    )
    return t.address_version.c.ward_id.in_(wards.union(former))


def _in_streets(names: ColumnElement[Any]) -> ColumnElement[bool]:
    named = t.street.alias("named")
    return t.address_version.c.street_id.in_(select(named.c.id).where(named.c.name == any_(names)))


def _is_public(version: Any, *, instant: bool) -> ColumnElement[bool]:  # noqa: ANN401 (or alias)
    return and_(
        known(version),
        within(version, instant=instant),
        version.c.state.in_(PUBLISHED),
        not_(version.c.attributes.has_key(STATE_MAIL)),
    )


def _is_public_still() -> ColumnElement[bool]:
    """What was public when somebody began to page may have been withdrawn since."""
    now = t.address_version.alias("now")
    mine = now.c.address_id == t.address_version.c.address_id
    return select(now.c.id).where(mine, is_recorded(now)).exists()


def _is_told_later() -> Select[Any]:
    later = t.address_version.alias("later")
    return select(later.c.id).where(
        later.c.address_id == t.address_version.c.address_id,
        _is_public(later, instant=False),
        is_later(later, t.address_version),
    )


def _postal(instant: bool) -> Rows:  # noqa: FBT001 (what Collection.made takes)
    # in the words of the index that holds them alone
    kinds: BindParameter[Any] = bindparam(
        "postal", list(POSTAL_KINDS), expanding=True, literal_execute=True
    )
    return _addresses(t.address_version.c.kind.in_(kinds), instant=instant)


def _streets(instant: bool) -> Rows:  # noqa: FBT001 (what Collection.made takes)
    street, way = t.street, t.street_way
    mine = and_(way.c.street_id == street.c.id, known(way))
    course = func.ST_Multi(select(func.ST_Collect(way.c.geom)).where(mine).scalar_subquery())
    columns: dict[str, ColumnElement[Any]] = {
        "id": street.c.id,
        "name": street.c.name,
        "highway": select(func.min(way.c.highway)).where(mine).scalar_subquery(),
        "valid_from": func.lower(street.c.valid),
        "valid_until": func.upper(street.c.valid),
        "source": t.source.c.name,
        "licence": t.source.c.licence,
        "attribution": t.source.c.attribution,
    }

    def touching(place: ColumnElement[Any]) -> ColumnElement[bool]:
        met = select(way.c.street_id).where(known(way), way.c.geom.ST_Intersects(place))
        return street.c.id.in_(met)

    joined = street.outerjoin(t.source, t.source.c.id == street.c.source_id)
    where = (known(street), within(street, instant=instant))
    return Rows(joined, where, street.c.id, course, columns, touching)


STREETS = Collection(
    id="streets",
    vi="Đường, phố",
    en="Streets",
    about_vi="Đường, phố có tên; một đường đổi tên là một đường mới, mang số mới.",
    about_en="Named streets; a street that is renamed is another street, with another id.",
    geometry=Geometry.LINES,
    attributes=(
        Attribute("id", Kind.INTEGER, "Số", "Number"),
        Attribute("name", Kind.TEXT, "Tên", "Name"),
        Attribute("highway", Kind.TEXT, "Loại đường (OpenStreetMap)", "Kind (OpenStreetMap)"),
        *VALID,
        Attribute("source", Kind.TEXT, "Nguồn", "Source"),
        Attribute("licence", Kind.TEXT, "Giấy phép", "Licence"),
        Attribute("attribution", Kind.TEXT, "Ghi nguồn", "Attribution"),
    ),
    made=_streets,
    key="id",
)
ADDRESSES = Collection(
    id="addresses",
    vi="Địa chỉ số",
    en="Addresses",
    about_vi="Địa chỉ công khai có mã; không có dữ liệu cá nhân.",
    about_en="Public addresses with a code; no personal data.",
    geometry=Geometry.POINT,
    attributes=(
        CODE,
        *WHERE,
        PLACE,
        Attribute("residential_group", Kind.TEXT, "Tổ dân phố, thôn", "Residential group"),
        Attribute("estate", Kind.TEXT, "Khu đô thị, khu tập thể", "Estate"),
        *WARD,
        Attribute("kind", Kind.TEXT, "Loại đối tượng", "What has the address", KINDS),
        Attribute("state", Kind.TEXT, "Trạng thái", "State", STATES),
        Attribute("position_kind", Kind.TEXT, "Vị trí là", "What the point marks"),
        Attribute("accuracy_m", Kind.NUMBER, "Sai số (m)", "Metres within which it is trusted"),
        *VALID,
    ),
    made=lambda instant: _addresses(instant=instant),
    numbered=True,
)
POSTAL_POINTS = Collection(
    id="postal_points",
    vi="Điểm bưu chính",
    en="Postal points",
    about_vi="Bưu cục, điểm bưu điện văn hóa xã, thùng thư, hộp thư tập trung.",
    about_en="Post offices, commune post-culture points, letter boxes, shared mail boxes.",
    geometry=Geometry.POINT,
    attributes=(
        CODE,
        Attribute("kind", Kind.TEXT, "Loại điểm", "Kind", POSTAL_KINDS),
        PLACE,
        *WHERE,
        *WARD,
        Attribute("keeper", Kind.TEXT, "Đơn vị phụ trách", "Keeper"),
        Attribute("staffed", Kind.FLAG, "Có người phục vụ", "Staffed"),
        Attribute("hours", Kind.TEXT, "Giờ mở cửa", "Opening hours"),
        Attribute("boxes", Kind.INTEGER, "Số hộp", "Number of boxes"),
        *VALID,
    ),
    made=_postal,
    numbered=True,
)
