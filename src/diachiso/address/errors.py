"""What can go wrong, in registry words.

DiachisoError
├── AddressError           a value that is not what it claims to be
│   ├── MalformedCode      not ten digits
│   ├── MalformedVpostcode not a postal code and seven Plus Code characters
│   ├── MalformedNumber    not a house number
│   ├── MalformedDate      not a day of the calendar
│   ├── MalformedBbox      not west, south, east, north
│   ├── MalformedPosition  not degrees, or a reference system that is not known
│   └── OutOfCountry       a position where Vietnam is not
├── QueryError             a map client asks for what a collection cannot give
│   └── NotPublished       no collection, or no feature of one then, has this id
├── UnknownUnit            no unit has this code on this date
├── UnknownCode            no address has this code
├── NoWardHere             a position in no ward: at sea, or where no boundary is loaded
├── RetiredCode            the address is gone; its reason and successors are known
├── CodesError             a code cannot be issued
│   ├── NoAreaForWard      the ward has no postal code loaded
│   └── AreaExhausted      every extension of the area has been issued
├── ActError               an act of an official is refused
│   ├── NotSignedIn        nobody is known to act
│   │   └── SignInRefused  no such login and password, or key
│   ├── NotAllowed         no role of theirs allows it
│   │   ├── NotYourWard    allowed, but not in this ward
│   │   ├── FourEyes       nobody certifies what they wrote
│   │   ├── MustChange     the one-time password is to be changed first
│   │   └── ForgedRequest  a write that does not come from a page of ours
│   ├── TooMany            more than the quota, or too many attempts to sign in
│   ├── WeakPassword       too short, or too easily guessed
│   ├── UnknownOfficer     no account, mandate or key is called so
│   ├── MoveRefused        an address in its state cannot become that
│   ├── TooEarly           the day lies before the last version, or after a later one begins
│   ├── LikelyDuplicate    a live address has the same number and street
│   ├── Incomplete         something that the act needs is missing
│   ├── NotPrintable       an address in its state gets no plate, or no such paper
│   ├── MalformedAttribute an attribute is not one of its kind, or not as it should be
│   ├── PersonalData       what names a person is not taken here
│   ├── UnknownReport      no report has this number or token
│   └── Overtaken          somebody else changed it in the meantime
├── ProviderFault          the provider of OpenID Connect does not answer as it should
├── DecreeError            a decree cannot be applied
│   ├── MalformedDecree    the file is not one of a decree
│   ├── DecreeRefused      it contradicts what stands; every contradiction is told
│   └── PlanChanged        it would do something else than was expected
├── LedgerBroken           a line of the ledger is not what was written
├── FeedError              the numbered changes cannot be followed
│   ├── AheadOfFeed        a number is asked for that no change has yet
│   ├── FeedUnreachable    the registry that is followed does not answer
│   └── FeedBroken         a hole, or an answer that is not a feed's; the copy stays as it was
├── WebhookRefused         an address to tell changes to that may not be called
├── UnknownWebhook         nobody is told of changes under this number
├── KeyUnusable            a key of DIACHISO_HOME cannot be read
├── PlateError             what a plate holds is not to be trusted
│   ├── MalformedPlate     not the signed text of a plate, or not whole
│   ├── UnknownPlateKey    signed with a key that is not among the published ones
│   ├── ForgedPlate        the signature does not fit: something was changed
│   └── ExpiredPlateKey    dated after its key was given up, or the key was revoked
├── SourceError            a file cannot be taken in
│   ├── UnreadableSource   not a file of a known kind, or broken
│   ├── UnknownWardInFile  a feature names a ward that the registry does not know
│   └── TerritoryFault     polygons overlap or leave gaps beyond the tolerance
├── RunStopped             a run over a file stopped in the middle; what was found is kept
└── StoreError             the database cannot serve
    ├── StoreUnreachable   no server answers
    ├── NoPostgis          the server has no PostGIS
    ├── SchemaOutdated     migrations are missing
    ├── RoleMissing        the database has no role for the service to work as
    ├── EmbeddedFailed     the private cluster does not start
    └── PortTaken          the port to serve on is in use
"""


class DiachisoError(Exception):
    """The root: everything a person can be told about, in one sentence.

    `particulars` are facts for programs that stand beside the sentence.
    """

    def __init__(self, message: str = "", **particulars: object) -> None:
        super().__init__(message)
        self.particulars = particulars


class AddressError(DiachisoError):
    """A value that is not what it claims to be."""


class MalformedCode(AddressError):
    """Not ten digits."""


class MalformedVpostcode(AddressError):
    """Not a postal code followed by seven Plus Code characters."""


class MalformedNumber(AddressError):
    """Not a house number."""


class MalformedDate(AddressError):
    """Not a day of the calendar."""


class MalformedBbox(AddressError):
    """Not west, south, east, north."""


class MalformedPosition(AddressError):
    """Not degrees of longitude and latitude, or a reference system that is not known."""


class OutOfCountry(AddressError):
    """A position where Vietnam is not."""


class QueryError(DiachisoError):
    """A map client asks for what a collection cannot give: the parameter at fault is named."""


class NotPublished(QueryError):
    """No collection has this id, or no feature of the collection at the time asked for."""


class UnknownUnit(DiachisoError):
    """No unit has this code on this date."""


class UnknownCode(DiachisoError):
    """No address has this code."""


class NoWardHere(DiachisoError):
    """A position in no ward: at sea, or where no boundary is loaded."""


class RetiredCode(DiachisoError):
    """The address is gone; its reason and successors are known."""


class CodesError(DiachisoError):
    """A code cannot be issued."""


class NoAreaForWard(CodesError):
    """The ward has no postal code loaded."""


class AreaExhausted(CodesError):
    """Every extension of the area has been issued."""


class ActError(DiachisoError):
    """An act of an official is refused."""


class NotSignedIn(ActError):
    """Nobody is known to act."""


class SignInRefused(NotSignedIn):
    """No such login and password, or key."""


class NotAllowed(ActError):
    """No role of theirs allows it."""


class NotYourWard(NotAllowed):
    """Allowed, but not in this ward."""


class FourEyes(NotAllowed):
    """Nobody certifies what they wrote."""


class MustChange(NotAllowed):
    """The one-time password is to be changed first."""


class ForgedRequest(NotAllowed):
    """A write that does not come from a page of ours."""


class TooMany(ActError):
    """More than the quota, or too many attempts to sign in."""


class WeakPassword(ActError):
    """Too short, or too easily guessed."""


class UnknownOfficer(ActError):
    """No account, mandate or key is called so."""


class MoveRefused(ActError):
    """An address in its state cannot become that."""


class TooEarly(ActError):
    """The day lies before the last version, or after a later one begins."""


class LikelyDuplicate(ActError):
    """A live address has the same number and street."""


class Incomplete(ActError):
    """Something that the act needs is missing."""


class NotPrintable(ActError):
    """An address in its state gets no plate, or no such paper."""


class MalformedAttribute(ActError):
    """An attribute is not one of its kind, or not as it should be."""


class PersonalData(ActError):
    """What names a person is not taken here."""


class UnknownReport(ActError):
    """No report has this number or token."""


class Overtaken(ActError):
    """Somebody else changed it in the meantime."""


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
