from __future__ import annotations

import threading
import weakref


def test_a_set_is_linked_to_the_wait_it_released(record):
    with record() as recording:
        event = threading.Event()
        thread = threading.Thread(target=event.wait)
        thread.start()
        event.set()
        thread.join()
    assert sorted(recording.rows(target="Event")) == [
        ("main", "set", "Event", "ok", None),
        ("main.1", "request", "Event", "ok", "wait"),
        ("main.1", "wait", "Event", "ok", None),
    ]
    (wait,) = recording.events("wait")
    assert recording.linked(wait).op.label == "set"


def test_what_was_seen_and_how_waits_ended(record):
    with record() as recording:
        event = threading.Event()
        assert not event.is_set()
        assert not event.wait(0.001)
        event.set()
        assert event.is_set()
        assert event.wait(5)
        event.clear()
    assert recording.rows(target="Event") == [
        ("main", "is_set", "Event", "ok", False),
        ("main", "request", "Event", "bounded", "wait"),
        ("main", "wait", "Event", "timed_out", None),
        ("main", "set", "Event", "ok", None),
        ("main", "is_set", "Event", "ok", True),
        ("main", "request", "Event", "bounded", "wait"),
        ("main", "wait", "Event", "ok", None),
        ("main", "clear", "Event", "ok", None),
    ]


def test_the_site_is_the_programs_line(record):
    with record() as recording:
        event = threading.Event()
        event.set()
    (set_,) = recording.events("set")
    assert set_.site.file == __file__
    assert set_.site.function.endswith("test_the_site_is_the_programs_line")
    assert set_.object.site.line == set_.site.line - 1


def test_a_subclass_is_recorded_under_its_name_and_can_be_collected(record):
    class Signal(threading.Event):
        def set(self):
            super().set()

    with record() as recording:
        signal = Signal()
        signal.set()
        gone = weakref.ref(signal)
        assert repr(signal).endswith(": set>")
        del signal
        assert gone() is None
    assert recording.rows(target="Signal") == [("main", "set", "Signal", "ok", None)]


def test_an_event_older_than_the_recording_is_recorded(record):
    event = threading.Event()
    with record() as recording:
        event.set()
    assert recording.rows("set") == [("main", "set", "Event", "ok", None)]
