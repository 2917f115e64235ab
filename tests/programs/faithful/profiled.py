"""What a profile function is told of calls of C functions: recorded container methods, too."""

import cProfile
import collections
import sys
import threading


class Own(list):
    pass


def work(numbers, table, names, line, own, raw):
    numbers.append(1)
    numbers.extend([2, 3])
    numbers.sort(key=str)
    numbers.index(1)
    table.get("a")
    table.setdefault("k", [])
    table.pop("k", None)
    table.update(x=1)
    list(table.items())
    names.add(1)
    names.discard(2)
    line.append(3)
    line.popleft()
    own.append(9)
    raw.append(3)
    len(numbers), len(own), sorted(numbers), sum(numbers), max(numbers), "".join(map(str, numbers))
    add = numbers.append
    add(5)
    list.append(numbers, 6)
    getattr(own, "append"), hasattr(own, "x"), setattr(own, "y", 1)
    for wrong in (lambda: numbers.remove(99), lambda: table.pop("none"), lambda: numbers.append()):
        try:
            wrong()
        except (ValueError, KeyError, TypeError) as error:
            print(repr(error))


def given():
    return [], {"a": 1}, set(), collections.deque(), Own(), bytearray()


events = []


def profile(frame, event, argument):
    if event.startswith("c_") and frame.f_code.co_filename == __file__:
        events.append((event, argument.__qualname__, frame.f_code.co_name, frame.f_lineno))


sys.setprofile(profile)
work(*given())
sys.setprofile(None)
threading.setprofile(profile)
thread = threading.Thread(target=work, args=given())
thread.start()
thread.join()
threading.setprofile(None)
for event in events:
    print(*event)


def refuses(frame, event, argument):
    if event == refused and argument.__qualname__ == "list.append":
        raise RuntimeError(event)


numbers = []
for refused in ("c_call", "c_return", "c_exception"):
    sys.setprofile(refuses)
    try:
        numbers.append(1) if refused != "c_exception" else numbers.append()
    except Exception as error:
        print(repr(error), sys.getprofile(), numbers)
    sys.setprofile(None)

if sys.version_info < (3, 12):  # later ones have the calls from sys.monitoring
    profiler = cProfile.Profile()
    profiler.runcall(work, *given())
    counts = collections.Counter()
    for entry in profiler.getstats():  # one that is kept counts by itself
        if isinstance(entry.code, str):
            counts[entry.code] += entry.callcount
    for name, count in sorted(counts.items()):
        print(name, count)
