# FINDS: atomicity-violation on sessions
# Both get None, and both open a session; one of them is lost.
import threading

sessions = {}
opened = []


def session(user):
    found = sessions.get(user)
    if found is None:
        found = [user]
        opened.append(found)
        sessions[user] = found
    return found


threads = [threading.Thread(target=session, args=(each,)) for each in ("ann", "ann", "bob")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(opened))
