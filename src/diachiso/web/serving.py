"""Listens and serves until told to stop."""

import socket
import sys
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI

from diachiso.address.errors import PortTaken

BACKLOG = 2048
TURN_S = 0.001
"""How long a thread that computes keeps the others waiting: the event loop is one of them."""


def listening(host: str, port: int) -> socket.socket:
    """The socket to serve on, taken before anything slow is done.

    Raises:
        PortTaken: something else listens there, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    door = socket.socket(family, socket.SOCK_STREAM)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((host, port))
    except OSError as fault:
        door.close()
        raise PortTaken(
            f"Không mở được {host}:{port} ({fault.strerror}). / Cannot listen on {host}:{port}: "
            f"{fault.strerror}; stop what listens there, or set DIACHISO_PORT to a free port."
        ) from None
    return door


def serve(app: FastAPI, door: socket.socket, ready: Callable[[], None]) -> None:
    """Serve until SIGINT or SIGTERM; `ready` is called when requests are answered.

    Access logs are off: query text is never logged.
    """
    sys.setswitchinterval(TURN_S)
    config = uvicorn.Config(app, access_log=False, log_level="warning", backlog=BACKLOG)
    server = _Announced(config, ready)
    server.run(sockets=[door])


class _Announced(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()
