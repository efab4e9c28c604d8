"""How a verb ends without success: an exit code and what is said on standard error."""

OK, OTHER, TIMED_OUT, WRONG_USAGE, SYSTEM_CALL_FAILED = 0, 1, 99, 100, 111


class CommandError(Exception):
    """The verb ends with `code`; `lines` are said, one line each."""

    def __init__(self, code: int, lines: "str | list[str]") -> None:
        self.code = code
        self.lines = [lines] if isinstance(lines, str) else lines
        super().__init__("; ".join(self.lines))


class TimedOut(CommandError):
    """Nothing came before the deadline."""

    def __init__(self, line: str) -> None:
        super().__init__(TIMED_OUT, line)


class NotRunning(Exception):
    """No agent listens."""
