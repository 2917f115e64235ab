# FINDS: atomicity-violation on table
# Both find no attribute on the class, and both make a dict.
import threading


class Base:
    @classmethod
    def register(cls, name):
        if not hasattr(cls, "table"):
            cls.table = {}
        cls.table[name] = True


threads = [threading.Thread(target=Base.register, args=(each,)) for each in ("a", "b", "c")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(Base.table))
