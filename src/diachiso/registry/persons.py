"""What names a person: masked in a note, refused elsewhere (Law 91/2025/QH15).

Telephone numbers, e-mail addresses and the numbers of identity cards; names cannot be told.
"""

import re
import unicodedata
from collections.abc import Mapping

from diachiso.address.errors import PersonalData

MASK = "[…]"
MASKED = (
    "Đã che số điện thoại, thư điện tử hoặc số giấy tờ trong ghi chú: xin không gửi dữ liệu cá "
    "nhân. / Telephone numbers, e-mail addresses and identity numbers in the note were masked: "
    "please send no personal data."
)
PRINTED_CODE = r"(?<!\d)\d{5}-\d{5}(?!\d)"
TELEPHONE = r"(?<!\d)(?:\+?84|0)(?:[\s.\-()]{0,2}\d){8,10}(?!\d)"
IDENTITY_CARD = r"(?<!\d)0\d{11}(?!\d)"
E_MAIL = r"[^\s@<>()]+@[^\s@<>()]+\.[^\s@<>()]+"
PERSONAL = re.compile(f"(?P<code>{PRINTED_CODE})|{IDENTITY_CARD}|{TELEPHONE}|{E_MAIL}")
"""An address code as it is printed (11024-58310) is none of them."""


def masked(note: str) -> tuple[str, bool]:
    """A note without what names a person, and whether anything was taken out."""
    plain = unicodedata.normalize("NFKC", note)
    if not any(found["code"] is None for found in PERSONAL.finditer(plain)):
        return note, False
    return PERSONAL.sub(lambda found: found["code"] or MASK, plain), True


def must_name_nobody(value: object) -> None:
    """See that a field, or fields within fields, hold no number of a person.

    Raises:
        PersonalData: one does.
    """
    if isinstance(value, Mapping):
        for one in value.values():
            must_name_nobody(one)
    elif isinstance(value, list | tuple):
        for one in value:
            must_name_nobody(one)
    elif isinstance(value, str) and masked(value)[1]:
        raise PersonalData(
            "Xin không gửi số điện thoại, thư điện tử hay số giấy tờ của cá nhân. / Please send no "
            "telephone number, e-mail address or identity number."
        )
