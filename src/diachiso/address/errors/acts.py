"""An act of an official is refused."""

from diachiso.address.errors.root import DiachisoError


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


class UnknownIntake(ActError):
    """No file of theirs that was sent in is called so, or it is kept no longer."""


class Overtaken(ActError):
    """Somebody else changed it in the meantime."""
