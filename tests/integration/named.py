"""Programs and the names that reports have for what they share."""

from __future__ import annotations

# Names of a program's own, and what it does. Each is run in one thread but where it starts others:
# the names are the same whoever makes the access.
PROGRAMS = {
    "nested dicts": (
        {"tables['a']['n']", "tables['a']['m'][0]"},
        """
        tables = {}
        def use():
            inner = tables.setdefault("a", {})
            inner["n"] = 0
            inner["m"] = [1]
            inner["m"][0] = 2
        use()
        """,
    ),
    "nested dicts that were written out": (
        {"config['db']['hosts'][0]", "config['db']['port']"},
        """
        config = {"db": {"hosts": ["a"], "port": 1}}
        def use():
            db = config["db"]
            db["port"] += 1
            hosts = db["hosts"]
            hosts[0] = "b"
        use()
        """,
    ),
    "a registry in a class": (
        {"Registry.table['disk']", "Registry.table"},
        """
        import threading
        class Registry:
            table = {}
            @classmethod
            def get(cls, name):
                if name not in cls.table:
                    cls.table[name] = threading.Lock()
                return cls.table[name]
        with Registry.get("disk"):
            pass
        """,
    ),
    "a metaclass": (
        {"Meta.made[Config]", "Meta.made"},
        """
        class Meta(type):
            made = {}
            def __call__(cls):
                if cls not in cls.made:
                    cls.made[cls] = super().__call__()
                return cls.made[cls]
        class Config(metaclass=Meta):
            pass
        Config()
        """,
    ),
    "a list of locks": (
        {"locks[0]", "locks[1]"},
        """
        import threading
        locks = [threading.Lock() for _ in range(2)]
        def use():
            for lock in locks:
                with lock:
                    pass
        use()
        """,
    ),
    "a list of locks that grows": (
        {"Pool.locks[0]", "Pool.locks[1]"},
        """
        import threading
        class Pool:
            locks = []
        def use():
            for _ in range(2):
                lock = threading.Lock()
                Pool.locks.append(lock)
                with lock:
                    pass
        use()
        """,
    ),
    "a tuple of locks": (
        {"pair[0]", "pair[1]"},
        """
        import threading
        pair = threading.Lock(), threading.Lock()
        def use():
            first, second = pair
            with first, second:
                pass
        use()
        """,
    ),
    "locks in a dict": (
        {"locks['a']", "locks['b']"},
        """
        import threading
        locks = {"a": threading.Lock(), "b": threading.Lock()}
        def use():
            for name in "ab":
                with locks[name]:
                    pass
        use()
        """,
    ),
    "a dict of locks that grows, in an object": (
        {"bank.locks['ann']"},
        """
        import threading
        class Bank:
            def __init__(self):
                self.locks = {}
            def lock(self, name):
                return self.locks.setdefault(name, threading.Lock())
        bank = Bank()
        with bank.lock("ann"):
            pass
        """,
    ),
    "attributes of attributes": (
        {"app.db.pool.size", "app.db.lock"},
        """
        import threading
        class Pool:
            def __init__(self):
                self.size = 0
        class Database:
            def __init__(self):
                self.lock = threading.Lock()
                self.pool = Pool()
        class App:
            def __init__(self):
                self.db = Database()
        app = App()
        def use():
            with app.db.lock:
                app.db.pool.size += 1
        use()
        """,
    ),
    "two instances of one class": (
        {"first.lock", "second.lock", "first.balance", "second.balance"},
        """
        import threading
        class Account:
            def __init__(self):
                self.lock = threading.Lock()
                self.balance = 0
        first, second = Account(), Account()
        def use(account):
            with account.lock:
                account.balance += 1
        use(first)
        use(second)
        """,
    ),
    "instances in a dict": (
        {"accounts['ann'].lock", "accounts['bob'].lock", "accounts['bob'].balance"},
        """
        import threading
        class Account:
            def __init__(self):
                self.lock = threading.Lock()
                self.balance = 0
        accounts = {name: Account() for name in ("ann", "bob")}
        def use(account):
            with account.lock:
                account.balance += 1
        for name in accounts:
            use(accounts[name])
        """,
    ),
    "instances that only local variables name": (
        {"account.lock", "account.balance", "other.lock"},
        """
        import threading
        class Account:
            def __init__(self):
                self.lock = threading.Lock()
                self.balance = 0
        def use(a):
            with a.lock:
                a.balance += 1
        def main():
            account = Account()
            other = Account()
            use(account)
            use(other)
        main()
        """,
    ),
    "instances that nothing names": (
        {"Account.lock", "Account#2.lock", "Account.balance", "Account#2.balance"},
        """
        import threading
        class Account:
            def __init__(self):
                self.lock = threading.Lock()
                self.balance = 0
        def use(a):
            with a.lock:
                a.balance += 1
        use(Account())
        use(Account())
        """,
    ),
    "a variable of a closure": (
        {"counts['a']", "lock"},
        """
        import threading
        def main():
            counts = {}
            lock = threading.Lock()
            def work():
                with lock:
                    counts["a"] = 1
            work()
        main()
        """,
    ),
    "a dataclass": (
        {"store.items['a']", "store.lock", "store.total"},
        """
        import threading
        from dataclasses import dataclass, field
        @dataclass
        class Store:
            items: dict = field(default_factory=dict)
            lock: threading.Lock = field(default_factory=threading.Lock)
            total: int = 0
        store = Store()
        def use():
            with store.lock:
                store.items["a"] = 1
                store.total += 1
        thread = threading.Thread(target=use)
        thread.start()
        thread.join()
        """,
    ),
    "a dataclass with slots": (
        {"Cache.shared['a']", "cache.lock"},
        """
        import threading
        from dataclasses import dataclass, field
        from typing import ClassVar
        @dataclass(slots=True)
        class Cache:
            shared: ClassVar[dict] = {}
            lock: threading.Lock = field(default_factory=threading.Lock)
        cache = Cache()
        def use():
            with cache.lock:
                cache.shared["a"] = 1
        thread = threading.Thread(target=use)
        thread.start()
        thread.join()
        """,
    ),
    "a class in a class": (
        {"Outer.Inner.seen[*]", "Outer.Inner.lock"},
        """
        import threading
        class Outer:
            class Inner:
                seen = set()
                lock = threading.Lock()
        def use():
            with Outer.Inner.lock:
                Outer.Inner.seen.add(1)
        use()
        """,
    ),
    "a deque of dicts": (
        {"jobs[0]['n']", "jobs[1]['n']"},
        """
        from collections import deque
        jobs = deque([{"n": 0}, {"n": 0}])
        def use():
            for job in list(jobs):
                job["n"] += 1
        use()
        """,
    ),
    "one object under two names": (
        {"lock"},
        """
        import threading
        class Account:
            def __init__(self, lock):
                self.lock = lock
        lock = threading.Lock()
        account = Account(lock)
        def use():
            with account.lock:
                pass
        use()
        """,
    ),
    "a condition and its lock": (
        {"gate.cond"},
        """
        import threading
        class Gate:
            def __init__(self):
                self.cond = threading.Condition()
            def open(self):
                with self.cond:
                    self.cond.notify_all()
        gate = Gate()
        gate.open()
        """,
    ),
    "a condition of a named lock": (
        {"bank.lock", "bank.changed"},
        """
        import threading
        class Bank:
            def __init__(self):
                self.lock = threading.Lock()
                self.changed = threading.Condition(self.lock)
            def pay(self):
                with self.changed:
                    self.changed.notify_all()
        bank = Bank()
        bank.pay()
        """,
    ),
    "keys of all kinds": (
        {
            "counts[0.25]",
            "counts[(1, 2)]",
            "counts[Colour.RED]",
            "counts[True]",
            "counts[Colour]",
            "counts[None]",
            "counts[b'x']",
        },
        """
        import enum
        class Colour(enum.Enum):
            RED = 1
        counts = {}
        def use():
            for key in (0.25, (1, 2), Colour.RED, True, Colour, None, b"x"):
                counts[key] = 0
        use()
        """,
    ),
    "a variable that held one object after the other": (
        {"tasks['a'].state", "tasks['b'].state"},
        """
        class Task:
            def __init__(self):
                self.state = 0
        tasks = {}
        current = None
        def begin(name):
            global current
            current = Task()
            tasks[name] = current
            current.state = 1
        begin("a")
        begin("b")
        """,
    ),
    "a container that nothing names": (
        {"dict@p.py:3['n']"},
        """
        def use(table):
            table["n"] = 1
        use({})
        """,
    ),
    "an object of another thread": (
        {"box.items[*]", "box.lock"},
        """
        import threading
        class Box:
            def __init__(self):
                self.items = []
                self.lock = threading.Lock()
        box = None
        def make():
            global box
            box = Box()
        def use():
            with box.lock:
                box.items.append(1)
        for target in (make, use):
            thread = threading.Thread(target=target)
            thread.start()
            thread.join()
        """,
    ),
}
