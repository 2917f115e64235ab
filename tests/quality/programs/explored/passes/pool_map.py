from concurrent.futures import ThreadPoolExecutor

with ThreadPoolExecutor(2) as pool:
    assert list(pool.map(str, range(3))) == ["0", "1", "2"]
