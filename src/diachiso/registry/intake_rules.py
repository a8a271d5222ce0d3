"""The rules of an intake, one table: what is looked for in a row, and what becomes of it.

A rule's name never changes: workbooks, programs and the figures of a ward speak of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """What a fault does to its row."""

    ERROR = "error"
    """The row stays out."""
    WARNING = "warning"
    """The row is taken, with a doubt flagged where one is named."""
    REPAIRED = "repaired"
    """The row is taken; what was wrong has been put right, and is said."""


class Scope(StrEnum):
    """What must be looked at to see the fault."""

    FIELD = "field"
    ROW = "row"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: `told` is its sentence with {found} and {put}; `doubt` the attribute it flags."""

    name: str
    severity: Severity
    scope: Scope
    vietnamese: str
    english: str
    fix: str
    doubt: str | None = None

    def told(self, found: str = "", put: str = "") -> str:
        """The sentence for a row, Vietnamese first."""
        said = f"{self.vietnamese} / {self.english}"
        return said.replace("{found}", found).replace("{put}", put)


E, W, R = Severity.ERROR, Severity.WARNING, Severity.REPAIRED
FIELD, ROW, FILE = Scope.FIELD, Scope.ROW, Scope.FILE

_TABLE = (
    # -- a field by itself
    Rule("font_tcvn3", R, FIELD, "phông TCVN3: “{found}” → “{put}”", "TCVN3 font",
         "decoded to Unicode"),
    Rule("font_vni", R, FIELD, "phông VNI: “{found}” → “{put}”", "VNI font",
         "decoded to Unicode"),
    Rule("unicode_decomposed", R, FIELD, "Unicode tổ hợp đổi thành dựng sẵn: “{put}”",
         "decomposed Unicode (NFD)", "composed (NFC)"),
    Rule("hidden_signs", R, FIELD, "bỏ ký tự ẩn: “{put}”", "invisible characters left out",
         "taken out"),
    Rule("letters_lost", E, FIELD, "“{found}”: mất chữ do sai bảng mã",
         "letters lost by a wrong encoding", "export the file again as UTF-8 or XLSX"),
    Rule("formula_failed", E, FIELD, "công thức lỗi {found}", "a formula that failed",
         "correct the cell"),
    Rule("too_long", E, FIELD, "dài quá 200 ký tự", "longer than 200 characters",
         "shorten the cell"),
    Rule("number_as_date", R, FIELD, "số nhà bị Excel đổi thành ngày: “{found}” → “{put}”",
         "a house number that a spreadsheet took for a date",
         "day/month put back; look again where the sheet wrote months first", "number"),
    Rule("number_unreadable", E, FIELD, "“{found}” không phải là số nhà", "not a house number",
         "write the number as 12, 12A, 12/3/5B"),
    Rule("kind_unknown", W, FIELD, "không rõ loại “{found}”", "an unknown kind of object",
         "taken without a kind", "kind"),
    Rule("restricted_unreadable", E, FIELD, "“{found}”: ghi có hoặc không",
         "say yes or no: an address is not published by mistake", "write `có` or `không`"),
    Rule("distinct_unreadable", W, FIELD, "“{found}”: ghi có hoặc không", "say yes or no",
         "taken as not said: a row of a number and street that exist is a draft"),
    Rule("staffed_unreadable", W, FIELD, "“{found}”: ghi có hoặc không", "say yes or no",
         "left out of the attributes"),
    Rule("state_mail_unreadable", E, FIELD, "“{found}”: ghi có hoặc không",
         "say yes or no: a point of state mail is not published by mistake",
         "write `có` or `không`"),
    Rule("attribute_unreadable", W, FIELD, "“{found}” không hợp lệ ở đây", "not valid here",
         "left out of the attributes; hours are written as `Mo-Fr 07:30-17:00`"),
    Rule("attribute_not_of_kind", W, FIELD, "“{found}”: loại này không có thuộc tính này",
         "nothing that is said of this kind of object", "left out of the attributes"),
    Rule("person_named", W, FIELD, "không nhận dữ liệu cá nhân", "personal data is not taken",
         "left out; name the organisation"),
    Rule("date_unreadable", W, FIELD, "“{found}” không phải là ngày", "not a day",
         "the document is taken without its day"),
    Rule("code_malformed", E, FIELD, "“{found}” không phải là mã địa chỉ số",
         "not a ten-digit address code", "correct the code, or leave the cell empty"),
    Rule("code_repaired", R, FIELD, "mã “{found}” → “{put}”",
         "letters for digits, or a zero lost in front", "put back"),
    Rule("ward_code_zeros", R, FIELD, "mã phường, xã “{found}” → “{put}”",
         "zeros lost in front of a ward's code", "put back"),
    Rule("position_missing", E, FIELD, "không có tọa độ", "no position", "give its position"),
    Rule("position_unreadable", E, FIELD, "tọa độ “{found}” không đọc được",
         "a coordinate that cannot be read", "write degrees as 105.8511, metres as 586843.21"),
    Rule("decimal_comma", R, FIELD, "dấu phẩy thập phân: “{found}” → {put}",
         "a decimal comma", "read as a point"),
    Rule("degrees_written", R, FIELD, "độ phút giây: “{found}” → {put}",
         "degrees, minutes and seconds", "turned into degrees"),
    # -- the fields of a row together
    Rule("too_many_cells", E, ROW, "dòng nhiều ô hơn tiêu đề", "more cells than the heading",
         "put quotation marks around cells that hold the delimiter"),
    Rule("nothing_named", E, ROW, "không có số nhà, cũng không có tên", "neither number nor name",
         "give a number or a name"),
    Rule("street_missing", E, ROW, "số nhà thiếu đường, tổ/thôn hoặc khu",
         "a number without street, residential group or estate", "give one of them"),
    Rule("axes_swapped", R, ROW, "tọa độ bị đảo trục: {found} → {put}", "swapped axes",
         "swapped back"),
    Rule("metres_without_zone", E, ROW, "tọa độ mét {found} nhưng chưa rõ múi VN-2000",
         "metres, and no zone of VN-2000 is named", "run again with --crs EPSG:…"),
    Rule("metres_converted", R, ROW, "tọa độ mét VN-2000 {found} → {put}",
         "metres of VN-2000 in columns of degrees", "converted by --crs"),
    Rule("wrong_zone", E, ROW, "sai múi VN-2000: hợp với {put}",
         "the wrong zone of VN-2000: this one fits", "run these rows with the zone named"),
    Rule("out_of_country", E, ROW, "điểm {found} nằm ngoài Việt Nam", "outside Vietnam",
         "correct the position"),
    Rule("position_in_no_ward", E, ROW, "điểm {found} không thuộc phường, xã nào",
         "in no ward whose boundary is loaded", "correct the position, or load the boundaries"),
    Rule("ward_unknown", E, ROW, "không có phường, xã “{found}”", "no such ward, old or new",
         "correct the name or the code"),
    Rule("ward_meant_old", W, ROW, "“{found}” hiểu là đơn vị cũ: nay là {put}",
         "taken for the old ward of this name or code", "taken in the ward of its position",
         "ward"),
    Rule("position_outside_ward", E, ROW, "điểm cách {found} {put}, ngoài phường, xã đã ghi",
         "the position lies outside the ward named", "correct the ward or the position"),
    Rule("position_across_border", W, ROW, "điểm nằm bên {put}, sát ranh giới {found}",
         "just across the border of the ward named", "taken in the ward that holds the position",
         "position"),
    Rule("outside_area", E, ROW, "{found} không thuộc địa bàn của tệp",
         "not in the ward or province of this file", "enter it with the file of its ward"),
    Rule("not_your_ward", E, ROW, "bạn không phụ trách {found}", "a ward that is not yours",
         "let its own officer enter the row"),
    Rule("restricted_not_allowed", E, ROW, "bạn không được lập địa chỉ hạn chế",
         "you may not enter restricted addresses", "let the ward's officer enter the row"),
    Rule("street_unknown", W, ROW, "chưa có “{found}” ở gần đây{put}",
         "no street of this name is known near the position", "entered as a new street", "street"),
    Rule("number_taken", W, ROW, "cùng số, cùng đường với {found}, cách {put}",
         "the same number and street as an address farther off",
         "taken as a draft; record it with --distinct, or say `distinct` in a column", "number"),
    Rule("already_registered", E, ROW, "đã có trong sổ: {found}", "in the registry already",
         "nothing to do; amend that address if it has changed"),
    Rule("code_known", E, ROW, "mã {found} đã có trong sổ", "this code has its address already",
         "amend that address instead"),
    Rule("code_unknown", E, ROW, "mã {found} chưa từng được cấp ở đây",
         "this code was never issued here", "leave the cell empty: a code is issued"),
    Rule("id_known", E, ROW, "mã ngoài “{found}” đã có trong sổ",
         "an address has this external id already", "nothing to do"),
    Rule("no_code", W, ROW, "chưa cấp được mã: {found}", "no code can be issued",
         "taken as a draft"),
    Rule("refused_by_database", E, ROW, "cơ sở dữ liệu từ chối", "refused by the database",
         "report it"),
    # -- the rows of a file together
    Rule("duplicate_in_file", E, FILE, "trùng với dòng {found}", "the same as an earlier row",
         "nothing to do: the first one was taken"),
    Rule("number_twice", W, FILE, "cùng số, cùng đường với dòng {found}, cách {put}",
         "the same number and street as an earlier row farther off",
         "taken as a draft; record it with --distinct, or say `distinct` in a column", "number"),
    Rule("id_repeated", E, FILE, "mã ngoài “{found}” đã dùng ở dòng {put}",
         "an external id used by an earlier row", "give each row its own id"),
    Rule("same_point", W, FILE, "điểm {found} dùng cho nhiều dòng: {put}",
         "one point for many rows", "taken; give each its own entrance", "position"),
)  # fmt: skip

RULES: Mapping[str, Rule] = {rule.name: rule for rule in _TABLE}
"""Every rule by its name, in the order in which they are told."""


def table() -> str:
    """The rules as docs/intake.md shows them."""
    head = "| rule | severity | looks at | what it says | what to do |\n|---|---|---|---|---|"
    lines = [
        f"| `{one.name}` | {one.severity} | {one.scope} | {one.told('…', '…')} | {one.fix} |"
        for one in _TABLE
    ]
    return "\n".join([head, *lines])
