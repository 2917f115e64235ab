# FINDS: atomicity-violation on seen
# Both find the page unseen, and both fetch it.
import threading

seen = set()
fetched = []


def visit(page):
    if page not in seen:
        seen.add(page)
        fetched.append(page)


threads = [threading.Thread(target=visit, args=(each,)) for each in ("home", "home", "news")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sorted(fetched))
