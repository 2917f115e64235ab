import multiprocessing
import sys

def f(conn):
    conn.send([42, None, "hello"])
    print("child got", conn.recv())
    conn.close()

if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1] if sys.argv[1:] else "fork")
    parent_conn, child_conn = context.Pipe()
    p = context.Process(target=f, args=(child_conn,))
    p.start()
    print(parent_conn.recv())
    parent_conn.send("thanks")
    p.join()
