"""A hundred threads take `tickets`, wait a moment, and store what they took less 1.

Nearly all of them took the same number. Look for: `read tickets → 100` in many threads, then
`write tickets ← 99` over `99`, again and again. `trace check` says how many updates were lost;
`trace show --graph` draws one of them.
"""

import threading
import time

tickets = 100


def sell():
    global tickets
    left = tickets
    time.sleep(0.05)
    tickets = left - 1


sellers = [threading.Thread(target=sell) for _ in range(100)]
for seller in sellers:
    seller.start()
for seller in sellers:
    seller.join()
print("sold 100 tickets, left:", tickets)
