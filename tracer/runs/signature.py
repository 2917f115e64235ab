"""What a trace says of its program, so that a replay knows what it would run.

The header has a hash of the program's file, and a signature over all that decides what a replay
runs. The key of the signature is this user's, made once and kept in a file that nobody else can
read; so a trace that has it was recorded by this user, on this machine, and was not changed. Where
there is no key (no home, a full disk), traces have no signature and are taken for strangers'.
"""

from __future__ import annotations

import os
import stat
from _blake2 import blake2b  # hashlib would load OpenSSL, which takes as long as all the rest
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from . import interpreter

_KEY_SIZE = 32
_LARGEST = 64 << 20  # bytes of a program's file
_SIGNED = (
    "mode",
    "program",
    "argv",
    "command",
    "flags",
    "cwd",
    "folder",
    "rootdir",
    "environment",
    "hash_seed",
    "include",
    "preloaded",
    "unrewritten",
    "recording",
    "content",
)
"""The keys of the header that decide what a replay runs."""


def fields(header: Mapping[str, object]) -> dict[str, str]:
    """What is added to a header that says what is run: `content` and `signature`, where they can be
    had."""
    file = program_file(header, str(header.get("cwd")))
    content = None if file is None else content_of(file)
    added = {} if content is None else {"content": content}
    key = _key(make=True)
    if key is not None:
        added["signature"] = _signature({**header, **added}, key)
    return added


def is_ours(header: Mapping[str, object]) -> bool:
    """Whether this user recorded the trace on this machine."""
    key = _key(make=False)
    return key is not None and header.get("signature") == _signature(header, key)


def program_file(header: Mapping[str, object], folder: str) -> str | None:
    """The file of the program that the header tells of, as it is seen from the folder; None where
    there is none below it: code in the command line, stdin, an installed module."""
    mode = header.get("mode")
    if mode == "pytest":
        return os.path.join(folder, str(header.get("program")).partition("::")[0])
    words = header.get("command" if mode == "record" else "argv")
    if not isinstance(words, list | tuple):
        return None
    line = interpreter.parse([str(word) for word in words])
    if line.mode == "script" and line.target != "-":
        return os.path.join(folder, line.target)
    if line.mode == "module" and line.target.isprintable() and "/" not in line.target:
        stem = os.path.join(folder, *line.target.split("."))
        return next(filter(os.path.isfile, (f"{stem}/__main__.py", f"{stem}.py")), None)
    return None


def content_of(file: str) -> str | None:
    """The hash of a regular file; None of anything else, and of what cannot be read."""
    with suppress(OSError, ValueError):
        # A pipe that nobody writes to must not be waited for.
        descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as opened:
            found = os.fstat(descriptor)
            if stat.S_ISREG(found.st_mode) and found.st_size <= _LARGEST:
                return blake2b(opened.read(_LARGEST), digest_size=_KEY_SIZE).hexdigest()
    return None


def _signature(header: Mapping[str, object], key: bytes) -> str:
    text = repr([_plain(header.get(name)) for name in _SIGNED])
    data = text.encode("utf-8", "surrogatepass")
    return blake2b(data, key=key, digest_size=_KEY_SIZE).hexdigest()


def _plain(value: object) -> object:
    """`value` as it comes back from a file, mappings in one order."""
    if isinstance(value, Mapping):
        return sorted((str(key), _plain(one)) for key, one in value.items())
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value


def _key(*, make: bool) -> bytes | None:
    """This user's key; None if there is none and none can be made."""
    with suppress(OSError, RuntimeError):
        state = os.environ.get("XDG_STATE_HOME", "")
        folder = Path(state) if os.path.isabs(state) else Path.home() / ".local" / "state"
        file = folder / "racetrace" / "key"
        if make and not file.exists():
            _make_key(file)
        key = file.read_bytes()
        return key if len(key) == _KEY_SIZE else None
    return None


def _make_key(file: Path) -> None:
    """Make the key, whole or not at all: another run may do the same."""
    file.parent.mkdir(parents=True, exist_ok=True)
    own = file.with_name(f"key.{os.getpid()}")
    own.touch(0o600)
    try:
        own.write_bytes(os.urandom(_KEY_SIZE))
        with suppress(FileExistsError):
            os.link(own, file)
    finally:
        own.unlink()
