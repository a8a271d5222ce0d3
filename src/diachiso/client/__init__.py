"""A typed client of the registry: looks up, in batches and with patience, and follows changes.

    with Client("https://diachiso.example") as registry:
        for result in registry.geocode_many(texts):
            print(result.id, result.best)

It imports nothing else of this program, and needs httpx2 alone: the package `diachiso-client`
(folder client/) is this folder and no more.
"""

from diachiso.client.answers import (
    Address,
    Answer,
    Candidate,
    Change,
    Counterpart,
    Fault,
    Found,
    Parts,
    Point,
    Receipt,
    ReportTold,
    Result,
    Standing,
    Suggestion,
    Unit,
)
from diachiso.client.calling import Broken, CallFailed, Patience, Problem, Unreachable
from diachiso.client.registry import Client, Snapshot

__all__ = [
    "Address",
    "Answer",
    "Broken",
    "CallFailed",
    "Candidate",
    "Change",
    "Client",
    "Counterpart",
    "Fault",
    "Found",
    "Parts",
    "Patience",
    "Point",
    "Problem",
    "Receipt",
    "ReportTold",
    "Result",
    "Snapshot",
    "Standing",
    "Suggestion",
    "Unit",
    "Unreachable",
]
