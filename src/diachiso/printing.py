"""The commands of plates and papers: `diachiso plate make`, `sheet`, `verify` and the others.

Who prints is named by `--by`; without it what is public can be printed. Files are named after what
they hold unless `--output` says otherwise (`-`: stdout); their names go to stdout.
"""

from pathlib import Path
from typing import Annotated

import typer

from diachiso.stationery.formats import Format, Size
from diachiso.terminal import say, show

plate = typer.Typer(help="Biển số nhà, giấy tờ. / Plates and papers.", no_args_is_help=True)
key = typer.Typer(help="Khóa ký biển. / The keys that plates are signed with.")
plate.add_typer(key, name="key")

By = Annotated[str | None, typer.Option("--by", help="người in / who prints: login, number")]
Code = Annotated[str, typer.Argument(help="mã địa chỉ số / code")]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="tệp / file; -: stdout")]


@plate.command()
def make(
    code: Code,
    form: Annotated[Format, typer.Option("--format", help="svg, pdf, png")] = Format.SVG,
    output: Output = None,
    by: By = None,
) -> None:
    """Vẽ biển số nhà, 240 x 150 mm. / Draw a house plate."""
    from diachiso import workshop  # noqa: PLC0415

    workshop.make(code, form, output, by)


@plate.command()
def sheet(
    street: Annotated[int | None, typer.Option(help="số của đường / a street by number")] = None,
    ward: Annotated[str | None, typer.Option(help="mã phường, xã / code of a ward")] = None,
    file: Annotated[Path | None, typer.Option(help="CSV: code")] = None,
    size: Annotated[Size, typer.Option(help="full: 240 x 150 mm; small: 80 x 50 mm")] = Size.SMALL,
    output: Output = None,
    by: By = None,
) -> None:
    """Nhiều biển trên giấy A4, có dấu cắt. / Many plates on A4, with crop marks."""
    from diachiso import workshop  # noqa: PLC0415

    workshop.sheet(workshop.Asked(street, ward, file), size, output, by)


@plate.command()
def certificate(code: Code, output: Output = None, by: By = None) -> None:
    """Giấy chứng nhận địa chỉ số, có ký số (PDF). / A sealed certificate of address."""
    from diachiso import workshop  # noqa: PLC0415

    workshop.certificate(code, output, by)


@plate.command("letters")
def letters_to(
    street: Annotated[int, typer.Argument(help="số của đường / number of the street")],
    document: Annotated[str | None, typer.Option(help="căn cứ / document")] = None,
    contact: Annotated[str | None, typer.Option(help="liên hệ / contact")] = None,
    output: Output = None,
    by: By = None,
) -> None:
    """Thông báo gắn biển cho từng nhà của một đường. / Letters to the houses of a street."""
    from diachiso import workshop  # noqa: PLC0415

    workshop.letters_to(street, output, by, document=document, contact=contact)


@plate.command()
def verify(
    what: Annotated[str, typer.Argument(help="nội dung mã QR, hoặc ảnh / text or picture")],
    keys: Annotated[Path | None, typer.Option(help="JWK set của /v1/keys / from /v1/keys")] = None,
) -> None:
    """Kiểm tra biển khi không có mạng. / Verify a plate offline."""
    from diachiso import workshop  # noqa: PLC0415

    show(workshop.verify(what, keys))


@key.command("list")
def list_keys() -> None:
    """Các khóa đã công bố. / The published keys, as /v1/keys shows them."""
    from diachiso import workshop  # noqa: PLC0415

    show(workshop.published())


@key.command()
def rotate(
    revoke: Annotated[
        bool, typer.Option("--revoke", help="khóa cũ bị lộ / the old one leaked: trust it no more")
    ] = False,
) -> None:
    """Thay khóa ký; khóa cũ vẫn được công bố. / A new key; the old one stays published."""
    from diachiso import workshop  # noqa: PLC0415

    done = workshop.rotate(revoke=revoke)
    say("Đã thay khóa. / The key is changed.")
    show(done)
