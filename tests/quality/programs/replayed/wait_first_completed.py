# REPLAYS: wait for the first of several futures, until none is left
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait


def work(k):
    return sum(range(k * 371 % 5000))


rounds = []
with ThreadPoolExecutor(4) as executor:
    numbers = {executor.submit(work, k): k for k in range(30)}
    left = set(numbers)
    while left:
        done, left = wait(left, return_when=FIRST_COMPLETED)
        rounds.append(sorted(numbers[future] for future in done))
print(rounds)
