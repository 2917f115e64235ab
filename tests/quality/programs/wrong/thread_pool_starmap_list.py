# FINDS: atomicity-violation on rooms
# A room that is free is taken by two tasks.
from multiprocessing.pool import ThreadPool

rooms = {"a": None, "b": None}


def book(room, guest):
    if rooms[room] is None:
        rooms[room] = guest
        return True
    return False


with ThreadPool(3) as pool:
    print(pool.starmap(book, [("a", 1), ("b", 2), ("a", 3)], chunksize=1))
