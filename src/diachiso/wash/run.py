"""The story: a file, its columns, the rows that are left, the part, the output."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from diachiso.address.errors import UnreadableSource
from diachiso.sheet.columns import Chosen
from diachiso.sheet.table import Table, read_table
from diachiso.sheet.workbook import Workbook
from diachiso.sheet.written import kind_written, require_writable, unclashing, write_table
from diachiso.store.progress import Bar, Tell
from diachiso.wash.asking import Asked, asked_of, choose, told_of
from diachiso.wash.country import Country
from diachiso.wash.part import Belonging, Part, part_of, sha256_of
from diachiso.wash.summary import Summary
from diachiso.wash.told import COLUMNS
from diachiso.wash.workers import CHUNK, workers

ADDED = ".diachiso"
"""What stands in the name of an output: a.csv becomes a.diachiso.csv."""
DIFFERING = {
    "input_sha256": "tệp vào / the input",
    "sheet": "trang / the sheet",
    "columns": "cột / the columns",
    "as_of": "ngày / the day",
    "edition": "dữ liệu / the data",
    "format": "phiên bản / the version",
}


@dataclass(frozen=True, slots=True)
class Order:
    """A file to wash, and where to."""

    table: Table
    chosen: Chosen
    output: Path

    @classmethod
    def of(
        cls,
        file: Path,
        *,
        output: Path | None = None,
        sheet: str | None = None,
        columns: Sequence[str] = (),
        overwrite: bool = False,
    ) -> "Order":
        """Look at a file and at what is wanted; nothing is written yet.

        Raises:
            UnreadableSource: the file cannot be read, has no address, or the output is in the way.
        """
        table = read_table(file, sheet)
        chosen = choose(table, columns)
        target = output or file.with_name(f"{file.stem}{ADDED}{kind_written(table)}")
        _require_free(table, target, overwrite=overwrite)
        require_writable(table, target, len(COLUMNS))
        return cls(table, chosen, target)

    @property
    def told(self) -> str:
        """The columns, in a line."""
        return told_of(self.chosen, self.table.columns)

    def asked(self, start: int = 0) -> Iterator[Asked]:
        """What is asked of each row, from one on."""
        headed = self.table.headed
        return (asked_of(row, self.chosen, headed) for row in self.table.rows(start))

    def belonging(self, as_of: date, edition: str) -> Belonging:
        """What a part of this order is bound to."""
        grid = self.table.grid
        return Belonging(
            input_sha256=sha256_of(self.table.file),
            sheet=grid.sheet if isinstance(grid, Workbook) else None,
            columns=";".join(f"{role}={columns}" for role, columns in self.chosen.items()),
            as_of=as_of.isoformat(),
            edition=edition,
        )


def _require_free(table: Table, output: Path, *, overwrite: bool) -> None:
    if not output.exists():
        return
    if output.samefile(table.file):
        raise UnreadableSource(
            f"{output}: không ghi đè tệp vào. / the input is never written over: --output."
        )
    if not overwrite:
        raise UnreadableSource(
            f"{output}: đã có tệp này; đổi tên, --output hoặc --overwrite. / is there already: "
            "move it, or give --output or --overwrite."
        )


def run(
    order: Order,
    country: Country,
    *,
    as_of: date | None,
    today: date,
    jobs: int,
    tell: Tell,
    bar: Bar,
) -> Summary:
    """Wash a file to its end; what an interruption leaves is gone on with the next time.

    Raises:
        RunStopped: a worker was killed, or the data changed meanwhile.
        UnreadableSource: the input is damaged further on, or the disk is full.
    """
    belonging = order.belonging(as_of or today, country.edition)
    part = Part.open(part_of(order.output), belonging, day_is_given=as_of is not None)
    _tell_of(part, order, tell)
    kept = part.done
    try:
        _find(order, country, part, jobs, bar)
        summary = _write(order, part, bar)
    except BaseException as fault:
        part.close()
        tell(
            f"Dừng ở dòng {part.done:,}/{order.table.count:,}; chạy lại cùng lệnh để tiếp tục. / "
            f"Stopped at row {part.done:,} of {order.table.count:,}; run the same command again "
            f"to go on ({part.file})."
        )
        if isinstance(fault, OSError):
            raise UnreadableSource(f"{order.output}: {fault.strerror}") from None
        raise
    part.remove()
    summary.kept = kept
    return summary


def _tell_of(part: Part, order: Order, tell: Tell) -> None:
    if part.begun_anew:
        differing = ", ".join(DIFFERING[name] for name in part.begun_anew)
        tell(f"Làm lại từ đầu, vì đã khác: {differing}. / Begun anew: these differ.")
    elif part.done:
        tell(
            f"Tiếp tục từ dòng {part.done + 1:,}/{order.table.count:,}. / Going on from row "
            f"{part.done + 1:,} of {order.table.count:,}."
        )


def _find(order: Order, country: Country, part: Part, jobs: int, bar: Bar) -> None:
    left = order.table.count - part.done
    if left <= 0:
        return
    busy = max(1, min(jobs, -(-left // CHUNK)))
    with (
        workers(country.washing(part.as_of), busy) as washed,
        bar("Tìm địa chỉ / geocoding", order.table.count, part.done) as move,
    ):
        for results in washed(order.asked(part.done)):
            part.add(results)
            move(len(results))


def _write(order: Order, part: Part, bar: Bar) -> Summary:
    summary = Summary()
    columns = unclashing(COLUMNS, order.table.columns)
    with bar("Ghi tệp / writing", order.table.count, 0) as move:

        def results() -> Iterator[tuple[object, ...]]:
            nonlocal summary
            summary = Summary()
            for row in part.results():
                summary.add(row)
                move(1)
                yield row

        write_table(order.table, order.output, columns, results)
    return summary
