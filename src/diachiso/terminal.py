"""What commands share: bars and lines on stderr, results on stdout, the database, the day."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Annotated, NoReturn, TypeVar

import orjson
import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from sqlalchemy import Engine

from diachiso.address.division import parse_day
from diachiso.address.today import today
from diachiso.settings import Settings
from diachiso.store.accounts import officer_called
from diachiso.store.engine import (
    APPLICATION,
    located,
    make_engine,
    reading,
    require_role,
    require_schema,
)

By = Annotated[
    str, typer.Option("--by", help="người làm: tên đăng nhập, số / who acts: login, number")
]
Day = Annotated[str | None, typer.Option("--as-of", help="ngày / day, YYYY-MM-DD; hôm nay / today")]
T = TypeVar("T")
MISTAKE = 2
console = Console(stderr=True, highlight=False)


@contextmanager
def bar(label: str, total: int, done: int = 0) -> Iterator[Callable[[int], None]]:
    """A bar for what comes by itself, with what is left of the time; nothing but on a terminal."""
    columns = (*_columns(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(label, total=total, completed=done)
        yield lambda more: progress.advance(task, more)


def _columns() -> tuple[ProgressColumn, ...]:
    return (
        TextColumn("{task.description:<36}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )


def bars(items: Sequence[T], label: str) -> Iterable[T]:
    """Hand items on, with a bar."""
    with Progress(*_columns(), console=console) as progress:
        yield from progress.track(items, description=label)


def say(line: str) -> None:
    """A line of what is being done."""
    console.print(line, markup=False, soft_wrap=True)


def give_up(fault: object) -> NoReturn:
    """Say what is wrong and end with status 2; no stack trace."""
    sys.stderr.write(f"diachiso: {fault}\n")
    raise SystemExit(MISTAKE)


def show(value: object) -> None:
    """A result, as indented JSON."""
    typer.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())


def day_of(text: str | None) -> date:
    """The day that --as-of names, or today in Vietnam."""
    return parse_day(text) if text else today()


@contextmanager
def service(owner: Engine) -> Iterator[Engine]:
    """The same database as the service may use it: it owns nothing, row-level security binds it.

    Raises:
        RoleMissing: the owner may not work as that role.
    """
    require_role(owner)
    engine = make_engine(owner.url.render_as_string(hide_password=False), role=APPLICATION)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def database(*, schema: bool = True) -> Iterator[tuple[Settings, Engine]]:
    """The database of this checkout, private or one's own, as long as the block."""
    settings = Settings()
    with located(settings) as url:
        engine = make_engine(url)
        try:
            if schema:
                require_schema(engine)
            yield settings, engine
        finally:
            engine.dispose()


def who_acts(engine: Engine, by: str) -> int:
    """The officer whom --by names, by login or by number.

    Raises:
        UnknownOfficer: nobody is called so.
    """
    with reading(engine) as reader:
        return officer_called(reader, by)
