# FINDS: atomicity-violation on stack
# Both read the same top, and two are taken off.
import threading

stack = [1, 2, 3]
done = []


def work():
    top = stack[-1]
    if top > 0:
        done.append(top)
        stack.pop()


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sorted(done), stack)
