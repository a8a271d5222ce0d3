"""What is sent twice is done once: writes with an `Idempotency-Key`, in the act's transaction.

Whoever lost the connection cannot know whether a write arrived, and sends it again under the same
key. The key is written in the transaction of the act; the second time nothing is done, and the
answer tells the addresses as they are now.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fastapi import FastAPI, Request, Response

from diachiso.address.errors import Incomplete, UnknownCode
from diachiso.registry.officer import Acting, Errand
from diachiso.store.books import PostgisBooks
from diachiso.store.trail import addresses_of, done_before, done_now
from diachiso.web import told

HEADER = "idempotency-key"
LONGEST = 100
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Repeated(Exception):
    """Not a fault: the errand is done, and this is what came of it."""

    def __init__(self, body: dict[str, Any]) -> None:
        super().__init__()
        self.body = body


async def errand_of(request: Request) -> Errand | None:
    """The errand that a write comes with, if it has a key.

    Raises:
        Incomplete: the key is empty or far too long.
    """
    key = request.headers.get(HEADER)
    if key is None or request.method in SAFE:
        return None
    if not 0 < len(key.strip()) <= LONGEST:
        raise Incomplete(
            f"Idempotency-Key: 1 đến {LONGEST} ký tự. / 1 to {LONGEST} characters.",
            missing=["Idempotency-Key"],
        )
    sent = f"{request.method} {request.url.path}\n".encode() + await request.body()
    return Errand(key.strip(), hashlib.sha256(sent).hexdigest())


@contextmanager
def once(books: PostgisBooks, by: Acting | None) -> Iterator[PostgisBooks]:
    """The books for an errand that is done once; for what has no key, as they are.

    Raises:
        Repeated: the errand was done before.
        KeyReused: its key came with something else.
    """
    if by is None or by.errand is None:
        yield books
        return
    _must_be_new(books, by, by.errand)
    yield books
    done_now(books.writer, by.officer.id, by.errand, books.trail.lines)


def _must_be_new(books: PostgisBooks, by: Acting, errand: Errand) -> None:
    lines = done_before(books.writer, by.officer.id, errand)
    if lines is None:
        return
    found = []
    for identity in addresses_of(books.reader, lines):
        try:
            found.append(told.address(books.address(f"D{identity}", by.today)))
        except UnknownCode:  # it begins on a later day, or is hidden from them by now
            continue
    raise Repeated({"repeated": True, "lines": list(lines), "addresses": found})


def install(app: FastAPI) -> None:
    """Answer what was done before with what came of it."""

    @app.exception_handler(Repeated)
    async def repeated(request: Request, done: Repeated) -> Response:
        del request
        answer = told.answer(done.body)
        answer.headers["idempotency-replayed"] = "true"
        return answer
