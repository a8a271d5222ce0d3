"""A file, a feed, a key, a plate, a decree or the database is not as it should be."""

from diachiso.address.errors.root import DiachisoError


class ProviderFault(DiachisoError):
    """The provider of OpenID Connect does not answer as it should."""


class DecreeError(DiachisoError):
    """A decree cannot be applied."""


class MalformedDecree(DecreeError):
    """The file is not one of a decree."""


class DecreeRefused(DecreeError):
    """It contradicts what stands; every contradiction is told."""


class PlanChanged(DecreeError):
    """It would do something else than was expected."""


class LedgerBroken(DiachisoError):
    """A line of the ledger is not what was written."""


class FeedError(DiachisoError):
    """The numbered changes cannot be followed."""


class AheadOfFeed(FeedError):
    """A number is asked for that no change has yet."""


class FeedUnreachable(FeedError):
    """The registry that is followed does not answer."""


class FeedBroken(FeedError):
    """A hole in the numbers, or an answer that is not a feed's."""


class WebhookRefused(DiachisoError):
    """An address to tell changes to that may not be called."""


class UnknownWebhook(DiachisoError):
    """Nobody is told of changes under this number."""


class KeyUnusable(DiachisoError):
    """A key of DIACHISO_HOME cannot be read."""


class PlateError(DiachisoError):
    """What a plate holds is not to be trusted."""


class MalformedPlate(PlateError):
    """Not the signed text of a plate, or not whole."""


class UnknownPlateKey(PlateError):
    """Signed with a key that is not among the published ones."""


class ForgedPlate(PlateError):
    """The signature does not fit: something was changed."""


class ExpiredPlateKey(PlateError):
    """Dated after its key was given up, or the key was revoked."""


class SourceError(DiachisoError):
    """A file cannot be taken in."""


class UnreadableSource(SourceError):
    """Not a file of a known kind, or broken."""


class UnknownWardInFile(SourceError):
    """A feature names a ward that the registry does not know."""


class TerritoryFault(SourceError):
    """Polygons overlap or leave gaps beyond the tolerance."""


class RunStopped(DiachisoError):
    """A run over a file stopped in the middle; what was found is kept for the next."""


class StoreError(DiachisoError):
    """The database cannot serve."""


class StoreUnreachable(StoreError):
    """No server answers."""


class NoPostgis(StoreError):
    """The server has no PostGIS."""


class SchemaOutdated(StoreError):
    """Migrations are missing."""


class RoleMissing(StoreError):
    """The database has no role for the service to work as."""


class EmbeddedFailed(StoreError):
    """The private cluster does not start."""


class PortTaken(StoreError):
    """The port to serve on is in use."""
