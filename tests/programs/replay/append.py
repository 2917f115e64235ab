import threading
log = []
def work(n):
    for i in range(40): log.append((n, i))
threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
for t in threads: t.start()
for t in threads: t.join()
print(hash(str(log)))
