import inspect, threading

WAYS = (
    lambda lock: lock.__enter__(),
    lambda lock: lock.__enter__(False),
    lambda lock: lock.__enter__(blocking=False),
    lambda lock: lock.__enter__(True, 0.001),
    lambda lock: lock.__enter__(True, timeout=0.001),
    lambda lock: lock.__enter__(blocking=False, timeout=1),
    lambda lock: lock.__enter__(1, 2, 3),
    lambda lock: lock.__enter__(wrong=1),
    lambda lock: type(lock).__enter__(lock, timeout=0.001),
    lambda lock: type(lock).__enter__(3),
    lambda lock: lock.__exit__(None, None, None),
    lambda lock: lock.__exit__(),
    lambda lock: lock.__exit__(1, 2, 3, 4, 5),
    lambda lock: lock.__exit__(None, value=1),
)
for kind in (threading.Lock, threading.RLock):
    lock = kind()
    for name in ("__enter__", "__exit__"):
        for method in (getattr(type(lock), name), getattr(lock, name)):
            print(repr(method), method.__doc__, method.__qualname__, type(method))
            try:
                print(inspect.signature(method))
            except ValueError as error:
                print(error)
    for index, way in enumerate(WAYS):
        lock = kind()
        if index % 2:
            lock.acquire()
        try:
            print(index, way(lock), lock)
        except Exception as error:
            print(index, type(error), error, lock)
    with kind() as entered:
        print(entered)
    lock = kind()
    try:
        with lock:
            raise KeyError
    except KeyError:
        print(lock)
