# FINDS: atomicity-violation | lost-update on results
# Both tasks find less than one, and both add.
import concurrent.futures

results = {"count": 0}


def work():
    if results["count"] < 1:
        results["count"] = results["count"] + 1


with concurrent.futures.ThreadPoolExecutor(2) as pool:
    futures = [pool.submit(work) for _ in range(2)]
print(results)
