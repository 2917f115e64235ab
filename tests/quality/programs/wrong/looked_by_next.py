# FINDS: atomicity-violation on users
# Both look for the name with next(), find none, and both append.
import threading

users = [("ann", 1)]


def add(name, number):
    found = next((user for user in users if user[0] == name), None)
    if found is None:
        users.append((name, number))


threads = [threading.Thread(target=add, args=("bob", number)) for number in (1, 2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(users)
