"""Who asks first is answered first, also where a request comes just after a round of the loop."""

import asyncio
import socket
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from types import SimpleNamespace

import uvicorn
from fastapi import FastAPI

from diachiso.web.asking import Books

CONNECTIONS, ANSWERS = 8, 800
WORK_S = 0.001


def work(_):
    end = time.perf_counter() + WORK_S
    while time.perf_counter() < end:
        pass
    return {}


def app():
    nothing = SimpleNamespace(units=None, streets=None, places=None)
    books = Books(engine=None, keeper=SimpleNamespace(current=lambda: nothing))
    served = FastAPI()

    @served.get("/")
    async def asked():
        return await books.told(work)

    return served


def serve(door):
    uvicorn.Server(uvicorn.Config(app(), log_level="warning")).run(sockets=[door])


@contextmanager
def serving():
    """In a process of its own: callers that share its interpreter are not seen too late."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        server = get_context("fork").Process(target=serve, args=(door,), daemon=True)
        server.start()
        try:
            yield door.getsockname()[1]
        finally:
            server.kill()
            server.join()


async def ask_again_and_again(port, told, who):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while told.total() < ANSWERS:
        writer.write(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        length = head.lower().partition(b"content-length:")[2].split()[0]
        await reader.readexactly(int(length))
        told[who] += 1
    writer.close()


def apart(work):
    """In a thread of its own: the one of the tests may have a loop already, the browser's."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(work).result()


def test_no_caller_is_answered_twice_while_another_waits():
    told = Counter()

    async def call(port):
        callers = (ask_again_and_again(port, told, n) for n in range(CONNECTIONS))
        await asyncio.wait_for(asyncio.gather(*callers), 60)

    with serving() as port:
        apart(lambda: asyncio.run(call(port)))
    assert len(told) == CONNECTIONS
    assert min(told.values()) >= 0.8 * max(told.values()), told
