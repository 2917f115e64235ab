# FINDS: lost-update on total
# The tasks of several workers change one number.
import concurrent.futures

total = 0


def add(amount):
    global total
    total += amount


with concurrent.futures.ThreadPoolExecutor(3) as pool:
    list(pool.map(add, (1, 2, 3, 4)))
print(total)
