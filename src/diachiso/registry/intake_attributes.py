"""What a row says of a postal point, read as the form of one address reads it."""

from collections.abc import Mapping
from typing import Any

from diachiso.address.errors import MalformedAttribute, PersonalData
from diachiso.address.name import fold
from diachiso.address.record import POSTAL, ObjectKind
from diachiso.registry.intake import Fault, Field
from diachiso.registry.postal import ATTRIBUTES, STATE_MAIL, attribute_of

SAID_OF_POINTS = tuple(map(Field, ATTRIBUTES))
FLAGS: Mapping[Field, str] = {
    Field.STAFFED: "staffed_unreadable",
    Field.STATE_MAIL: "state_mail_unreadable",
}
YES = frozenset(("co", "x", "1", "yes", "y", "true", "dung", "han che", "restricted", "mat"))
NO = frozenset(("", "khong", "0", "no", "n", "false", "sai", "cong khai", "public"))


def yes_or_no(
    texts: Mapping[Field, str], field: Field, rule: str, faults: list[Fault]
) -> bool | None:
    """What a cell says of yes or no; None where it says nothing, or something else."""
    said = fold(texts[field])
    if said in YES:
        return True
    if said not in NO:
        faults.append(Fault(rule, field, texts[field]))
        return None
    return False if said else None


def attributes_read(
    kind: ObjectKind, texts: Mapping[Field, str], faults: list[Fault]
) -> dict[str, Any]:
    """The attributes of a row; what is not as it should be is left out, with a word said."""
    read = {}
    for field in SAID_OF_POINTS:
        rule = FLAGS.get(field)
        said = yes_or_no(texts, field, rule, faults) if rule else texts[field] or None
        if said is None or (said is False and kind not in ATTRIBUTES[field].kinds):
            continue
        try:
            read[field.value] = attribute_of(kind, field, said)
        except PersonalData:
            faults.append(Fault("person_named", field))  # who it is is kept nowhere
        except MalformedAttribute:
            known = kind in ATTRIBUTES[field].kinds
            rule = "attribute_unreadable" if known else "attribute_not_of_kind"
            faults.append(Fault(rule, field, texts[field]))
    return read


def is_secret(kind: ObjectKind, attributes: Mapping[str, Any]) -> bool:
    """Is it a point of state mail, restricted from the start?"""
    return kind in POSTAL and bool(attributes.get(STATE_MAIL))
