import threading, time, unittest


class Cases(unittest.TestCase):
    def test_equal(self):
        self.assertEqual([1, 2], [1, 3])

    def test_error(self):
        raise ValueError("x")

    @unittest.skip("no")
    def test_skipped(self):
        pass

    def test_warns(self):
        with self.assertWarns(DeprecationWarning):
            threading.Thread().setDaemon(True)

    def test_parts(self):
        for i in range(3):
            with self.subTest(i=i):
                self.assertTrue(i)


time.perf_counter = lambda: 0  # the time taken is printed
unittest.main(argv=["unittests", "-v"])
