"""The findings that are expected of a recorded trace, kept in a JSON file beside it.

`traces/race.msgpack` has them in `traces/race.expected.json`:

    {"reproduces": true, "findings": [{"kind", "status", "location", "object", "count", "total",
                                       "sites": [{"file", "line", "function", "text"}]}]}

The order of the findings means nothing. Files go by their names without folders, so that a trace
can be checked on a machine other than that it was recorded on.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import TraceFileError, UsageError
from ..kinds import Kind

if TYPE_CHECKING:
    from ..events import Finding
    from ..trace import Trace

SUFFIX = ".expected.json"
_KEPT = ("kind", "status", "location", "object", "count", "total")


def file_beside(trace: Path) -> Path:
    """The file with what is expected of the trace file `trace`."""
    return trace.with_name(trace.name.removesuffix(".msgpack") + SUFFIX)


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is expected of a trace: the findings in it, and what a replay of its program shows.

    `reproduces` False says that the program has been fixed since: replayed, it no longer has
    these findings.
    """

    findings: tuple[dict[str, Any], ...]
    reproduces: bool = True

    def difference(self, found: Iterable[Finding], possible: Iterable[Finding]) -> str | None:
        """What is missing from `found` and what should not be in it, a line each; None if they
        are the expected ones.

        `possible` are also those that the source, which may have been edited since, rules out:
        they are not missing.
        """
        actual = [summary(one) for one in found]
        allowed = [summary(one) for one in possible]
        missing = [one for one in self.findings if one not in allowed]
        surplus = [one for one in actual if one not in self.findings]
        lines = [f"missing: {_line(one)}" for one in missing]
        lines += [f"not expected: {_line(one)}" for one in surplus]
        return "\n".join(lines) or None

    def has(self, found: Finding) -> bool:
        """Whether it is an expected bug. Lines and counts are not compared, for the program may
        have been edited."""
        return _bug(summary(found)) in map(_bug, self.findings)


def summary(finding: Finding) -> dict[str, Any]:
    """What of a finding is expected to stay the same as long as its trace does."""
    from ..reporters import json as reporter

    whole = reporter.of_finding(finding)
    sites = [{**site, "file": Path(site["file"]).name} for site in whole["sites"]]
    return {**{key: whole[key] for key in _KEPT}, "sites": sites}


def save(trace: Trace, *, reproduces: bool = True) -> Path:
    """Keep the findings of a trace as those that are expected of it; returns the file written.

    Raises UsageError if it cannot be written.
    """
    from ..reporters import json as reporter

    assert trace.path is not None, "a trace built in memory has no place for a file"
    file = file_beside(trace.path)
    content = {
        "reproduces": reproduces,
        "findings": [summary(finding) for finding in trace.verdict().findings],
    }
    try:
        file.write_text(reporter.encode(content, indent=1) + "\n", "utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {file}: {error.strerror}") from error
    return file


def load(trace: Path) -> Expectation | None:
    """What is expected of the trace file `trace`; None if nothing was kept.

    Raises TraceFileError if the file beside it cannot be understood.
    """
    file = file_beside(trace)
    try:
        content = json.loads(file.read_text("utf-8"))
        findings = tuple(_checked(one) for one in content["findings"])
        return Expectation(findings, bool(content.get("reproduces", True)))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise TraceFileError(
            f"{file} is not what trace check --save-expected writes: {error}"
        ) from None


def _checked(finding: Any) -> dict[str, Any]:
    if set(finding) != {*_KEPT, "sites"}:
        raise ValueError(f"a finding has the fields {', '.join([*_KEPT, 'sites'])}")
    return dict(finding)


def _bug(one: dict[str, Any]) -> tuple[object, object, object]:
    """What goes wrong with one variable is one bug, of whatever kind."""
    return one["kind"] == Kind.DEADLOCK, one["location"], one["object"]


def _line(one: dict[str, Any]) -> str:
    from ..printing import sentence

    places = ", ".join(dict.fromkeys(f"{site['file']}:{site['line']}" for site in one["sites"]))
    what = f" on {one['location'] or one['object']}" if one["location"] or one["object"] else ""
    times = f", {one['count']} times" if one["count"] != 1 else ""
    where = f" at {places}" if places else ""
    return sentence(f"{one['status']} {one['kind']}{what}{where}{times}")
