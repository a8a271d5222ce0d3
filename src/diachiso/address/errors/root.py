"""The root of all that can go wrong."""


class DiachisoError(Exception):
    """The root: everything a person can be told about, in one sentence.

    `particulars` are facts for programs that stand beside the sentence.
    """

    def __init__(self, message: str = "", **particulars: object) -> None:
        super().__init__(message)
        self.particulars = particulars
