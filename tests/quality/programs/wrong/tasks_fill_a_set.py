# FINDS: atomicity-violation on seen
# Two tasks find that the page is new, and both visit it.
import concurrent.futures

seen = set()
visited = []


def visit(page):
    if page not in seen:
        seen.add(page)
        visited.append(page)


with concurrent.futures.ThreadPoolExecutor(4) as pool:
    list(pool.map(visit, ["a", "b", "a"]))
print(len(visited))
