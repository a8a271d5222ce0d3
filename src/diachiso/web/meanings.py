"""What every kind of problem means, in Vietnamese; the English is the docstring of its class."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import NamedTuple

from diachiso.address import errors
from diachiso.web.problems import TITLES, status_of

VIETNAMESE: dict[str, str] = {
    "DiachisoError": "Lỗi chung; mọi loại dưới đây đều thuộc loại này.",
    "AddressError": "Giá trị không đúng dạng. Hãy sửa giá trị.",
    "MalformedCode": "Không đủ hoặc thừa chữ số: mã địa chỉ số có 10 chữ số.",
    "MalformedVpostcode": "Vpostcode gồm 5 chữ số và 7 ký tự Plus Code (không có 0, 1, A, I, O).",
    "MalformedNumber": "Không phải số nhà.",
    "MalformedDate": "Không phải là ngày; viết NĂM-THÁNG-NGÀY, như 2025-07-01.",
    "MalformedBbox": "Khung cần bốn số: tây,nam,đông,bắc.",
    "MalformedPosition": "Không phải độ kinh, độ vĩ, hoặc hệ tọa độ không rõ.",
    "ZoneNeeded": "Tọa độ VN-2000 tính bằng mét phải kèm kinh tuyến trục hoặc mã EPSG; `zones` "
    "liệt kê những múi phù hợp.",
    "OutOfCountry": "Điểm nằm ngoài Việt Nam; có thể kinh độ và vĩ độ bị đảo.",
    "UnknownUnit": "Ngày ấy không đơn vị nào mang mã này; hãy thêm `as_of`.",
    "UnknownCode": "Chưa cấp mã này; `one_slip_away` nêu những mã chỉ khác một lỗi gõ.",
    "NoWardHere": "Điểm ở ngoài biển, hoặc chưa nạp ranh giới ở đó.",
    "RetiredCode": "Địa chỉ đã thôi dùng; lý do và mã kế tiếp được nêu.",
    "CodesError": "Không cấp được mã.",
    "NoAreaForWard": "Phường, xã chưa có mã bưu chính.",
    "AreaExhausted": "Vùng mã của phường, xã đã cấp hết.",
    "ActError": "Việc của cán bộ bị từ chối; hãy đọc câu giải thích.",
    "NotSignedIn": "Cần đăng nhập, hoặc gửi khóa.",
    "SignInRefused": "Tên, mật khẩu hoặc khóa không đúng, đã thu hồi hoặc hết hạn.",
    "NotAllowed": "Không vai trò nào của bạn cho phép, hoặc khóa không dành cho việc này.",
    "NotYourWard": "Được phép, nhưng không ở phường, xã này.",
    "FourEyes": "Không ai tự chứng nhận điều mình viết.",
    "MustChange": "Hãy đổi mật khẩu một lần trước đã.",
    "ForgedRequest": "Yêu cầu ghi không đến từ trang này; hãy tải lại trang.",
    "TooMany": "Vượt hạn mức; `Retry-After` nói phải chờ bao lâu.",
    "WeakPassword": "Mật khẩu quá ngắn hoặc dễ đoán.",
    "UnknownOfficer": "Không có tài khoản, phân công hay khóa này.",
    "MoveRefused": "Trạng thái của địa chỉ không cho phép việc này.",
    "TooEarly": "Ngày đứng trước bản ghi cuối, hoặc sau một bản bắt đầu muộn hơn.",
    "LikelyDuplicate": "Đã có địa chỉ cùng số, cùng đường; `likely` nêu ra.",
    "Incomplete": "Thiếu thông tin; `missing` nêu ra.",
    "NotPrintable": "Địa chỉ ở trạng thái này không được in giấy ấy.",
    "MalformedAttribute": "Thuộc tính không thuộc loại này, hoặc sai giá trị.",
    "PersonalData": "Không nhận điều gì nêu tên, điện thoại, giấy tờ của người.",
    "UnknownReport": "Không có phản ánh nào mang số hoặc mã tra cứu này.",
    "Overtaken": "Người khác vừa sửa; hãy xem lại rồi làm lại.",
    "ProviderFault": "Nhà cung cấp OpenID Connect không trả lời đúng.",
    "DecreeError": "Không áp dụng được nghị quyết, văn bản.",
    "MalformedDecree": "Tệp không phải của một văn bản.",
    "DecreeRefused": "Văn bản trái với điều đang có; mọi chỗ trái được nêu.",
    "PlanChanged": "Việc sẽ làm khác với điều đã dự kiến.",
    "LedgerBroken": "Một dòng của sổ cái không còn như lúc ghi.",
    "FeedError": "Không theo dõi được các thay đổi.",
    "AheadOfFeed": "Chưa có thay đổi nào mang số này.",
    "FeedUnreachable": "Sổ được theo dõi không trả lời.",
    "FeedBroken": "Thiếu số, hoặc câu trả lời không phải của dòng thay đổi.",
    "WebhookRefused": "Không được gọi địa chỉ này.",
    "UnknownWebhook": "Không có webhook mang số này.",
    "KeyUnusable": "Không đọc được khóa trong DIACHISO_HOME.",
    "PlateError": "Nội dung của biển không đáng tin.",
    "MalformedPlate": "Không phải nội dung có chữ ký của biển số nhà, hoặc bị thiếu.",
    "UnknownPlateKey": "Khóa ký không nằm trong danh sách đã công bố.",
    "ForgedPlate": "Chữ ký không khớp: nội dung đã bị sửa.",
    "ExpiredPlateKey": "Biển ghi ngày sau khi khóa thôi dùng, hoặc khóa đã thu hồi.",
    "SourceError": "Không nhận được tệp.",
    "UnreadableSource": "Tệp không thuộc loại nào đã biết, hoặc bị hỏng.",
    "UnknownWardInFile": "Tệp nêu một phường, xã mà sổ không có.",
    "TerritoryFault": "Ranh giới chồng lấn hoặc hở quá mức cho phép.",
    "RunStopped": "Dừng giữa chừng; phần đã làm được giữ lại.",
    "StoreError": "Cơ sở dữ liệu không phục vụ được.",
    "StoreUnreachable": "Máy chủ cơ sở dữ liệu không trả lời.",
    "NoPostgis": "Máy chủ không có PostGIS.",
    "SchemaOutdated": "Chưa chạy đủ các bước nâng cấp cơ sở dữ liệu.",
    "RoleMissing": "Cơ sở dữ liệu chưa có vai trò để dịch vụ làm việc.",
    "EmbeddedFailed": "Cụm cơ sở dữ liệu riêng không khởi động.",
    "PortTaken": "Cổng đã có chương trình khác dùng.",
    "Unforeseen": "Lỗi của máy chủ, không phải của yêu cầu. Hãy thử lại; nếu còn, xin báo.",
    "InvalidRequest": "Tham số hoặc nội dung sai dạng; `errors` nêu từng chỗ.",
    "BAD_REQUEST": "Không đọc được yêu cầu.",
    "NOT_FOUND": "Không có đường dẫn này.",
    "METHOD_NOT_ALLOWED": "Đường dẫn này không nhận phương thức ấy; xem `Allow`.",
}

OF_HTTP = {
    "Unforeseen": (500, "The fault is the server's, not yours. Try again; if it stays, report it."),
    "InvalidRequest": (422, "A parameter or the body is not as it should be; `errors` says where."),
    "BAD_REQUEST": (400, "The request cannot be read."),
    "NOT_FOUND": (404, "There is nothing at this path."),
    "METHOD_NOT_ALLOWED": (405, "This path does not take that method; see `Allow`."),
}


class Kind(NamedTuple):
    """A kind of problem, as the page tells it."""

    name: str
    title: str
    status: int
    vietnamese: str
    english: str


def kinds() -> Iterator[Kind]:
    """Every kind that a `type` may end in: ours as a tree, then those of HTTP itself."""
    for kind in _below(errors.DiachisoError):
        yield _told(kind.__name__, status_of(kind()), kind.__doc__ or "")
    for name, (status, english) in OF_HTTP.items():
        yield _told(name, status, english)


def _told(name: str, status: int, english: str) -> Kind:
    title = TITLES.get(name) or HTTPStatus(status).phrase
    return Kind(
        name, title, status, VIETNAMESE.get(name, ""), " ".join(english.replace("`", "").split())
    )


def _below(kind: type[errors.DiachisoError]) -> Iterator[type[errors.DiachisoError]]:
    yield kind
    for one in kind.__subclasses__():
        yield from _below(one)
