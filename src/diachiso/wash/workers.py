"""The rows, chunk by chunk, on one processor or on all; the answers come in the order of the rows.

Workers are forked after the vocabularies are read, so that they share that memory; the parent's
connections are closed before, and every worker opens its own (libpq does not survive a fork).
"""

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice
from multiprocessing import get_context, parent_process

from diachiso.address.errors import RunStopped
from diachiso.sheet.cell import Row
from diachiso.wash.asking import Asked

CHUNK = 100
"""Rows at a time: some tenths of a second of work, and what a Ctrl-C may lose of it."""
AHEAD = 3
"""Chunks for each worker that are read before they are asked for."""

Wash = Callable[[Sequence[Asked]], list[Row]]
"""Asks for a chunk of rows."""
Washed = Callable[[Iterable[Asked]], Iterator[list[Row]]]
"""The results of all rows, in chunks, in order."""


@contextmanager
def workers(wash: Wash, jobs: int) -> Iterator[Washed]:
    """Who washes: this process if one is enough, else as many as `jobs`, until the block ends.

    They are forked here and now, before the caller draws its bar: a bar is a thread, and threads
    do not survive a fork.
    """
    if jobs == 1:
        yield lambda asked: map(wash, _chunks(iter(asked)))
        return
    global _wash  # noqa: PLW0603 (inherited by the fork: the vocabularies are not sent)
    _wash = wash
    pool = ProcessPoolExecutor(jobs, get_context("fork"), initializer=_begin)
    try:
        pool.submit(_begun).result()
        yield lambda asked: _in_order(pool, _chunks(iter(asked)), jobs * AHEAD)
    except BrokenProcessPool:
        raise RunStopped(
            "Một tiến trình con bị dừng đột ngột (thiếu bộ nhớ?). / A worker was killed (out of "
            "memory?): --jobs 1 needs less."
        ) from None
    finally:
        _wash = None
        pool.shutdown(wait=True, cancel_futures=True)


_wash: Wash | None = None


def _chunks(asked: Iterator[Asked]) -> Iterator[list[Asked]]:
    while chunk := list(islice(asked, CHUNK)):
        yield chunk


def _in_order(
    pool: ProcessPoolExecutor, chunks: Iterator[list[Asked]], ahead: int
) -> Iterator[list[Row]]:
    waiting: deque[Future[list[Row]]] = deque()
    for chunk in chunks:
        waiting.append(pool.submit(_work, chunk))
        if len(waiting) >= ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _begin() -> None:
    """A worker leaves Ctrl-C to its parent, and does not outlive it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    if (parent := parent_process()) is not None:
        parent.join()
        os._exit(1)


def _begun() -> None:
    """The first task: when it is done, all workers are there."""


def _work(chunk: Sequence[Asked]) -> list[Row]:
    if _wash is None:
        raise RuntimeError("a worker that was not forked")
    return _wash(chunk)
