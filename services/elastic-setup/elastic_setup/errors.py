"""What can go wrong, as a sentence for who started it."""


class SetupError(Exception):
    """Nothing more can be done; the text says what happened and what to do."""


class UnreachableError(SetupError):
    """Nobody answered, or not yet."""


class RefusedError(SetupError):
    """The server answered with an error: `status` is HTTP's."""

    def __init__(self, text: str, status: int) -> None:
        super().__init__(text)
        self.status = status
