import contextlib, io, sys

print("a")
sys.stdout.write("b\n")
sys.stdout.flush()
sys.stdout.buffer.write(b"c\n")
print("d", end="", flush=True)
print(1, 2, sep="-", file=sys.stderr)
own = sys.stdout
sys.stdout = io.StringIO()
print("hidden")
text = sys.stdout.getvalue()
sys.stdout = own
print(text)
with contextlib.redirect_stdout(io.StringIO()) as both, contextlib.redirect_stderr(both):
    print("x")
    print("y", file=sys.stderr)
print(repr(both.getvalue()))


class Tee:
    def write(self, text):
        own.write(f"<{text}>")
        return len(text)

    def flush(self):
        own.write("flushed\n")


sys.stdout = Tee()
print("tee", 3)
sys.stdout = own
for call in (
    lambda: print("x", sep=1),
    lambda: sys.stdout.write(3),
    lambda: sys.stdout.write(),
    lambda: print("\ud800"),
):
    try:
        call()
    except (TypeError, UnicodeEncodeError) as error:
        print(error)
print(input("prompt> "), input())
try:
    input()
except EOFError as error:
    print(repr(error))


class Nested:
    def __str__(self):
        print("nested")
        return "N"


print(Nested(), Nested())
sys.stdout.writelines(["1", "2\n"])
sys.stdout.reconfigure(encoding="ascii", errors="backslashreplace")
print("é")
sys.stdout = None
print("nothing")
sys.stdout = Tee()
1 / 0
