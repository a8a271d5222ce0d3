"""A decree as a file: TOML (or JSON of the same shape) that a clerk can write, read whole or not.

Levels are told by the length of a code: two digits a province, three a district, five a ward. An
old unit that is named as a source ends, unless a unit of the same code is made of it.
"""

import hashlib
import json
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from diachiso.address.division import Kind
from diachiso.address.errors import MalformedDecree
from diachiso.address.lineage import Part
from diachiso.address.name import standard

Code = Annotated[str, Field(pattern=r"^([0-9]{2}|[0-9]{3}|[0-9]{5})$")]
Name = Annotated[str, AfterValidator(standard), Field(min_length=1, max_length=100)]
Text = Annotated[str, Field(min_length=1, max_length=300)]


class Written(BaseModel):
    """A table of the file: nothing but what is declared, and never changed."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Share(Written):
    """An old unit that a new one takes in; `default`: where what no boundary places goes."""

    code: Code
    part: Part = Part.WHOLE
    default: bool = False


def _spelt_out(value: object) -> object:
    return {"code": value} if isinstance(value, str) else value


Source = Annotated[Share, BeforeValidator(_spelt_out, json_schema_input_type=Code | Share)]


class Merge(Written):
    """A unit made of old ones, whole or in part; it keeps a code among them, or has a new one."""

    change: Literal["merge"]
    code: Code
    name: Name
    kind: Kind
    parent: Code | None = None
    sources: tuple[Source, ...] = Field(alias="from", min_length=1)


class Piece(Written):
    """One of the units that an old one is divided into."""

    code: Code
    name: Name
    kind: Kind
    parent: Code | None = None
    default: bool = False


class Split(Written):
    """An old unit divided; one of the pieces may keep its code."""

    change: Literal["split"]
    code: Code
    into: tuple[Piece, ...] = Field(min_length=2)


class New(Written):
    """A unit made of nothing that was a unit before."""

    change: Literal["new"]
    code: Code
    name: Name
    kind: Kind
    parent: Code | None = None


class Rename(Written):
    """Another name for a unit that stands on."""

    change: Literal["rename"]
    code: Code
    name: Name


class NewKind(Written):
    """Another kind for a unit that stands on: a commune becomes a ward."""

    change: Literal["kind"]
    code: Code
    kind: Kind


class End(Written):
    """A unit that ends without heirs, as districts did."""

    change: Literal["end"]
    code: Code


Change = Annotated[Merge | Split | New | Rename | NewKind | End, Field(discriminator="change")]


class Decree(Written):
    """What a decree says of units, from a day on."""

    number: Text
    signed: date = Field(alias="date")
    issuer: Text
    effective: date
    title: Text | None = None
    changes: tuple[Change, ...] = Field(min_length=1)

    @property
    def content(self) -> dict[str, Any]:
        """All that it says, as JSON has it."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)

    @property
    def digest(self) -> str:
        """What tells it apart, however it was laid out and commented."""
        told = json.dumps(self.content, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(told.encode()).hexdigest()


def schema() -> dict[str, Any]:
    """The JSON Schema of the file."""
    return Decree.model_json_schema(by_alias=True)


def read_decree(content: bytes, name: str) -> Decree:
    """Read a decree file; a name that ends in .json is JSON, any other TOML.

    Raises:
        MalformedDecree: not such a file; every fault is told, with its place.
    """
    try:
        text = content.decode("utf-8-sig")
        told = json.loads(text) if name.endswith(".json") else tomllib.loads(text)
    except ValueError as fault:  # not UTF-8, not TOML, not JSON
        raise MalformedDecree(
            f"{name}: không đọc được. / cannot be read: {fault}", faults=[str(fault)]
        ) from None
    try:
        return Decree.model_validate(told)
    except ValidationError as wrong:
        faults = [f"{_place(one['loc'])}: {_said(one)}" for one in wrong.errors() if _is_own(one)]
        raise MalformedDecree(
            f"{name}: {len(faults)} chỗ chưa đúng. / places are not as they should be:\n"
            + "\n".join(f"  {one}" for one in faults),
            faults=faults,
        ) from None


def _is_own(fault: Mapping[str, Any]) -> bool:
    """Not one that only follows from another: a list is too short, since its members are wrong."""
    members = len(fault["input"]) if fault["type"] == "too_short" else 0
    return fault["type"] != "too_short" or members < int(fault["ctx"]["min_length"])


def _place(where: tuple[int | str, ...]) -> str:
    """'changes[3].from[1].code', counted from 1; the kind of change is left out."""
    told, after_number = "", False
    for depth, part in enumerate(where):
        if isinstance(part, int):
            told += f"[{part + 1}]"
        elif not (depth == 2 and after_number):  # noqa: PLR2004 (changes, number, kind)
            told += f".{part}" if told else part
        after_number = isinstance(part, int)
    return told or "tệp / file"


def _said(fault: Mapping[str, Any]) -> str:
    """A fault in both languages."""
    kind = fault["type"]
    given = f" ({fault['input']!r})" if isinstance(fault["input"], str | int | float) else ""
    for beginning, words in SENTENCES.items():
        if kind.startswith(beginning):
            return words.format(**fault.get("ctx", {})) + given
    return f"không hợp lệ / not valid: {fault['msg']}{given}"


SENTENCES = {
    "missing": "thiếu mục này / is missing",
    "extra_forbidden": "không có mục này trong quy cách / is no entry of the format",
    "string_pattern_mismatch": "mã phải có 2, 3 hoặc 5 chữ số / a code has 2, 3 or 5 digits",
    "string_too_short": "không được để trống / must not be empty",
    "string_too_long": "dài quá {max_length} chữ / longer than {max_length} characters",
    "string_type": 'phải là chữ, đặt trong "…" / must be text, in quotes',
    "enum": "phải là một trong / must be one of {expected}",
    "literal_error": "phải là một trong / must be one of {expected}",
    "union_tag_invalid": "loại thay đổi phải là / a change must be one of {expected_tags}",
    "union_tag_not_found": "thiếu `change`, loại thay đổi / `change` is missing: its kind",
    "date": "phải là ngày YYYY-MM-DD / must be a day, YYYY-MM-DD",
    "bool": "phải là true hoặc false / must be true or false",
    "too_short": "cần ít nhất {min_length} / at least {min_length} needed",
    "tuple_type": "phải là một danh sách […] / must be a list […]",
    "model": "phải là một bảng {{…}} / must be a table {{…}}",
}
"""What a kind of fault (by the beginning of pydantic's word for it) means."""


# -- written -------------------------------------------------------------------------------------


def as_toml(decree: Decree) -> str:
    """The decree as a file that `read_decree` reads again."""
    told = decree.content
    head = [
        f"{key} = {told[key] if key in ('date', 'effective') else _quoted(told[key])}"
        for key in ("number", "date", "issuer", "effective", "title")
        if key in told
    ]
    return "\n".join([*head, *(line for one in told["changes"] for line in _change(one))]) + "\n"


def _change(told: Mapping[str, Any]) -> Iterable[str]:
    yield "\n[[changes]]"
    for key, value in told.items():
        if isinstance(value, list):
            yield f"{key} = ["
            yield from (f"  {_member(one)}," for one in value)
            yield "]"
        else:
            yield f"{key} = {_quoted(value)}"


def _member(told: Mapping[str, Any]) -> str:
    """A source or a piece on a line; what is as usual is left out, a whole source is its code."""
    usual = {"part": Part.WHOLE.value, "default": False}
    said = {key: value for key, value in told.items() if usual.get(key) != value}
    if said.keys() == {"code"}:
        return _quoted(said["code"])
    return "{ " + ", ".join(f"{key} = {_quoted(value)}" for key, value in said.items()) + " }"


def _quoted(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)  # its strings and booleans are TOML's too
