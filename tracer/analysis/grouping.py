"""One finding for each variable: what goes wrong with it at several lines is one bug."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, TypeVar

from ..events import Finding, Kind, Status

if TYPE_CHECKING:
    from collections.abc import Hashable

    from .._core.analysis import RawFinding

T = TypeVar("T")


def by_variable(found: Iterable[tuple[RawFinding, Finding]]) -> list[Finding]:
    """The findings, those about the same variable, queue or event made one.

    The first is what the others are added to, but an observed one comes before, and a lost update
    or a check-then-act before a data race of the same status.
    """
    groups: list[tuple[set[Hashable], list[Finding]]] = []
    for raw, finding in found:
        places = set(_places(raw, finding.kind))
        same = [group for group in groups if not places.isdisjoint(group[0])]
        first = same[0] if same else (set(), [])
        for other in same[1:]:
            first[1].extend(other[1])
            groups.remove(other)
        if not same:
            groups.append(first)
        first[0].update(places, *(known for known, _ in same))
        first[1].append(finding)
    return [_made_one(members) for _, members in groups]


def _places(raw: RawFinding, kind: Kind) -> Iterator[Hashable]:
    """What a finding is about. Threads that wait for each other are a bug by themselves."""
    if kind is not Kind.DEADLOCK:
        yield from (("location", place) for place in raw["places"])
        if not raw["places"]:
            yield "object", raw["object"]


def _made_one(members: list[Finding]) -> Finding:
    first, *others = sorted(
        members, key=lambda one: (one.status is Status.PREDICTED, one.kind is Kind.DATA_RACE)
    )
    if not others:
        return first
    members = [first, *others]
    return replace(
        first,
        sites=_each_once(one.sites for one in (first, *others)),
        threads=_each_once(one.threads for one in (first, *others)),
        advice=" ".join(_each_once([one.advice] for one in members if not _is_said(one, first))),
        also=tuple(others),
    )


def _is_said(other: Finding, first: Finding) -> bool:
    """Whether a lost update is what the check-then-act says already: the same read and write."""
    kinds = (first.kind, other.kind)
    return kinds == (Kind.ATOMICITY_VIOLATION, Kind.LOST_UPDATE) and set(other.sites) <= set(
        first.sites
    )


def _each_once(parts: Iterable[Iterable[T]]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(parts)))
