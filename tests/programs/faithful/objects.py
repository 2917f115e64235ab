import copy, dataclasses, enum, pickle, queue, threading, traceback


class Plain:
    def __init__(self):
        self.x = 1


@dataclasses.dataclass
class Data:
    y: int = 2


class Choice(enum.Enum):
    a = 1


def function():
    pass


for thing in (Plain(), Data(), Choice.a, function, Plain, Data):
    text = pickle.dumps(thing)
    print(text, type(pickle.loads(text)))
primitives = (
    threading.Lock(),
    threading.RLock(),
    threading.Condition(),
    threading.Event(),
    threading.Semaphore(),
    threading.Thread(),
    threading.local(),
    queue.Queue(),
    queue.SimpleQueue(),
)
for thing in primitives:
    for way in (pickle.dumps, copy.copy, copy.deepcopy):
        try:
            way(thing)
            print(type(thing), way.__name__)
        except Exception as error:
            print(type(thing), error)


def refused():
    yield lambda: threading.Lock().release()
    yield lambda: threading.RLock().release()
    yield lambda: threading.Lock().acquire(False, 1)
    yield lambda: threading.Condition().wait()
    yield lambda: threading.Thread().join()
    yield lambda: threading.BoundedSemaphore().release()
    yield lambda: queue.Queue().get_nowait()
    yield lambda: queue.Queue().task_done()
    yield lambda: queue.SimpleQueue().get(timeout=0.001)
    yield lambda: queue.SimpleQueue().get(timeout=-1)
    yield lambda: threading.Barrier(2).wait(0.001)
    yield lambda: __import__("time").sleep(-1)
    yield lambda: print("x", foo=1)
    yield lambda: [1, 2].nosuch(3)
    yield lambda: [1, 2].append(1, 2)
    yield lambda: {}["k"]["j"]
    yield lambda: function.x.y
    yield lambda: [1][5]
    yield lambda: {}[[]]
    yield lambda: getattr(3, "x")
    yield lambda: 3 in 4
    yield lambda: undefined
    yield lambda: [i.foo for i in [1]]
    yield lambda: f"{function.x}"
    yield lambda: len(3)


for call in refused():
    try:
        call()
    except Exception:
        traceback.print_exc()
items = [1, 2]
plain = Plain()
try:
    items[5] += 1
except IndexError:
    traceback.print_exc()
try:
    plain.nosuch += 1
except AttributeError:
    traceback.print_exc()
try:
    del items[9]
except IndexError:
    traceback.print_exc()
try:
    del plain.nosuch
except AttributeError:
    traceback.print_exc()
try:
    items[1:2] = 3
except TypeError:
    traceback.print_exc()
try:
    assert items[0] == 2, "message"
except AssertionError:
    traceback.print_exc()
try:
    exec("class Inner:\n def m(self): raise ValueError('m')\nInner().m()")
except ValueError:
    traceback.print_exc()
errors = []
for call in list(refused())[:2]:
    try:
        call()
    except Exception as error:
        error.add_note("a note")
        errors.append(error)
try:
    raise ExceptionGroup("group", errors)
except* RuntimeError as group:
    raise LookupError("the end") from group
