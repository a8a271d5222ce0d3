"""Spreadsheets over HTTP: a file is sent in, its columns are confirmed, it is tried and taken in.

A run goes on in a process beside the service (taking/worker); how far it is stands in the database.
"""

from collections.abc import Mapping
from pathlib import Path as File
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse
from pydantic import Field as Described

from diachiso.address.division import Level, UnitKey
from diachiso.address.errors import Incomplete, Overtaken, UnknownIntake, UnreadableSource
from diachiso.address.today import today
from diachiso.registry.intake import Field
from diachiso.registry.officer import Act, Acting
from diachiso.settings import Settings  # noqa: TC001 (one way of importing it everywhere)
from diachiso.sheet.table import read_table
from diachiso.sheet.workbook import Workbook, sheets_of
from diachiso.store.acting import acting
from diachiso.store.intakes import outcomes_after
from diachiso.taking.order import Order
from diachiso.taking.run import Taker, begun
from diachiso.taking.uploads import Upload, Uploads
from diachiso.taking.worker import Takings
from diachiso.web import intake_told, told
from diachiso.web.access import CurrentActing
from diachiso.web.asking import Books, CurrentBooks, only_known
from diachiso.web.forms import Form

router = APIRouter(
    prefix="/v1/registry/intakes", tags=["registry"], dependencies=[Depends(only_known)]
)
MOST = 1_000
MEGABYTE = 1_000_000
LONGEST = 200

MarkInPath = Annotated[str, Path(description="tên gọi của tệp / what the file is called by")]
NameInQuery = Annotated[
    str, Query(description="tên tệp / its name: so_nha.xlsx", max_length=LONGEST)
]
SheetInQuery = Annotated[
    str | None, Query(description="trang / the sheet; trang đầu / the first", max_length=LONGEST)
]


class RunForm(Form):
    """What is asked: whose addresses they are, what the columns say, dry or in earnest."""

    dry_run: bool
    ward: str | None = Described(None, pattern="^[0-9]{5}$")
    province: str | None = Described(None, pattern="^[0-9]{2}$")
    mapping: Mapping[Field, int] | None = None
    """The column of each field, counted from 0, as a person has confirmed it."""
    sheet: str | None = Described(None, max_length=LONGEST)
    crs: str | None = Described(None, max_length=LONGEST)
    record: bool = False
    scheme: str = Described("file", pattern="^[a-z0-9_]{1,40}$")

    @property
    def unit(self) -> UnitKey:
        """Whose addresses they are.

        Raises:
            Incomplete: neither a ward nor a province is named, or both.
        """
        if (self.ward is None) == (self.province is None):
            raise Incomplete(
                "Cần `ward` hoặc `province`. / Give `ward` or `province`.",
                missing=["ward", "province"],
            )
        level = Level.WARD if self.ward else Level.PROVINCE
        return UnitKey(level, self.ward or self.province or "", former=False)

    def order(self, file: File) -> Order:
        """The order of a run.

        Raises:
            Incomplete: nobody has confirmed the columns, or metres without a zone.
        """
        if self.mapping is None and not self.dry_run:
            raise Incomplete(
                "Hãy xác nhận các cột (`mapping`). / Confirm the columns (`mapping`).",
                missing=["mapping"],
            )
        return Order.of(
            file,
            self.unit,
            on=today(),
            sheet=self.sheet,
            crs=self.crs,
            columns=self.mapping or (),
            record=self.record,
            trial=self.dry_run,
            scheme=self.scheme,
        )


async def _takings(request: Request) -> Takings:
    takings: Takings = request.app.state.takings
    return takings


async def _uploads(request: Request) -> Uploads:
    settings: Settings = request.app.state.settings
    return Uploads(settings.home)


CurrentTakings = Annotated[Takings, Depends(_takings)]
CurrentUploads = Annotated[Uploads, Depends(_uploads)]


async def _sent_in(
    request: Request, by: CurrentActing, uploads: CurrentUploads, name: NameInQuery
) -> Upload:
    """The body of the request on the disk, once somebody is known who may enter addresses."""
    by.officer.must_somewhere(Act.REGISTER, by.today)
    most = request.app.state.settings.intake_megabytes * MEGABYTE
    _must_fit(int(request.headers.get("content-length") or 0), most)
    upload = await run_in_threadpool(uploads.new, name, _taker(by))
    try:
        size = 0
        with upload.file.open("xb") as target:
            upload.file.chmod(0o600)
            async for part in request.stream():
                size += len(part)
                _must_fit(size, most)
                await run_in_threadpool(target.write, part)
    except BaseException:
        upload.forgotten()
        raise
    return upload


def _must_fit(size: int, most: int) -> None:
    if size > most:
        raise UnreadableSource(
            f"Tệp lớn hơn {most // MEGABYTE} MB. / A file of more than {most // MEGABYTE} MB is "
            "not taken: part it, or let an administrator run `diachiso intake`."
        )


def _taker(by: Acting) -> Taker:
    return Taker(by.officer.id, by.officer.scopes, f"intake {by.origin}")


@router.post("", status_code=201)
def send_file(upload: Annotated[Upload, Depends(_sent_in)], sheet: SheetInQuery = None) -> Response:
    """Send a file in, as the body of the request; what its columns seem to say is answered."""
    try:
        looked = _looked_at(upload, sheet)
        upload.kept()
    except BaseException:
        upload.forgotten()
        raise
    body = {**intake_told.upload(upload, None), **looked}
    return told.answer(body, status=201, location=f"{router.prefix}/{upload.id}")


def _looked_at(upload: Upload, sheet: str | None) -> dict[str, Any]:
    with upload.quietly():
        table = read_table(upload.file, sheet)
        sheets = sheets_of(upload.file) if isinstance(table.grid, Workbook) else ()
        return intake_told.look(table, sheets)


@router.get("")
def files(books: CurrentBooks, by: CurrentActing, uploads: CurrentUploads) -> Response:
    """The files that one has sent in, the newest first, and how it stands with them."""
    sent = uploads.of_officer(by.officer.id)
    with acting(books.engine, by.officer.id, by.officer.scopes) as reader:
        return told.answer({"intakes": [intake_told.upload(one, reader) for one in sent]})


@router.get("/{mark}")
def progress(
    books: CurrentBooks,
    by: CurrentActing,
    uploads: CurrentUploads,
    mark: MarkInPath,
    sheet: SheetInQuery = None,
) -> Response:
    """How far it is and what came of it; before anything is asked, what its columns seem to say."""
    upload = uploads.of(mark, by.officer.id)
    more = _looked_at(upload, sheet) if upload.intake is None or sheet else {}
    return told.answer({**_standing(books, by, upload), **more})


def _standing(books: Books, by: Acting, upload: Upload) -> dict[str, Any]:
    with acting(books.engine, by.officer.id, by.officer.scopes) as reader:
        return {
            **intake_told.upload(upload, reader),
            **intake_told.summary(upload, reader),
        }


@router.post("/{mark}/run", status_code=202)
def run_file(
    books: CurrentBooks,
    by: CurrentActing,
    uploads: CurrentUploads,
    takings: CurrentTakings,
    mark: MarkInPath,
    form: RunForm,
) -> Response:
    """Try a file dry, take it in, or go on with one that stopped half-way."""
    upload = uploads.of(mark, by.officer.id)
    if upload.is_waiting:
        raise Overtaken(f"{upload.name}: đang được nhập. / is being taken in.")
    taker = _taker(by)
    with upload.quietly():
        intake, _ = begun(books.engine, taker, form.order(upload.file), lambda _: None)
    upload = upload.asked(taker, intake.id, form.sheet)
    takings.call()
    body = {**_standing(books, by, upload), "taken_in_before": intake.is_ended}
    return told.answer(body, status=202, location=f"{router.prefix}/{upload.id}")


@router.get("/{mark}/rows")
def faulty_rows(
    books: CurrentBooks,
    by: CurrentActing,
    uploads: CurrentUploads,
    mark: MarkInPath,
    after: Annotated[int, Query(description="sau dòng này / after this row", ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 100,
) -> Response:
    """The rows with something to say of them, a page at a time."""
    upload = uploads.of(mark, by.officer.id)
    with acting(books.engine, by.officer.id, by.officer.scopes) as reader:
        rows = outcomes_after(reader, upload.intake or 0, after, limit, faulty=True)
    full = len(rows) == limit
    return told.answer(
        {"rows": [intake_told.row(one) for one in rows], "next": rows[-1].row if full else None}
    )


@router.get("/{mark}/marked")
def marked_file(by: CurrentActing, uploads: CurrentUploads, mark: MarkInPath) -> Response:
    """The file back, with its faults marked."""
    upload = uploads.of(mark, by.officer.id)
    if (marked := upload.marked) is None:
        raise UnknownIntake(
            f"{upload.name}: chưa xong. / is not done yet, so there is nothing to give back."
        )
    return FileResponse(marked, filename=marked.name, headers={"cache-control": "no-store"})


@router.delete("/{mark}", status_code=204)
def forget_file(by: CurrentActing, uploads: CurrentUploads, mark: MarkInPath) -> Response:
    """Take the file away, and stop its run; what was entered stays entered."""
    uploads.of(mark, by.officer.id).forgotten()
    return Response(status_code=204)
