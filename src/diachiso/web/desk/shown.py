"""How the desk shows addresses: rows of lists, words for states and kinds, what may be done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from diachiso.address.code import AddressCode
from diachiso.address.record import Address, ObjectKind, State
from diachiso.registry.officer import Act
from diachiso.web.desk.visitor import Visitor

STATES: Mapping[State, tuple[str, str]] = {
    State.PROPOSED: ("Nháp", "Draft"),
    State.RECORDED: ("Đã ghi", "Recorded"),
    State.CERTIFIED: ("Đã chứng nhận", "Certified"),
    State.UNDER_REVIEW: ("Đang xem lại", "Under review"),
    State.RETIRED: ("Đã thôi dùng", "Retired"),
}
KINDS: Mapping[ObjectKind, tuple[str, str]] = {
    ObjectKind.UNKNOWN: ("Chưa rõ", "Not known"),
    ObjectKind.DWELLING: ("Nhà ở", "Dwelling"),
    ObjectKind.OFFICE: ("Cơ quan", "Office"),
    ObjectKind.BUSINESS: ("Cơ sở kinh doanh", "Business"),
    ObjectKind.WORK: ("Công trình", "Works"),
    ObjectKind.NAMED_PLACE: ("Địa danh", "Named place"),
    ObjectKind.POST_OFFICE: ("Bưu cục", "Post office"),
    ObjectKind.CULTURE_POINT: ("Điểm bưu điện văn hóa xã", "Commune post-culture point"),
    ObjectKind.LETTER_BOX: ("Thùng thư", "Letter box"),
    ObjectKind.MAIL_BOXES: ("Cụm hộp thư chung cư", "Mail boxes of a block"),
    ObjectKind.PICKUP_POINT: ("Nơi lấy hàng của hộ", "Pickup point of a household"),
}
ATTRIBUTES: Mapping[str, tuple[str, str]] = {
    "number": ("Số nhà", "Number"),
    "street": ("Đường, phố", "Street"),
    "residential_group": ("Tổ dân phố, thôn", "Residential group"),
    "estate": ("Khu", "Estate"),
    "name": ("Tên", "Name"),
    "kind": ("Loại", "Kind"),
    "position": ("Vị trí", "Position"),
    "positions": ("Vị trí", "Position"),
    "ward": ("Phường, xã", "Ward"),
    "keeper": ("Đơn vị quản lý", "Keeper"),
    "staffed": ("Có người phục vụ", "Staffed"),
    "hours": ("Giờ mở cửa", "Hours"),
    "boxes": ("Số hộp thư", "Boxes"),
    "state_mail": ("Điểm KT1", "State mail"),
}
ACTS: Mapping[Act, tuple[str, str]] = {
    Act.REGISTER: ("Lập", "Registered"),
    Act.RECORD: ("Cấp mã", "Recorded"),
    Act.AMEND: ("Sửa", "Amended"),
    Act.MOVE: ("Chuyển vị trí", "Moved"),
    Act.SPLIT: ("Tách thửa", "Split"),
    Act.MERGE: ("Gộp", "Merged"),
    Act.RETIRE: ("Thôi dùng", "Retired"),
    Act.REVIEW: ("Đưa vào xem lại", "Put under review"),
    Act.RESTRICT: ("Ẩn hoặc hiện", "Hid or showed"),
    Act.RENUMBER: ("Đổi số", "Renumbered"),
    Act.RENAME: ("Đổi tên đường", "Renamed a street"),
    Act.CERTIFY: ("Chứng nhận", "Certified"),
    Act.ANSWER: ("Trả lời phản ánh", "Answered a report"),
    Act.DELEGATE: ("Ủy quyền", "Delegated"),
    Act.GRANT: ("Giao nhiệm vụ", "Granted a mandate"),
    Act.REORGANISE: ("Sắp xếp đơn vị", "Reorganised"),
}


@dataclass(frozen=True, slots=True)
class Words:
    """The words of the desk in one language."""

    who: Visitor

    def state(self, one: State) -> str:
        """A state."""
        return self.who.say(*STATES[one])

    def kind(self, one: ObjectKind) -> str:
        """A kind of object."""
        return self.who.say(*KINDS[one])

    def attribute(self, name: str) -> str:
        """A field, or an attribute of a kind."""
        return self.who.say(*ATTRIBUTES.get(name, (name, name)))

    def act(self, one: Act) -> str:
        """What somebody did."""
        return self.who.say(*ACTS.get(one, (one.value, one.value)))

    def value(self, told: Any) -> str:  # noqa: ANN401 (a value of a field)
        """A value of a field as people read it."""
        if isinstance(told, bool):
            return self.who.say("có", "yes") if told else self.who.say("không", "no")
        if isinstance(told, Mapping):
            return ", ".join(f"{key}: {self.value(one)}" for key, one in told.items())
        return str(told) if told is not None else "–"


def called(one: Address) -> str:
    """The code or the draft number, as an address of a page takes it."""
    return one.code.digits if one.code else one.called


def printed(one: Address) -> str:
    """The code as it is printed."""
    return str(AddressCode(one.code.digits)) if one.code else one.called


def rows(addresses: Sequence[Address], who: Visitor) -> list[dict[str, Any]]:
    """The rows of a list; `certifiable` are those that the reader may vouch for."""
    words = Words(who)
    may = {
        ward: who.may(Act.CERTIFY, ward) for ward in {one.details.ward.code for one in addresses}
    }
    mine = who.acting.officer.id
    return [
        {
            "called": called(one),
            "printed": printed(one),
            "version": one.version,
            "state": one.state.value,
            "state_name": words.state(one.state),
            "label": one.details.label or one.details.name or "–",
            "name": one.details.name,
            "kind": words.kind(one.details.kind),
            "restricted": one.details.restricted,
            "doubts": [words.attribute(name) for name in sorted(one.details.doubts)],
            "reason": who.half(one.reason) if one.reason else None,
            "mine": one.author == mine,
            "since": one.valid.since,
            "attributes": one.details.attributes,
            "waits": one.state is State.RECORDED,
            "certifiable": may[one.details.ward.code]
            and one.state in (State.RECORDED, State.UNDER_REVIEW)
            and one.author != mine,
        }
        for one in addresses
    ]
