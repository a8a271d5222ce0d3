"""The collections that map clients are given, by id, in the order in which they are listed."""

from collections.abc import Mapping
from types import MappingProxyType

from diachiso.store.published import Collection
from diachiso.store.published_addresses import ADDRESSES, POSTAL_POINTS, STREETS
from diachiso.store.published_units import FORMER_DISTRICTS, FORMER_WARDS, PROVINCES, WARDS

COLLECTIONS: Mapping[str, Collection] = MappingProxyType(
    {
        one.id: one
        for one in (
            PROVINCES,
            WARDS,
            FORMER_WARDS,
            FORMER_DISTRICTS,
            STREETS,
            ADDRESSES,
            POSTAL_POINTS,
        )
    }
)
