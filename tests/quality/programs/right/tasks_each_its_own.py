# CLEAN: each task makes and changes things of its own, and returns them
import concurrent.futures


class Page:
    def __init__(self, number):
        self.number = number
        self.words = {}


pages = [Page(number) for number in range(4)]


def fill(page):
    found = []
    for word in ("a", "b", "a"):
        page.words[word] = page.words.get(word, 0) + 1
        found.append(word)
    summary = Page(page.number)
    summary.words["all"] = len(found)
    return summary


with concurrent.futures.ThreadPoolExecutor(3) as pool:
    futures = [pool.submit(fill, page) for page in pages]
    done = [future.result() for future in concurrent.futures.as_completed(futures)]
assert sum(page.words["a"] for page in pages) == 8
assert sum(summary.words["all"] for summary in done) == 12
