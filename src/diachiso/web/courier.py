"""The courier: tells webhooks of changes, in order, each at least once, and tries again.

What is sent is a page of the feed, signed in the manner of Standard Webhooks (HMAC-SHA256 over id,
time and body). A try that fails is repeated with the same id and the same changes, ever later; an
address that did not answer for days is given up, and its owner sees so.
"""

import logging
import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx2
from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from standardwebhooks import Webhook as Signer

from diachiso.address.errors import DiachisoError, KeyUnusable
from diachiso.address.today import today
from diachiso.store.engine import Reader, reading, transaction
from diachiso.store.feed import Change, changes_since, units_meant
from diachiso.store.webhooks import Due, arrived, claim, failed, set_out
from diachiso.web import wire
from diachiso.web.changes import told
from diachiso.web.outward import Allowed, post, target_of

BATCH = 500
"""Changes in one message."""
AT_A_TIME = 8
"""Webhooks that are called at the same time: one that is slow does not hold up the others."""
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(hours=6)
LONGEST_ASKED = timedelta(days=1)
STEPS = 20
IDLE_S, TROUBLE_S = 1.0, 10.0
OK, GONE = range(200, 300), 410
log = logging.getLogger("diachiso.courier")

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Message:
    """One message: changes after a number, up to another."""

    since: int
    next: int
    changes: tuple[Change, ...]


def wait_before(tries: int, chance: random.Random | None = None) -> timedelta:
    """How long to wait after so many tries: twice as long each time, and never all together."""
    steady = min(LONGEST_WAIT, FIRST_WAIT * (1 << min(tries, STEPS)))
    return steady * (chance or random.SystemRandom()).uniform(0.5, 1.5)


class Courier:
    """Delivers what is due; works on the owner's connection, for it opens secrets."""

    def __init__(
        self, engine: Engine, box: Fernet, allowed: Allowed, tell: Tell = log.info
    ) -> None:
        self._engine = engine
        self._box = box
        self._allowed = allowed
        self._tell = tell

    def run(self, stop: threading.Event) -> None:
        """Deliver until told to stop."""
        with ThreadPoolExecutor(AT_A_TIME, "courier") as pool:
            while not stop.is_set():
                try:
                    idle = not self._round(pool)
                except SQLAlchemyError as fault:
                    log.warning("webhooks: %s", type(fault).__name__)
                    stop.wait(TROUBLE_S)
                else:
                    stop.wait(IDLE_S if idle else 0)

    def deliver_due(self) -> int:
        """Deliver what is due now; how many messages were tried."""
        tried = 0
        with ThreadPoolExecutor(AT_A_TIME, "courier") as pool:
            while now := self._round(pool):
                tried += now
        return tried

    def _round(self, pool: ThreadPoolExecutor) -> int:
        with transaction(self._engine) as writer:
            due = claim(writer, AT_A_TIME)
        return len(list(pool.map(self._deliver, due)))

    def _deliver(self, due: Due) -> None:
        try:
            self._try(due)
        except (DiachisoError, httpx2.HTTPError, OSError) as fault:
            self._failed(due, str(fault) or type(fault).__name__)

    def _try(self, due: Due) -> None:
        with reading(self._engine) as reader:
            message = _message(reader, due)
        if not message.changes:  # nothing of its unit
            with transaction(self._engine) as writer:
                return arrived(writer, due, message.next, None)
        with transaction(self._engine) as writer:
            set_out(writer, due, message.next)
        answer = self._send(due, message)
        if answer.status_code not in OK:
            return self._failed(due, f"HTTP {answer.status_code}", answer)
        with transaction(self._engine) as writer:
            arrived(writer, due, message.next, f"HTTP {answer.status_code}")
        return self._tell(f"webhook {due.id}: {message.since} → {message.next}")

    def _send(self, due: Due, message: Message) -> httpx2.Response:
        target = target_of(due.url, self._allowed)
        now = datetime.now(UTC)
        body = _body(message, now)
        called = f"msg_{due.id}_{message.since}_{message.next}"
        headers = {
            "content-type": "application/json",
            "user-agent": "diachiso",
            "webhook-id": called,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._signer(due).sign(called, now, body.decode()),
        }
        return post(target, body, headers)

    def _signer(self, due: Due) -> Signer:
        try:
            return Signer(self._box.decrypt(due.secret.encode()).decode())
        except InvalidToken:
            raise KeyUnusable(
                "Khóa của DIACHISO_HOME đã đổi; hãy đăng ký lại webhook. / The key in "
                "DIACHISO_HOME is another now: register the webhook anew."
            ) from None

    def _failed(self, due: Due, why: str, answer: httpx2.Response | None = None) -> None:
        wait = wait_before(due.tries)
        gone = answer is not None and answer.status_code == GONE
        if answer is not None:
            wait = max(wait, min(LONGEST_ASKED, _asked_to_wait(answer)))
        with transaction(self._engine) as writer:
            state = failed(writer, due, why, wait, gone=gone)
        told = f"webhook {due.id}: {why}"
        if state != "live":
            told += ": thôi gọi, hãy đăng ký lại. / given up; register it anew."
        self._tell(told)


def _message(reader: Reader, due: Due) -> Message:
    """What this try tells: the same as the one before it, if that one failed."""
    units = units_meant(reader, due.unit, due.as_of or today()) if due.unit else None
    page = changes_since(reader, due.position, BATCH, units)
    until = page.next if due.pending is None else due.pending
    changes = tuple(one for one in page.changes if one.number <= until)
    return Message(due.position, until, changes)


def _body(message: Message, now: datetime) -> bytes:
    data = {
        "since": message.since,
        "next": message.next,
        "changes": [told(one) for one in message.changes],
    }
    return wire.dumps({"type": "changes", "timestamp": now, "data": data})


def _asked_to_wait(answer: httpx2.Response) -> timedelta:
    """What Retry-After says: seconds, or a moment (RFC 9110, 10.2.3)."""
    asked = answer.headers.get("retry-after", "")
    if asked.isascii() and asked.isdecimal():
        return timedelta(seconds=min(int(asked), int(LONGEST_ASKED.total_seconds())))
    try:
        return parsedate_to_datetime(asked) - datetime.now(UTC)
    except (TypeError, ValueError):
        return timedelta()
