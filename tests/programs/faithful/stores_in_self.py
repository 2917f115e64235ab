import functools, sys, threading


def traced(frame, event, argument):
    print(event, frame.f_code.co_name, frame.f_lineno)
    return traced


total = 0


class Account:
    """What it stores in `self` is told by the class itself, from 3.13 on."""

    def __init__(self):
        "A docstring."
        self.first = 1
        self.second, (self.third, *self.rest) = 2, (3, 4)
        self.__hidden = 5

    def try_first(self):
        try:
            self.tried: int = 1
            self.only_told: int
        finally:
            self.first += 1

    def global_first(self):
        global total
        total = self.counted = 1
        self.items = {}
        self.items["not told"] = 1

    @functools.lru_cache
    def decorated(self):
        def inside():
            self.inner = 1

        while True:
            inside()
            return

    def generator(self):
        for self.each in range(2):
            yield self.each
        del self.each
        other = self
        other.unknown = 1

    async def coroutine(self):
        with threading.Lock() as self.held:
            return (lambda: [1 for self.in_comprehension in "x"])()

    class Inner:
        def __init__(this, self):
            this.unknown = 1
            self.of_inner = 2


account = Account()
sys.settrace(traced)
Account()
account.try_first()
account.global_first()
account.decorated()
list(account.generator())
try:
    account.coroutine().send(None)
except StopIteration as stop:
    print(stop.value)
Account.Inner(account)
sys.settrace(None)
for each in (Account, Account.Inner):
    print(sorted(getattr(each, "__static_attributes__", ())))
print(Account.__init__.__doc__, Account.__init__.__code__.co_names, sorted(vars(account)))
