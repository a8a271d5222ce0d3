"""ONE table: what went wrong -> status; answered as problem details (RFC 9457).

`type` is a path of this service that explains the problem; `title` names it in both languages;
`detail` says what is wrong with this very request, `detail_vi` and `detail_en` in one language.
"""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from diachiso.address import errors
from diachiso.registry.officer import KeyReused
from diachiso.web.methods import allowed_at

PROBLEM_JSON = "application/problem+json"
BOTH = re.compile(r"(?<=[.?!]) / |(?<![.?!]) / (?!.*[.?!] / )")
"""What stands between the Vietnamese and the English of a sentence."""

STATUS: dict[type[errors.DiachisoError], int] = {
    errors.AddressError: 422,
    errors.QueryError: 400,
    errors.NotPublished: 404,
    errors.UnknownUnit: 404,
    errors.UnknownCode: 404,
    errors.NoWardHere: 404,
    errors.RetiredCode: 410,
    errors.CodesError: 409,
    errors.ActError: 409,
    errors.NotSignedIn: 401,
    errors.NotAllowed: 403,
    errors.TooMany: 429,
    errors.WeakPassword: 422,
    errors.UnknownOfficer: 404,
    errors.Incomplete: 422,
    errors.MalformedAttribute: 422,
    errors.PersonalData: 422,
    errors.UnknownReport: 404,
    errors.UnknownIntake: 404,
    errors.UnknownTileset: 404,
    errors.ProviderFault: 502,
    errors.FeedError: 502,
    errors.AheadOfFeed: 409,
    errors.WebhookRefused: 422,
    errors.UnknownWebhook: 404,
    errors.DecreeError: 409,
    errors.MalformedDecree: 422,
    errors.PlateError: 422,
    errors.SourceError: 422,
    errors.StoreError: 503,
    errors.DiachisoError: 500,
    KeyReused: 422,
}

TITLES: dict[str, str] = {
    "MalformedCode": "Mã địa chỉ số không hợp lệ / Malformed address code",
    "MalformedVpostcode": "Vpostcode không hợp lệ / Malformed Vpostcode",
    "MalformedNumber": "Số nhà không hợp lệ / Malformed house number",
    "MalformedDate": "Ngày không hợp lệ / Malformed date",
    "MalformedPosition": "Tọa độ không hợp lệ / Malformed position",
    "MalformedBbox": "Khung tọa độ không hợp lệ / Malformed bbox",
    "ZoneNeeded": "Cần kinh tuyến trục / The zone is needed",
    "OutOfCountry": "Điểm ngoài Việt Nam / Position outside Vietnam",
    "QueryError": "Tham số không hợp lệ / Invalid parameter",
    "NotPublished": "Không có trong dữ liệu bản đồ / Not published",
    "UnknownUnit": "Không có đơn vị này / Unknown unit",
    "UnknownCode": "Không có mã này / Unknown code",
    "NoWardHere": "Không thuộc phường, xã nào / No ward here",
    "AddressError": "Giá trị không hợp lệ / Malformed value",
    "RetiredCode": "Mã đã thôi dùng / Retired code",
    "CodesError": "Không cấp được mã / Codes cannot be issued",
    "NoAreaForWard": "Chưa có mã bưu chính / No postal code loaded",
    "AreaExhausted": "Vùng đã hết mã / Area used up",
    "ActError": "Không làm được việc này / The act is refused",
    "NotSignedIn": "Chưa đăng nhập / Not signed in",
    "SignInRefused": "Không đăng nhập được / Sign-in refused",
    "NotAllowed": "Không được phép / Not allowed",
    "NotYourWard": "Không thuộc địa bàn của bạn / Not your ward",
    "FourEyes": "Cần người thứ hai / Another person is needed",
    "MustChange": "Cần đổi mật khẩu / The password must be changed",
    "ForgedRequest": "Yêu cầu không đến từ trang này / Not sent by a page of ours",
    "TooMany": "Quá nhiều yêu cầu / Too many requests",
    "WeakPassword": "Mật khẩu yếu / Weak password",
    "UnknownOfficer": "Không có cán bộ này / Unknown officer",
    "MoveRefused": "Trạng thái không cho phép / The state does not allow it",
    "TooEarly": "Ngày không phù hợp / The day does not fit",
    "LikelyDuplicate": "Có thể trùng / A likely duplicate",
    "Incomplete": "Thiếu thông tin / Something is missing",
    "NotPrintable": "Không in được / Not to be printed",
    "MalformedAttribute": "Thuộc tính không hợp lệ / Malformed attribute",
    "PersonalData": "Không nhận dữ liệu cá nhân / Personal data is not taken",
    "UnknownReport": "Không có phản ánh này / Unknown report",
    "UnknownIntake": "Không có tệp này / Unknown file",
    "UnknownTileset": "Không có bộ ô bản đồ này / Unknown tileset",
    "Overtaken": "Người khác vừa sửa / Somebody else changed it",
    "ProviderFault": "Nhà cung cấp đăng nhập không trả lời đúng / The sign-in provider fails",
    "DiachisoError": "Lỗi / Error",
    "MalformedDecree": "Tệp văn bản không hợp lệ / Malformed decree",
    "DecreeRefused": "Văn bản bị từ chối / Decree refused",
    "PlanChanged": "Kế hoạch đã khác / The plan has changed",
    "LedgerBroken": "Sổ cái bị hỏng / Ledger broken",
    "FeedError": "Không theo dõi được thay đổi / The feed cannot be followed",
    "FeedUnreachable": "Sổ được theo dõi không trả lời / The feed does not answer",
    "FeedBroken": "Dòng thay đổi bị đứt / The feed is broken",
    "KeyUnusable": "Khóa không dùng được / Key unusable",
    "UnreadableSource": "Không đọc được tệp / Unreadable file",
    "UnknownWardInFile": "Tệp nêu phường, xã lạ / Unknown ward in a file",
    "TerritoryFault": "Ranh giới chồng lấn hoặc hở / Overlaps or gaps",
    "RunStopped": "Dừng giữa chừng / Stopped in the middle",
    "StoreUnreachable": "Cơ sở dữ liệu không trả lời / Database unreachable",
    "NoPostgis": "Thiếu PostGIS / No PostGIS",
    "SchemaOutdated": "Cần nâng cấp cơ sở dữ liệu / Migrations are missing",
    "RoleMissing": "Thiếu vai trò / Role missing",
    "EmbeddedFailed": "Cụm riêng không khởi động / The private cluster fails",
    "PortTaken": "Cổng đang bận / Port taken",
    "AheadOfFeed": "Chưa có thay đổi số này / No change has this number yet",
    "UnknownWebhook": "Không có webhook này / Unknown webhook",
    "WebhookRefused": "Không gọi được địa chỉ này / Address may not be called",
    "DecreeError": "Không áp dụng được văn bản / The decree cannot be applied",
    "PlateError": "Biển số không đáng tin / A plate not to be trusted",
    "MalformedPlate": "Không phải mã biển số nhà / Not the text of a plate",
    "UnknownPlateKey": "Khóa không rõ / Unknown key",
    "ForgedPlate": "Chữ ký sai / Bad signature",
    "ExpiredPlateKey": "Khóa hết hạn / Expired key",
    "SourceError": "Không nhận được tệp / File refused",
    "StoreError": "Cơ sở dữ liệu không phục vụ / Database unavailable",
    "NotUndoable": "Không hoàn tác được / Not to be undone",
    "KeyReused": "Khóa lặp dùng cho việc khác / Idempotency key of another request",
    "Unforeseen": "Lỗi máy chủ / Server error",
    "InvalidRequest": "Yêu cầu không hợp lệ / Invalid request",
}


def status_of(error: errors.DiachisoError) -> int:
    """The status of the nearest kind in the table."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def halves(sentence: str) -> tuple[str, str]:
    """'Tiếng Việt. / English.' -> the Vietnamese and the English; twice the whole if it has one."""
    match = BOTH.search(sentence)
    return (sentence[: match.start()], sentence[match.end() :]) if match else (sentence, sentence)


def problem(
    request: Request, kind: str, status: int, detail: str, more: Mapping[str, Any] | None = None
) -> Response:
    """A problem as it travels."""
    body = {
        "type": f"/problems#{kind}",
        "title": TITLES.get(kind, HTTPStatus(status).phrase),
        "status": status,
        "detail": detail,
        **dict(zip(("detail_vi", "detail_en"), halves(detail), strict=True)),
        "instance": request.url.path,
        **(more or {}),
    }
    return Response(orjson.dumps(body), status, media_type=PROBLEM_JSON)


def install(app: FastAPI) -> None:
    """Answer every error of ours, of validation and of routing as a problem."""

    @app.exception_handler(errors.DiachisoError)
    async def ours(request: Request, error: errors.DiachisoError) -> Response:
        answer = problem(
            request, type(error).__name__, status_of(error), str(error), error.particulars
        )
        if "retry_after" in error.particulars:
            answer.headers["retry-after"] = str(error.particulars["retry_after"])
        if isinstance(error, errors.NotSignedIn):
            answer.headers["www-authenticate"] = "Bearer"
        return answer

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        faults = [
            {"where": ".".join(map(str, one["loc"])), "what": one["msg"]} for one in error.errors()
        ]
        told = "; ".join(f"{one['where']}: {one['what']}" for one in faults)
        return problem(request, "InvalidRequest", 422, told, {"errors": faults})

    @app.exception_handler(Exception)
    async def unforeseen(request: Request, error: Exception) -> Response:
        # the server log has the trace; it carries no query text (uvicorn logs the path only)
        del error
        return problem(
            request,
            "Unforeseen",
            500,
            "Lỗi của máy chủ, không phải của yêu cầu. / The fault is the server's, not yours.",
        )

    @app.exception_handler(HTTPException)
    async def routing(request: Request, error: HTTPException) -> Response:
        wrong_method = error.status_code == HTTPStatus.METHOD_NOT_ALLOWED
        if wrong_method and (allowed := allowed_at(request)):
            error.headers = {**(error.headers or {}), "Allow": allowed}
            if request.method == "OPTIONS":
                return Response(status_code=HTTPStatus.NO_CONTENT, headers=error.headers)
        answer = problem(
            request, HTTPStatus(error.status_code).name, error.status_code, str(error.detail)
        )
        answer.headers.update(error.headers or {})
        return answer
