"""diachiso's geocoder within one process, over the database that DIACHISO_* names.

A job comes as JSON on stdin: {"task", "texts", "began", "cold"}; what it cost, or the evidence
behind each answer, goes as JSON to stdout.
"""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from typing import Any, NamedTuple

from peer import WARMING_UP, paced, peak_mb

from diachiso.address.today import today
from diachiso.geocode import score
from diachiso.geocode.inner import compiled
from diachiso.geocode.query import Query
from diachiso.geocode.search import geocode, parse
from diachiso.settings import Settings
from diachiso.store.engine import Reader, located, make_engine, reading, require_schema
from diachiso.store.gazetteer import PostgisGazetteer
from diachiso.store.keeper import VocabularyKeeper

LIMIT = 1
"""Answers to a text, as the peers give; up to six wards to choose from come with it."""


class Books(NamedTuple):
    """What the service's batch has: the vocabularies, and one read-only transaction."""

    keeper: VocabularyKeeper
    reader: Reader
    gazetteer: PostgisGazetteer

    def warm_up(self) -> float:
        """Do what the service does beside its first answers; how many seconds it took."""
        began = time.perf_counter()
        while not self.keeper.is_warm:
            self.keeper.get_ahead(self.reader, Event())
        return time.perf_counter() - began


@contextmanager
def opened() -> Iterator[Books]:
    """Read the vocabularies, as the service does."""
    settings = Settings()
    with located(settings) as url:
        engine = make_engine(url)
        require_schema(engine)
        keeper = VocabularyKeeper(engine, settings.facts)
        with reading(engine) as reader:
            books = PostgisGazetteer(keeper.current(), reader, today())
            yield Books(keeper, reader, books)
        engine.dispose()


def timed(job: dict[str, Any]) -> dict[str, Any]:
    """How many texts a second are geocoded or parsed; a cold process has nothing prepared."""
    with opened() as ours:
        books, day = ours.gazetteer, today()
        tasks = {
            "geocode": lambda text: geocode(Query(text, day, LIMIT), books),
            "parse": lambda text: parse(text, books),
        }
        ask = tasks[job["task"]]
        ask(WARMING_UP)
        start_s = time.time() - job["began"]
        warm_s = 0.0 if job["cold"] else ours.warm_up()
        told = paced(ask, job["texts"]) | {"start_s": start_s, "warm_s": start_s + warm_s}
    told["answers"] = []
    return {**told, "peak_mb": peak_mb(), "compiled": compiled() is not None}


def evidence(job: dict[str, Any]) -> dict[str, Any]:
    """What calibration saw for the first answer to each text: chance, doubts, ward, confidence.

    It is watched from within: the source has to run.
    """
    seen: list[tuple[float, list[int]]] = []
    calibrated = score.calibrated

    def watched(chance: float, doubt: score.Doubt, ground: tuple[score.Evidence, ...]) -> float:
        raised = [int(one in ground) for one in score.ON_THE_GROUND]
        seen.append((chance, [*map(int, doubt), *raised]))
        return calibrated(chance, doubt, ground)

    score.calibrated = watched
    found = []
    with opened() as ours:
        for text in job["texts"]:
            seen.clear()
            best = next(iter(geocode(Query(text, today(), 1), ours.gazetteer)), None)
            if best is None or not seen:
                found.append(None)
                continue
            chance, doubts = seen[0]
            code = best.ward.key.code if best.ward else ""
            found.append([chance, doubts, code, best.confidence])
    return {"found": found}


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    json.dump((evidence if asked["task"] == "evidence" else timed)(asked), sys.stdout)
