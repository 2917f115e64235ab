# FINDS: atomicity-violation on shared
# The first task makes what all others use; two may be the first.
import concurrent.futures

shared = None


class Client:
    def __init__(self):
        self.calls = []


def client():
    global shared
    if shared is None:
        shared = Client()
    return shared


def call(number):
    client().calls.append(number)


with concurrent.futures.ThreadPoolExecutor(2) as pool:
    for number in range(3):
        pool.submit(call, number)
print(len(shared.calls))
