import threading

num = 0


def work():
    global num
    for _ in range(3):
        num += 1


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(num)
