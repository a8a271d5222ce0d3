"""What can go wrong, in registry words.

DiachisoError
├── AddressError           a value that is not what it claims to be
│   ├── MalformedCode      not ten digits
│   ├── MalformedVpostcode not a postal code and seven Plus Code characters
│   ├── MalformedNumber    not a house number
│   ├── MalformedDate      not a day of the calendar
│   ├── MalformedBbox      not west, south, east, north
│   ├── MalformedPosition  not degrees, or a reference system that is not known
│   ├── ZoneNeeded         coordinates in metres that do not name their zone
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
│   ├── UnknownIntake      no file of theirs that was sent in is called so
│   └── Overtaken          somebody else changed it in the meantime
├── UnknownTileset         there are no tiles of this name, or in this grid
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

from diachiso.address.errors.acts import (
    ActError,
    ForgedRequest,
    FourEyes,
    Incomplete,
    LikelyDuplicate,
    MalformedAttribute,
    MoveRefused,
    MustChange,
    NotAllowed,
    NotPrintable,
    NotSignedIn,
    NotYourWard,
    Overtaken,
    PersonalData,
    SignInRefused,
    TooEarly,
    TooMany,
    UnknownIntake,
    UnknownOfficer,
    UnknownReport,
    WeakPassword,
)
from diachiso.address.errors.root import (
    DiachisoError,
)
from diachiso.address.errors.values import (
    AddressError,
    AreaExhausted,
    CodesError,
    MalformedBbox,
    MalformedCode,
    MalformedDate,
    MalformedNumber,
    MalformedPosition,
    MalformedVpostcode,
    NoAreaForWard,
    NotPublished,
    NoWardHere,
    OutOfCountry,
    QueryError,
    RetiredCode,
    UnknownCode,
    UnknownTileset,
    UnknownUnit,
    ZoneNeeded,
)
from diachiso.address.errors.works import (
    AheadOfFeed,
    DecreeError,
    DecreeRefused,
    EmbeddedFailed,
    ExpiredPlateKey,
    FeedBroken,
    FeedError,
    FeedUnreachable,
    ForgedPlate,
    KeyUnusable,
    LedgerBroken,
    MalformedDecree,
    MalformedPlate,
    NoPostgis,
    PlanChanged,
    PlateError,
    PortTaken,
    ProviderFault,
    RoleMissing,
    RunStopped,
    SchemaOutdated,
    SourceError,
    StoreError,
    StoreUnreachable,
    TerritoryFault,
    UnknownPlateKey,
    UnknownWardInFile,
    UnknownWebhook,
    UnreadableSource,
    WebhookRefused,
)

__all__ = [
    "ActError",
    "AddressError",
    "AheadOfFeed",
    "AreaExhausted",
    "CodesError",
    "DecreeError",
    "DecreeRefused",
    "DiachisoError",
    "EmbeddedFailed",
    "ExpiredPlateKey",
    "FeedBroken",
    "FeedError",
    "FeedUnreachable",
    "ForgedPlate",
    "ForgedRequest",
    "FourEyes",
    "Incomplete",
    "KeyUnusable",
    "LedgerBroken",
    "LikelyDuplicate",
    "MalformedAttribute",
    "MalformedBbox",
    "MalformedCode",
    "MalformedDate",
    "MalformedDecree",
    "MalformedNumber",
    "MalformedPlate",
    "MalformedPosition",
    "MalformedVpostcode",
    "MoveRefused",
    "MustChange",
    "NoAreaForWard",
    "NoPostgis",
    "NoWardHere",
    "NotAllowed",
    "NotPrintable",
    "NotPublished",
    "NotSignedIn",
    "NotYourWard",
    "OutOfCountry",
    "Overtaken",
    "PersonalData",
    "PlanChanged",
    "PlateError",
    "PortTaken",
    "ProviderFault",
    "QueryError",
    "RetiredCode",
    "RoleMissing",
    "RunStopped",
    "SchemaOutdated",
    "SignInRefused",
    "SourceError",
    "StoreError",
    "StoreUnreachable",
    "TerritoryFault",
    "TooEarly",
    "TooMany",
    "UnknownCode",
    "UnknownIntake",
    "UnknownOfficer",
    "UnknownPlateKey",
    "UnknownReport",
    "UnknownTileset",
    "UnknownUnit",
    "UnknownWardInFile",
    "UnknownWebhook",
    "UnreadableSource",
    "WeakPassword",
    "WebhookRefused",
    "ZoneNeeded",
]
