"""The commands of who may act: `diachiso officer …` and `diachiso key …`.

Whoever runs the machine of the registry acts here, as no officer; each act is a line in the ledger
with the origin `command`. Passwords and keys are printed once, on stdout, and kept as hashes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Annotated

import typer
from limits import parse as parse_quota
from rich.console import Console
from rich.table import Table
from sqlalchemy import Engine

from diachiso.address.division import Level, UnitKey, Validity, parse_day
from diachiso.address.errors import Incomplete, UnknownOfficer
from diachiso.address.today import today
from diachiso.registry.mandates import LEVELS, Given, end, grant, operator
from diachiso.registry.officer import RIGHTS, SPOKEN, Act, Acting, Role
from diachiso.store import accounts, keys
from diachiso.store.acting import says
from diachiso.store.engine import Writer, transaction
from diachiso.store.officers import PostgisStaff, enter_officer, mandates
from diachiso.store.passwords import one_time_password
from diachiso.terminal import database, say

officer = typer.Typer(help="Cán bộ và nhiệm vụ. / Officers and mandates.", no_args_is_help=True)
key = typer.Typer(help="Khóa cho phần mềm. / Keys of clients.", no_args_is_help=True)
FIRST = "admin"
LEVEL_OF_LENGTH = {2: Level.PROVINCE, 3: Level.DISTRICT, 5: Level.WARD}

Login = Annotated[str, typer.Argument(help="tên đăng nhập / login")]
RoleOption = Annotated[Role | None, typer.Option(help="vai trò / role")]
UnitOption = Annotated[
    str | None, typer.Option(help="mã phường, xã (5 số) hoặc tỉnh (2 số) / code of the unit")
]
FormerOption = Annotated[
    bool, typer.Option("--former", help="đơn vị trước 1/7/2025 / a unit of before the reform")
]
FromOption = Annotated[str | None, typer.Option("--from", help="từ ngày / first day")]
UntilOption = Annotated[str | None, typer.Option("--until", help="đến trước ngày / ends on")]


@contextmanager
def _staff() -> Iterator[tuple[PostgisStaff, Writer, Acting]]:
    """One act of whoever runs the machine."""
    with database() as (_, engine), transaction(engine) as writer:
        says(writer, None)
        yield PostgisStaff(writer), writer, operator(today(), "command")


def unit_of(code: str | None, *, former: bool) -> UnitKey | None:
    """The unit that an option names.

    Raises:
        Incomplete: not the code of a unit.
    """
    if code is None:
        return None
    if not code.isdecimal() or len(code) not in LEVEL_OF_LENGTH:
        raise Incomplete(f"{code!r}: không phải mã đơn vị. / not the code of a unit.")
    return UnitKey(LEVEL_OF_LENGTH[len(code)], code, former)


def _days(since: str | None, until: str | None) -> Validity:
    return Validity(parse_day(since) if since else today(), parse_day(until) if until else None)


# -- officers ------------------------------------------------------------------------------------


@officer.command("add")
def add(
    login: Login,
    role: RoleOption = None,
    unit: UnitOption = None,
    name: Annotated[str | None, typer.Option(help="tên hiển thị / display name")] = None,
    since: FromOption = None,
    until: UntilOption = None,
    *,
    former: FormerOption = False,
    openid: Annotated[
        bool, typer.Option("--openid", help="không có mật khẩu / signs in by OpenID Connect alone")
    ] = False,
) -> None:
    """Thêm cán bộ, hoặc thêm nhiệm vụ. / A new officer, or a further mandate of one."""
    with _staff() as (staff, writer, by):
        password = None
        try:
            known = accounts.account_named(writer, login).officer
        except UnknownOfficer:
            known = enter_officer(writer)
            password = None if openid else one_time_password()
            accounts.enter_account(writer, known, login, name or login, password)
        if role is not None:
            _grant(staff, Given(known, role, unit_of(unit, former=former), _days(since, until)), by)
    say(f"{login}: số / number {known}")
    if password:
        _show_password(login, password)


def _grant(staff: PostgisStaff, given: Given, by: Acting) -> None:
    number = grant(staff, given, by)
    where = given.unit.code if given.unit else "cả nước / the whole country"
    say(f"Nhiệm vụ / mandate {number}: {SPOKEN[given.role]}, {where}, {_told(given.valid)}")


def _told(valid: Validity) -> str:
    return f"{valid.since or '…'} – {valid.until or '…'}"


def _show_password(login: str, password: str) -> None:
    say(
        f"Mật khẩu một lần của {login}, chỉ hiện lần này, phải đổi khi đăng nhập (/sign-in): / "
        "the one-time password, shown only now, to be changed at sign-in:"
    )
    typer.echo(password)


@officer.command("list")
def list_officers() -> None:
    """Cán bộ và nhiệm vụ đang ghi. / Officers and their mandates."""
    table = Table("số / no.", "tên đăng nhập / login", "tên / name", "nhiệm vụ / mandates")
    with database() as (_, engine), transaction(engine) as writer:
        given = mandates(writer)
        for one in accounts.accounts(writer):
            lines = [
                f"{m.number}: {m.role} {m.unit.code if m.unit else '*'} {_told(m.valid)}"
                for m in given
                if m.officer == one.officer
            ]
            ended = " (đã khóa / disabled)" if one.disabled_at else ""
            table.add_row(str(one.officer), one.login + ended, one.name, "\n".join(lines))
    Console().print(table)


@officer.command("end")
def end_mandates(
    login: Login,
    mandate: Annotated[int | None, typer.Option(help="số nhiệm vụ / only this mandate")] = None,
    on: Annotated[str | None, typer.Option("--on", help="từ ngày / from the day on")] = None,
) -> None:
    """Kết thúc nhiệm vụ. / End mandates; when all end today, the account is disabled too."""
    day = parse_day(on) if on else today()
    with _staff() as (staff, writer, by):
        account = accounts.account_named(writer, login)
        live = [
            one
            for one in mandates(writer, officer=account.officer)
            if (one.valid.until is None or one.valid.until > day) and mandate in {None, one.number}
        ]
        if mandate is not None and not live:
            raise UnknownOfficer(f"Không có nhiệm vụ {mandate}. / No mandate {mandate} to end.")
        for one in live:
            end(staff, one.number, by, day)
            say(f"Nhiệm vụ / mandate {one.number}: đến / until {day}")
        if mandate is None and day == by.today:
            accounts.disable(writer, account.officer)
            say(f"{login}: đã khóa / disabled")


@officer.command("password")
def reset_password(login: Login) -> None:
    """Cấp mật khẩu một lần. / Give a one-time password; every session of theirs ends."""
    password = one_time_password()
    with _staff() as (_, writer, _by):
        accounts.reset_password(writer, accounts.account_named(writer, login).officer, password)
    _show_password(login, password)


def first_account(engine: Engine) -> None:
    """Make the first account where there is none, and print its one-time password."""
    with transaction(engine) as writer:
        if accounts.accounts(writer):
            return
        says(writer, None)
        password = one_time_password()
        first = enter_officer(writer)
        accounts.enter_account(writer, first, FIRST, "Quản trị / administrator", password)
        given = Given(first, Role.MINISTRY, None, Validity(today()))
        grant(PostgisStaff(writer), given, operator(today(), "command"))
    say(f"Tài khoản đầu tiên / the first account: {FIRST}")
    _show_password(FIRST, password)


# -- keys ----------------------------------------------------------------------------------------


@key.command("issue")
def issue(
    name: Annotated[str, typer.Argument(help="tên của bên dùng / whose key")],
    scopes: Annotated[str, typer.Option(help="việc được làm, cách bằng dấu phẩy / acts")],
    quota: Annotated[str | None, typer.Option(help="như / as 1000/minute")] = None,
    role: Annotated[Role, typer.Option(help="vai trò / role")] = Role.ENTERPRISE,
    unit: UnitOption = None,
    until: UntilOption = None,
) -> None:
    """Cấp khóa, chỉ hiện một lần. / Issue a key of a client; it is shown once."""
    wanted = _scopes(scopes, role)
    if quota is not None:
        _must_be_quota(quota)
    last = parse_day(until) if until else None
    if unit is None and None not in LEVELS[role]:
        raise Incomplete(f"Vai trò {role} cần --unit. / The role {role} needs --unit.")
    with _staff() as (staff, writer, by):
        client = enter_officer(writer, "client")
        where = unit_of(unit, former=False)
        _grant(staff, Given(client, role, where, Validity(today(), last)), by)
        text = keys.issue_key(writer, client, name, wanted, quota=quota, until=last)
    say("Khóa, chỉ hiện lần này: / the key, shown only now:")
    typer.echo(text)


def _scopes(text: str, role: Role) -> frozenset[Act]:
    """The acts that a key is for.

    Raises:
        Incomplete: not acts, or not among those of the role.
    """
    asked = {one.strip() for one in text.split(",") if one.strip()}
    known = {act.value for act in RIGHTS[role]}
    if not asked or not asked <= known:
        told = ", ".join(sorted(asked - known)) or "–"
        raise Incomplete(
            f"{told}: vai trò {role} chỉ có / the role {role} has only: {', '.join(sorted(known))}"
        )
    return frozenset(Act(one) for one in asked)


def _must_be_quota(text: str) -> None:
    try:
        parse_quota(text)
    except ValueError:
        raise Incomplete(f"{text!r}: cần dạng 1000/minute. / as 1000/minute.") from None


@key.command("list")
def list_keys() -> None:
    """Các khóa đã cấp. / Keys that were issued; none is shown."""
    table = Table(
        "khóa / key", "tên / name", "việc / scopes", "quota", "đến / until", "dùng / used"
    )
    with database() as (_, engine), transaction(engine) as writer:
        for one in keys.keys(writer):
            state = "đã thu hồi / revoked" if one.revoked_at else _day(one.until)
            table.add_row(
                f"{keys.MARK}{one.prefix}…",
                one.name,
                ", ".join(one.scopes),
                one.quota or "–",
                state,
                _day(one.last_used),
            )
    Console().print(table)


def _day(day: date | None) -> str:
    return str(day) if day else "–"


@key.command("revoke")
def revoke(prefix: Annotated[str, typer.Argument(help="phần đầu của khóa / as listed")]) -> None:
    """Thu hồi khóa, có hiệu lực ngay. / A key no longer works, at once."""
    with _staff() as (_, writer, _by):
        keys.revoke_key(writer, prefix.rstrip("…"))
    say(f"{prefix}: đã thu hồi / revoked")
