"""How often the registry is asked, by day, ward and kind; what was asked is kept nowhere."""

import logging
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from threading import Event, Lock, Thread

from sqlalchemy import Engine
from sqlalchemy.dialects.postgresql import insert as upsert

from diachiso.address.today import today
from diachiso.store import tables as t
from diachiso.store.engine import transaction

EVERY_S = 60.0
STOPPED_WITHIN_S = 5.0
LOG = logging.getLogger(__name__)
Counted = tuple[date, str, str]
"""A day, a ward's code (empty: none), a kind of lookup."""


class Tally:
    """Counts in memory, written every minute; a process that is killed loses the last minute's."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: Counter[Counted] = Counter()

    def count(self, kind: str, ward: str = "", times: int = 1) -> None:
        """Count a lookup."""
        with self._lock:
            self._counts[today(), ward, kind] += times

    def write(self, engine: Engine) -> None:
        """Write what was counted, and begin anew; what cannot be written is kept."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
        try:
            add_counts(engine, counts)
        except Exception:
            LOG.exception("lookups counted are written later")
            with self._lock:
                self._counts += counts

    @contextmanager
    def writing(self, engine: Engine) -> Iterator[None]:
        """Write every minute as long as the block, and once more when it ends."""
        over = Event()

        def write_on() -> None:
            while not over.wait(EVERY_S):
                self.write(engine)

        writer = Thread(target=write_on, name="lookups", daemon=True)
        writer.start()
        try:
            yield
        finally:
            over.set()
            writer.join(STOPPED_WITHIN_S)
            self.write(engine)


def add_counts(engine: Engine, counts: Mapping[Counted, int]) -> None:
    """Add counts to those of the day; in one order, so that two who do it never wait in a ring."""
    if not counts:
        return
    kept = t.lookup_count
    rows = [
        {"day": day, "ward": ward, "kind": kind, "count": count}
        for (day, ward, kind), count in sorted(counts.items())
    ]
    new = upsert(kept)
    adding = new.on_conflict_do_update(
        index_elements=[kept.c.day, kept.c.ward, kept.c.kind],
        set_={"count": kept.c.count + new.excluded.count},
    )
    with transaction(engine) as writer:
        writer.execute(adding, rows)
