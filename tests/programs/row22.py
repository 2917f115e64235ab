from multiprocessing import Pool


def square(n):
    return n * n


if __name__ == "__main__":
    with Pool(2) as pool:
        for i in range(5):
            print(pool.apply(square, (i,)))
        print(pool.map(square, range(8)), list(pool.imap(square, range(3))))
