# FINDS: lost-update on grades
# `+=` of an item of a subclass of list reads and stores.
import threading


class Grades(list):
    pass


grades = Grades([0, 0])


def work():
    for _ in range(2):
        grades[0] += 1


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(grades)
