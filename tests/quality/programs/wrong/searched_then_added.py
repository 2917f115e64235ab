# FINDS: atomicity-violation on users
# The search is a loop of its own; both find nobody, and both append.
import threading

users = ["ann"]


def find(name):
    for user in users:
        if user == name:
            return user
    return None


def ensure(name):
    if find(name) is None:
        users.append(name)


threads = [threading.Thread(target=ensure, args=(each,)) for each in ("bob", "bob")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(users)
