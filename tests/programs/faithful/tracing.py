import atexit, queue, sys, threading

log = []


def trace(frame, event, argument):
    file = frame.f_code.co_filename.rpartition("/")[2]
    log.append((event, frame.f_code.co_name, frame.f_lineno, file))
    return trace


def profile(frame, event, argument):
    name = getattr(argument, "__name__", None) if event.startswith("c_") else None
    log.append((event, frame.f_code.co_name, frame.f_lineno, name))


def told():
    for entry in log:
        if "_is_owned" not in entry:  # of a Condition is not CPython's
            print(*entry)
    log.clear()


number = 0


class Counter:
    def __init__(self):
        self.n = 0
        self.d = {}

    def work(self):
        for i in range(2):
            self.n += i
            self.d[i] = self.n
        return [i for i in self.d if i]


def program():
    global number
    number += 1
    counter = Counter()
    with threading.Lock():
        counter.work()
    try:
        counter.d["no"]
    except KeyError:
        pass
    counter.n, number = 3, 4
    q = queue.Queue()
    q.put(1)
    threading.Event().set()


for switch in (sys.settrace, sys.setprofile):
    switch(trace if switch is sys.settrace else profile)
    program()
    switch(None)
    told()
for switch in (threading.settrace, threading.setprofile):
    switch(trace if switch is threading.settrace else profile)
    thread = threading.Thread(target=program)
    thread.start()
    thread.join()
    switch(None)
    told()


def late(frame, event, argument):
    print(event, frame.f_code.co_name, frame.f_lineno)
    return late


def last():
    print("last")


atexit.register(last)
sys.settrace(late)
sys.setprofile(late)
