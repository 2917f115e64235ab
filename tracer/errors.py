"""The tool's own errors. Each carries its exit code; only `tracer.commands` prints them."""


class TracerError(Exception):
    """An error of the tool or its input, shown to the user as one line.

    `exit_code` follows the command line's contract: 2 for usage, 3 for a broken trace or a
    failure of the tool.
    """

    exit_code = 3


class UsageError(TracerError):
    """The command line asks for something that cannot be done (a script that does not exist…)."""

    exit_code = 2


class InconclusiveWarning(UserWarning):
    """A run in which nothing was found, but which was not seen whole: that proves nothing."""


class TraceFileError(TracerError):
    """A trace file cannot be read; the message names the file and the cause."""


class RecordingError(TracerError):
    """Recording could not start or could not go on; the message names the cause."""


class NothingRecordedError(RecordingError):
    """There is no recording to make a trace of: the program ended before it began, say."""


class GraphError(TracerError):
    """A graph could not be drawn; the message names the engine and the cause."""
