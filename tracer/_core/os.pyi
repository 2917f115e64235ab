"""What the standard library does not have of the operating system."""

def is_ready(descriptor: int, write: bool) -> bool:
    """Whether a file descriptor can be read, or written to, without waiting."""

def look_like(command: bytes, name: bytes) -> None: ...
def die_with_parent(parent: int) -> None:
    """Have this process killed (SIGKILL) when its parent, whose pid is `parent`, ends."""

def become_subreaper() -> None:
    """Make this process the parent of those below it whose parents end."""
