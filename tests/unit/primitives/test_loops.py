"""asyncio's loops: what other threads give them."""

from __future__ import annotations

import asyncio
import threading

from tracer import _core


def run_given(count):
    """A loop that another thread gives so many callbacks; how they came."""
    order = []

    async def main():
        loop = asyncio.get_running_loop()
        done = asyncio.Event()

        def give():
            for number in range(count):
                loop.call_soon_threadsafe(order.append, number)
            loop.call_soon_threadsafe(done.set)

        thread = threading.Thread(target=give)
        thread.start()
        await done.wait()
        thread.join()

    asyncio.run(main())
    return order


def test_what_a_thread_gives_comes_before_what_the_loop_runs_of_it(record):
    with record() as recording:
        assert run_given(5) == [0, 1, 2, 3, 4]
    steps = recording.events("step")
    run = [step for step in steps if step.link]
    assert len(run) == 6
    for step in run:
        given = recording.linked(step)
        assert given.op is step.op
        assert given.thread is not step.thread
        assert recording.trace.happens_before(given, step)


def test_the_loop_tells_the_place_among_the_callbacks_of_its_turn(record):
    with record() as recording:
        run_given(5)
    steps = [step for step in recording.events("step") if step.thread.path == "main"]
    places = [step.value for step in steps if step.object.name == "place in turn"]
    assert len(places) == 6
    assert all(place >= 1 for place in places)


def test_what_the_loops_own_thread_adds_is_no_event(record):
    async def main():
        loop = asyncio.get_running_loop()
        done = asyncio.Event()
        loop.call_soon_threadsafe(done.set)
        await done.wait()

    with record() as recording:
        asyncio.run(main())
    steps = recording.events("step")
    assert [step for step in steps if step.link or step.object.name == "place in turn"] == []


def test_callbacks_that_are_cancelled_are_not_kept(record):
    kept = []

    async def main():
        loop = asyncio.get_running_loop()

        def give():
            for _ in range(500):
                loop.call_soon_threadsafe(print).cancel()

        thread = threading.Thread(target=give)
        thread.start()
        thread.join()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        kept.append(len(_core.primitives.kept(loop, "_racetrace_given").handles))

    with record():
        asyncio.run(main())
    assert kept[0] < 100
