# FINDS: lost-update on state
# Each thread makes a new state that has the old one in it: the states of two may have the same.
import threading

state = {"value": 0}


def put_on(value):
    global state
    new = {"value": value}
    new["links"] = {}
    new["links"]["before"] = state
    state = new


threads = [threading.Thread(target=put_on, args=(number,)) for number in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
count, one = 0, state
while one:
    count, one = count + 1, one.get("links", {}).get("before")
print(count)
