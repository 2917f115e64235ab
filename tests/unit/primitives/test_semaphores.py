from __future__ import annotations

import threading

import pytest


def test_a_release_is_linked_to_the_acquire_it_let_in(record):
    def work():
        with semaphore:
            pass

    with record() as recording:
        semaphore = threading.Semaphore(1)
        semaphore.acquire()
        thread = threading.Thread(target=work)
        thread.start()
        semaphore.release()
        thread.join()
    first, second = recording.events("acquire")
    assert first.link is None
    assert recording.linked(second).op.label == "release"
    assert recording.linked(second).thread.path == "main"


def test_initial_permits_come_from_nobody(record):
    with record() as recording:
        semaphore = threading.Semaphore(2)
        semaphore.acquire()
        semaphore.release()
        semaphore.acquire()
        semaphore.acquire()
    links = [event.link for event in recording.events("acquire")]
    (release,) = recording.events("release")
    assert links == [None, None, release.seq]


def test_how_acquires_end(record):
    with record() as recording:
        semaphore = threading.Semaphore(0)
        assert not semaphore.acquire(blocking=False)
        assert not semaphore.acquire(timeout=0.001)
        semaphore.release(2)
        assert semaphore.acquire(timeout=1)
    kind = "Semaphore"
    assert recording.rows(target=kind)[:-1] == [
        ("main", "acquire", kind, "would_block", None),
        ("main", "request", kind, "bounded", "acquire"),
        ("main", "acquire", kind, "timed_out", None),
        ("main", "release", kind, "ok", None),
        ("main", "release", kind, "ok", None),
    ]
    assert recording.events("acquire")[-1].link == recording.events("release")[0].seq


def test_never_more_inside_than_permits(record):
    def work():
        for _ in range(20):
            with semaphore:
                pass

    with record() as recording:
        semaphore = threading.BoundedSemaphore(3)
        threads = [threading.Thread(target=work) for _ in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    inside = most = 0
    for event in recording.events("acquire", "release", target="BoundedSemaphore"):
        inside += 1 if event.op.label == "acquire" else -1
        most = max(most, inside)
    assert inside == 0
    assert most <= 3
    links = [e.link for e in recording.events("acquire") if e.link]
    assert len(links) == len(set(links)) == 10 * 20 - 3


def test_too_many_releases_are_cpythons_error_and_no_event(record):
    with record() as recording:
        semaphore = threading.BoundedSemaphore(1)
        with pytest.raises(ValueError, match="released too many times"):
            semaphore.release()
    assert recording.events(target="BoundedSemaphore") == []
