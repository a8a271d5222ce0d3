"""The command `diachiso replicate`: a copy of a registry, begun from its snapshot, kept right.

The reference for whoever writes a follower of their own: docs/feed.md tells what it does.
"""

import signal
import threading
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from diachiso.address.errors import FeedUnreachable
from diachiso.terminal import console, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from diachiso.web.following import Feed, Page, Told

DATABASES = ("postgresql:", "postgres:", "postgresql+psycopg:")
TOGETHER = 20_000
"""Changes that are written at once while the copy catches up."""
LONGEST_WAIT_S = 300.0


class Copy(Protocol):
    """Where a copy is kept: data and position move together."""

    def position(self) -> int | None:
        """The number up to which it is right; None: nothing yet."""
        ...

    def begin(self, number: int, standing: "Iterable[Told]") -> int:
        """Fill it from a snapshot, all or nothing."""
        ...

    def apply(self, since: int, until: int, changes: "Iterable[Told]") -> None:
        """Follow changes from one number to another."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


def replicate(
    url: Annotated[str, typer.Argument(help="sổ cần theo dõi / the registry, http(s)://…")],
    to: Annotated[str, typer.Option(help="postgresql://… hoặc thư mục / or a folder")],
    unit: Annotated[str | None, typer.Option(help="mã đơn vị / of this unit alone")] = None,
    as_of: Annotated[str | None, typer.Option(help="ngày của mã / the day of the code")] = None,
    once: Annotated[bool, typer.Option("--once", help="đến nay rồi thôi / up to now")] = False,
    every: Annotated[float, typer.Option(help="giây giữa hai lần hỏi / seconds", min=0.1)] = 5.0,
) -> None:
    """Giữ bản sao của một sổ. / Keep a copy of a registry right, in PostGIS or in GeoParquet."""
    from diachiso.web.following import Feed  # noqa: PLC0415

    origin = url.rstrip("/") + (f" {unit} {as_of or ''}".rstrip() if unit else "")
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with closing(Feed(url, unit, as_of)) as feed, closing(_copy(to, origin)) as copy:
        at, waited = copy.position(), 0.0
        while not stop.is_set():
            try:
                at = _follow(feed, copy, _begin(feed, copy) if at is None else at, stop)
                waited = 0.0
            except FeedUnreachable as fault:
                if once:
                    raise
                waited = min(LONGEST_WAIT_S, max(every, waited * 2))
                say(f"{fault} ({waited:g} s)")
            if once and not waited:
                return
            stop.wait(waited or every)


def _copy(to: str, origin: str) -> Copy:
    if to.startswith(DATABASES):
        from diachiso.store.replica import PostgisCopy  # noqa: PLC0415

        return PostgisCopy.at(to, origin)
    from diachiso.store.replica_files import FolderCopy  # noqa: PLC0415

    return FolderCopy(Path(to), origin)


def _begin(feed: "Feed", copy: Copy) -> int:
    """The copy as of a snapshot: from there on, changes."""
    with feed.snapshot() as snapshot:
        count = copy.begin(snapshot.number, _counted(snapshot.standing))
        say(f"{snapshot.number}: {count} mục / subjects")
        return snapshot.number


def _follow(feed: "Feed", copy: Copy, at: int, stop: threading.Event) -> int:
    """Everything up to the newest change; the number reached."""
    began = at
    with Progress(*_columns(), console=console, transient=True) as progress:
        task = progress.add_task("Thay đổi / changes", total=None)
        for pages in _together(feed, at):
            copy.apply(at, pages[-1].next, [one for page in pages for one in page.changes])
            at, last = pages[-1].next, pages[-1].last
            progress.update(task, completed=at - began, total=max(last - began, 1))
            if stop.is_set():
                break
    if at != began:
        say(f"{began} → {at}")
    return at


def _together(feed: "Feed", at: int) -> "Iterator[list[Page]]":
    """Pages up to the newest change, many at a time while there are many."""
    pages: list[Page] = []
    while True:
        page = feed.changes(at)
        if page.next == at:
            break
        pages.append(page)
        at = page.next
        if sum(len(one.changes) for one in pages) >= TOGETHER:
            yield pages
            pages = []
        if at >= page.last:
            break
    if pages:
        yield pages


def _counted(standing: "Iterator[Told]") -> "Iterator[Told]":
    with Progress(*_columns(), console=console, transient=True) as progress:
        task = progress.add_task("Ảnh chụp / snapshot", total=None)
        for one in standing:
            yield one
            progress.advance(task)


def _columns() -> tuple[TextColumn, BarColumn, TextColumn, TimeElapsedColumn]:
    return (
        TextColumn("{task.description:<24}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f}"),
        TimeElapsedColumn(),
    )
