"""Who answers: the geocoder over the registry, ready to be asked from several processes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

from sqlalchemy import Engine

from diachiso.address.errors import RunStopped
from diachiso.geocode.gazetteer import Gazetteer
from diachiso.geocode.query import Query
from diachiso.geocode.search import geocode
from diachiso.sheet.cell import Row
from diachiso.store.engine import reading
from diachiso.store.gazetteer import PostgisGazetteer
from diachiso.store.history import edition_of
from diachiso.store.keeper import VocabularyKeeper
from diachiso.store.vocabularies import Vocabularies
from diachiso.wash.asking import Asked, Fault
from diachiso.wash.told import BLANK, failed, told
from diachiso.wash.workers import Wash

FAULTS = (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
"""What a fault of the geocoder itself may raise; a fault of the database stops the run."""
OUR_FAULT = "lỗi của chương trình, xin báo lại / a fault of the program, please report it ({})"


class Country(Protocol):
    """The registry that a file is washed with."""

    @property
    def edition(self) -> str:
        """The program and the edition of the data: other ones may answer otherwise."""
        ...

    def washing(self, as_of: date) -> Wash:
        """Answers chunks of rows, as of a day."""
        ...


@dataclass(frozen=True, slots=True)
class PostgisCountry:
    """The registry in PostGIS, with its vocabularies in memory."""

    engine: Engine
    vocabularies: Vocabularies
    today: date

    @classmethod
    def read(cls, engine: Engine, facts: Path, today: date) -> "PostgisCountry":
        """Read the vocabularies; afterwards no connection is open, so that a fork is safe."""
        vocabularies = VocabularyKeeper(engine, facts).current()
        engine.dispose()
        return cls(engine, vocabularies, today)

    @property
    def edition(self) -> str:
        """The program's version and the number of the edition."""
        return f"{version('diachiso')}/{self.vocabularies.edition}"

    def washing(self, as_of: date) -> Wash:
        """Answers chunks, each in a transaction of its own: a load meanwhile stops the run."""

        def wash(chunk: Sequence[Asked]) -> list[Row]:
            with reading(self.engine) as reader:
                if edition_of(reader) != self.vocabularies.edition:
                    raise RunStopped(
                        "Dữ liệu vừa đổi. / The data were changed by a load: the run begins anew."
                    )
                gazetteer = PostgisGazetteer(self.vocabularies, reader, self.today)
                return answers(chunk, as_of, gazetteer)

        return wash


def answers(chunk: Sequence[Asked], as_of: date, gazetteer: Gazetteer) -> list[Row]:
    """A row of results for each row asked: one that fails does not cost the others."""
    return [_answer(one, lambda text: _first(text, as_of, gazetteer)) for one in chunk]


def _answer(asked: Asked, find: Callable[[str], Row]) -> Row:
    if asked is None:
        return BLANK
    if isinstance(asked, Fault):
        return failed(asked.told)
    try:
        return find(asked)
    except FAULTS as fault:
        return failed(OUR_FAULT.format(type(fault).__name__))


def _first(text: str, as_of: date, gazetteer: Gazetteer) -> Row:
    return told(next(iter(geocode(Query(text, as_of, limit=1), gazetteer)), None))
