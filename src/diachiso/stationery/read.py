"""The QR codes in a picture of a plate: a drawing, a scan or a photograph."""

from pathlib import Path

import zxingcpp
from PIL import Image, ImageOps, UnidentifiedImageError

from diachiso.address.errors import MalformedPlate, UnreadableSource
from diachiso.registry.plate import MARK


def text_in(picture: Path) -> str:
    """The text of the plate in a picture.

    Raises:
        UnreadableSource: not a picture.
        MalformedPlate: no QR code of a plate is seen in it.
    """
    wanted = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    try:
        with Image.open(picture) as opened:
            seen = zxingcpp.read_barcodes(_on_white(opened), formats=wanted)
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as fault:
        raise UnreadableSource(
            f"{picture}: không phải là ảnh đọc được. / not a picture that can be read: {fault}"
        ) from None
    text = next((code.text for code in seen if MARK in code.text), None)
    if text is None:
        raise MalformedPlate(
            f"{picture}: không thấy mã QR của biển số nhà; hãy chụp gần và thẳng hơn. / no QR code "
            "of a plate is seen; take the picture nearer and straighter."
        )
    return text


def _on_white(picture: Image.Image) -> Image.Image:
    """Upright and grey, with white where nothing was drawn."""
    upright = ImageOps.exif_transpose(picture).convert("RGBA")
    ground = Image.new("RGBA", upright.size, "white")
    ground.alpha_composite(upright)
    return ground.convert("L")
