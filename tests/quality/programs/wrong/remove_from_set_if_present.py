# FINDS: atomicity-violation on free
# Both find seat 7 free, and both believe to have it (or the remove raises KeyError).
import threading

free = {7, 8}
booked = []


def book(seat):
    if seat in free:
        try:
            free.remove(seat)
            booked.append(seat)
        except KeyError:
            booked.append(None)


threads = [threading.Thread(target=book, args=(each,)) for each in (7, 7)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(booked)
