# FINDS: atomicity-violation on seen
# Both find the page unseen, and it is fetched twice.
import queue
import threading

links = {"home": ["news", "about"], "news": ["about"], "about": []}
seen = set()
fetched = []
todo = queue.Queue()
todo.put("home")
todo.put("news")


def crawl():
    while True:
        try:
            page = todo.get_nowait()
        except queue.Empty:
            return
        if page in seen:
            continue
        seen.add(page)
        fetched.append(page)
        for link in links[page]:
            todo.put(link)


threads = [threading.Thread(target=crawl) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sorted(fetched))
