# FINDS: lost-update on left
# main changes the number while the task does.
import concurrent.futures

left = 10


def use():
    global left
    left -= 1


with concurrent.futures.ThreadPoolExecutor(1) as pool:
    future = pool.submit(use)
    left -= 2
    future.result()
print(left)
