"""Files that were sent in, taken in one after the other by a process of its own.

The service answers no slower for it. What is not done when the service ends is gone on with when
it begins again, for a run that was stopped ends as one that was not (record 43). Of several
processes of a service on one machine one takes files in: whoever has the lock.
"""

import fcntl
import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from multiprocessing import get_context, parent_process
from pathlib import Path
from typing import IO

from diachiso.address.errors import DiachisoError, RunStopped, UnreadableSource
from diachiso.address.today import today
from diachiso.store.acting import acting
from diachiso.store.engine import APPLICATION, make_engine
from diachiso.store.intakes import intake_of
from diachiso.taking.back import write_back
from diachiso.taking.marked import marked_name
from diachiso.taking.order import order_again
from diachiso.taking.run import run
from diachiso.taking.uploads import FOLDER, Upload, Uploads

LOCK = ".lock"
EVERY_S = 1.0
STOPPED_WITHIN_S = 10.0
LOG = logging.getLogger(__name__)
STOPPED = (
    "Bị dừng đột ngột; hãy chạy lại để tiếp tục. / It was stopped from outside; run it again to go "
    "on."
)
UNFORESEEN = (
    "Lỗi của máy chủ, không phải của tệp; hãy chạy lại. / The fault is the server's, not the "
    "file's: run it again."
)


class Takings:
    """Looks for files of which something is asked, and has them taken in."""

    def __init__(self, url: str, home: Path, days: int) -> None:
        self._url, self._days, self._home = url, days, home
        self._uploads = Uploads(home)
        self._called, self._over = threading.Event(), threading.Event()

    def call(self) -> None:
        """Say that something is asked for."""
        self._called.set()

    @contextmanager
    def working(self) -> Iterator[None]:
        """Work as long as the block; what is half done then waits for the next time."""
        watcher = threading.Thread(target=self._watch, name="intakes", daemon=True)
        watcher.start()
        try:
            yield
        finally:
            self._over.set()
            self._called.set()
            watcher.join(STOPPED_WITHIN_S)

    def _watch(self) -> None:
        lock = None
        while not self._over.is_set():
            try:
                lock = lock or _locked(self._home / FOLDER)
                if lock is not None:
                    self._uploads.purge(self._days)
                    self._take_all()
            except OSError as fault:
                LOG.warning("files sent in are not looked at: %s", fault.strerror)
            self._called.wait(EVERY_S)
            self._called.clear()
        if lock is not None:
            lock.close()

    def _take_all(self) -> None:
        for upload in self._uploads.all():
            if upload.is_waiting and not self._over.is_set():
                self._take(upload)

    def _take(self, upload: Upload) -> None:
        process = get_context("spawn").Process(
            target=take, args=(self._url, upload), name=f"intake-{upload.intake}", daemon=True
        )
        process.start()
        while process.is_alive():
            process.join(EVERY_S)
            if self._over.is_set() or not upload.folder.is_dir():
                process.terminate()  # what is not committed is rolled back
                process.join()
                return
        left = next((one for one in self._uploads.all() if one.id == upload.id), None)
        if left is not None and left.is_waiting and left.asked_at == upload.asked_at:
            left.failed(RunStopped.__name__, STOPPED)


def _locked(folder: Path) -> IO[bytes] | None:
    """The lock of the one who works, or None while another does, or while no file was sent in."""
    if not folder.is_dir():
        return None
    lock = (folder / LOCK).open("wb")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    return lock


def take(url: str, upload: Upload) -> None:
    """Take a file in, to its end, and write it back; what goes wrong is written down."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        with upload.quietly():
            _taken(url, upload)
    except DiachisoError as fault:
        upload.failed(type(fault).__name__, str(fault))
    except Exception as fault:  # noqa: BLE001 (its text may hold cells of the file: it is not logged)
        LOG.error("intake %s: %s", upload.intake, type(fault).__name__)  # noqa: TRY400
        upload.failed("Unforeseen", UNFORESEEN)


def _end_with_parent() -> None:
    if (parent := parent_process()) is not None:
        parent.join()
        os._exit(1)


def _taken(url: str, upload: Upload) -> None:
    engine, taker = make_engine(url, role=APPLICATION), upload.taker
    try:
        with acting(engine, taker.officer, taker.scopes) as reader:
            intake = intake_of(reader, upload.intake or 0)
        if intake is None:
            raise UnreadableSource(
                f"{upload.name}: không thuộc sổ này. / this registry knows nothing of it."
            )
        order = order_again(
            upload.file, upload.sheet, intake.mapping, intake.options, trial=intake.trial
        )
        if order.digest != intake.digest:
            raise UnreadableSource(f"{upload.name}: tệp đã đổi. / the file is not what it was.")
        run(engine, taker, intake, order, today(), _no_bar)
        target = upload.back / marked_name(order.table).name
        target.parent.mkdir(mode=0o700, exist_ok=True)
        with acting(engine, taker.officer, taker.scopes) as reader:
            write_back(reader, intake, order, target)
    finally:
        engine.dispose()


def _no_bar(label: str, total: int, done: int) -> nullcontext[Callable[[int], None]]:
    del label, total, done  # how far it is stands in the database
    return nullcontext(lambda _: None)
