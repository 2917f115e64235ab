import multiprocessing
import sys

def f(q):
    q.put([42, None, "hello"])

if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1] if sys.argv[1:] else "fork")
    q = context.Queue()
    p = context.Process(target=f, args=(q,))
    p.start()
    print(q.get())
    p.join()
