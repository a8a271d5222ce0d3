"""Long answers, sent as they are read; whoever stops listening leaves nothing open behind them.

An answer that is read from the database holds a connection, and a cursor on it. A client that goes
away, or asks by HEAD, leaves the reading in the middle: it is closed then, from the inside out, for
a cursor that outlives its transaction would be closed within somebody else's.
"""

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from typing import TypeVar

import anyio
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

Row = TypeVar("Row")


@contextmanager
def to_its_end(found: Iterator[Row]) -> Iterator[Iterator[Row]]:
    """What is read one after another, closed with the block, however far it was read."""
    try:
        yield found
    finally:
        if isinstance(found, Generator):
            found.close()


class Streamed(StreamingResponse):
    """An answer in chunks; `begun` are those that were read already."""

    def __init__(
        self,
        chunks: Iterator[bytes],
        media_type: str,
        headers: Mapping[str, str],
        *,
        begun: tuple[bytes, ...] = (),
    ) -> None:
        super().__init__(chain(begun, chunks), media_type=media_type, headers=headers)
        self._chunks = chunks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send as long as somebody listens, then close what is read."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            with anyio.CancelScope(shield=True):  # who went away does not hinder it
                await run_in_threadpool(self._close)

    def _close(self) -> None:
        with to_its_end(self._chunks):
            pass
