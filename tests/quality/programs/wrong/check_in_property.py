# FINDS: atomicity-violation on members
# The property looks, the method adds; together they are no step.
import threading


class Club:
    def __init__(self):
        self.members = []

    @property
    def full(self):
        return len(self.members) >= 1

    def add(self, name):
        self.members.append(name)


club = Club()


def enter(name):
    if not club.full:
        club.add(name)


threads = [threading.Thread(target=enter, args=(each,)) for each in ("ann", "bob")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(club.members))
