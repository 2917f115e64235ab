# CLEAN: main peeks and pops when the producers have ended
import threading

stack = []


def push(number):
    stack.append(number)


threads = [threading.Thread(target=push, args=(each,)) for each in (1, 2, 3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
taken = []
while stack:
    top = stack[-1]
    taken.append(top)
    stack.pop()
assert sorted(taken) == [1, 2, 3]
