# FINDS: lost-update on members
# Each makes a new set of the one it has read.
import threading


class Club:
    def __init__(self):
        self.members = frozenset()

    def join(self, name):
        self.members |= {name}


club = Club()

threads = [threading.Thread(target=club.join, args=(each,)) for each in ("ann", "bob", "cy")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(club.members))
