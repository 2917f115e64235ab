# FINDS: lost-update on hits
# The base class's method reads and stores.
import threading

import base


class Page(base.Counted):
    pass


page = Page()


def work():
    page.hit()
    page.hit()


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(page.hits)
