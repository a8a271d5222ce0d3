"""Postal points and their keepers: what may be said of them, checked before it is written.

Post offices, commune post-culture points, letter boxes, mail boxes of apartment blocks, and the
place where a farm household's parcels are fetched. A keeper is an organisation, never a person.
Points of state mail (KT1, Decision 55/2016/QĐ-TTg) are restricted from the start.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from opening_hours import OpeningHours, validate

from diachiso.address.errors import MalformedAttribute, MoveRefused, PersonalData
from diachiso.address.record import POSTAL, Details, ObjectKind
from diachiso.registry.officer import Act, Acting
from diachiso.registry.persons import must_name_nobody

LONGEST, MOST_BOXES = 200, 10_000
STATE_MAIL = "state_mail"
KEPT = POSTAL | {ObjectKind.PICKUP_POINT}
"""Kinds whose attributes have a schema."""
STAFFED = frozenset({ObjectKind.POST_OFFICE, ObjectKind.CULTURE_POINT})
"""Kinds that somebody may staff: they count towards “100 % of communes”."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """Something that may be said of a point: on which kinds, and as a heading of spreadsheets."""

    name: str
    kinds: frozenset[ObjectKind]
    heading: str
    read: Callable[[Any], Any]
    wanted: str


def _keeper(value: Any) -> str:  # noqa: ANN401 (what somebody wrote)
    text = _text(value)
    must_name_nobody(text)
    return text


def _text(value: Any) -> str:  # noqa: ANN401
    if type(value) is not str or not value.strip() or len(value) > LONGEST:
        raise ValueError
    return value.strip()


YES = frozenset({"1", "x", "có", "co", "true", "yes", "đúng"})
NO = frozenset({"0", "", "không", "khong", "false", "no", "sai"})


def _flag(value: Any) -> bool:  # noqa: ANN401
    if isinstance(value, bool):
        return value
    written = str(value).strip().lower()
    if written not in YES | NO:
        raise ValueError
    return written in YES


def _count(value: Any) -> int:  # noqa: ANN401
    if isinstance(value, bool):
        raise ValueError  # noqa: TRY004 (one kind for every fault)
    count = int(value)
    if count != float(value) or not 1 <= count <= MOST_BOXES:
        raise ValueError
    return count


def _hours(value: Any) -> str:  # noqa: ANN401
    text = _text(value)
    if not validate(text):
        raise ValueError
    return str(OpeningHours(text))


ATTRIBUTES: Mapping[str, Attribute] = MappingProxyType(
    {
        one.name: one
        for one in (
            Attribute(
                "keeper",
                KEPT,
                "Đơn vị quản lý / keeper",
                _keeper,
                "tên hoặc mã của tổ chức, không phải cá nhân / the name or code of an "
                "organisation, not of a person",
            ),
            Attribute(
                "staffed", STAFFED, "Có người phục vụ / staffed", _flag, "có, không / yes, no"
            ),
            Attribute(
                "hours",
                KEPT,
                "Giờ mở cửa / hours",
                _hours,
                "giờ theo cách viết của OpenStreetMap / hours as OpenStreetMap writes them: "
                "Mo-Fr 07:30-11:30,13:30-17:00; Sa 08:00-11:00",
            ),
            Attribute(
                "boxes",
                frozenset({ObjectKind.MAIL_BOXES}),
                "Số hộp thư / boxes",
                _count,
                f"số nguyên từ 1 đến {MOST_BOXES} / a whole number",
            ),
            Attribute(
                STATE_MAIL,
                POSTAL,
                "Điểm KT1 / state mail",
                _flag,
                "có, không / yes, no",
            ),
        )
    }
)
"""One table: the form, the spreadsheets and the documents say the same."""


def checked(details: Details) -> Details:
    """The details with the attributes of a postal point as they should be; others as they are.

    Raises:
        MalformedAttribute: not one of its kind, or not as it should be.
        PersonalData: a keeper with a person's number or address.
    """
    read = {
        name: attribute_of(details.kind, name, value) for name, value in details.attributes.items()
    }
    if details.kind not in KEPT:
        return details
    return replace(details, attributes={k: v for k, v in read.items() if v is not None})


def attribute_of(kind: ObjectKind, name: str, value: Any) -> Any:  # noqa: ANN401
    """What is said of a point, as it should be; what is no business of ours as it is.

    Raises:
        MalformedAttribute: not one of its kind, or not as it should be.
        PersonalData: a keeper with a person's number or address.
    """
    known = ATTRIBUTES.get(name)
    if (kind in KEPT and known is None) or (known and kind not in known.kinds):
        raise _not_of_its_kind(name, kind)
    return _read(known, value) if known else value


def _read(attribute: Attribute, value: Any) -> Any:  # noqa: ANN401
    if value is None:
        return None
    try:
        return attribute.read(value)
    except PersonalData:
        raise
    except (ValueError, TypeError, OverflowError):
        raise MalformedAttribute(
            f"{attribute.heading}: {str(value)[:80]!r} không hợp lệ. / not valid. Cần / wanted: "
            f"{attribute.wanted}.",
            attribute=attribute.name,
        ) from None


def _not_of_its_kind(name: str, kind: ObjectKind) -> MalformedAttribute:
    known = sorted(one.name for one in ATTRIBUTES.values() if kind in one.kinds)
    return MalformedAttribute(
        f"{name}: không phải thuộc tính của {kind.value}; có: {', '.join(known) or '-'}. / no "
        f"attribute of {kind.value}; there are: {', '.join(known) or 'none'}.",
        attribute=name,
    )


def is_state_mail(details: Details) -> bool:
    """Is it a point of state mail, which is never published?"""
    return details.kind in POSTAL and bool(details.attributes.get(STATE_MAIL))


def kept_secret(details: Details, by: Acting) -> Details:
    """A point of state mail, restricted from the start; anything else as it is.

    Raises:
        NotAllowed: it is, and those who enter it may not see what is restricted.
    """
    if not is_state_mail(details):
        return details
    by.must(Act.RESTRICT, details.ward)
    return replace(details, restricted=True)


def must_stay_secret(details: Details, *, restricted: bool) -> None:
    """See that a point of state mail is restricted.

    Raises:
        MoveRefused: it is public, or is to be.
    """
    if is_state_mail(details) and not restricted:
        raise MoveRefused(
            "Điểm KT1 không được công khai: hãy ẩn địa chỉ trước. / A point of state mail is never "
            "public: restrict the address first."
        )
