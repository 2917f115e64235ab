# PYTHON chooses the interpreter; VENV the folder (CI runs the tests once for each version); EXTRAS
# what is installed there: `test` instead of `dev` leaves out what only developers need.
PYTHON ?= python3
VENV ?= .venv
EXTRAS ?= dev,graph
BIN := $(VENV)/bin
STAMP := $(VENV)/.built
# Many tests wait for programs to wait: with as many workers as cores, these would be idle.
WORKERS ?= $(shell expr $$(nproc) \* 2)
export CARGO_TARGET_DIR ?= $(CURDIR)/target$(patsubst .venv%,%,$(VENV))

# The scenarios that traces/ has a recorded run of.
TRACES := thread daemon lost_update_unlikely lost_update locked_counter rlock bounded_semaphore \
    timer door queues producer_consumer producer_consumer_random several_customers bounded_queue \
    ping_pong deadlock process

.PHONY: all core demo test traces wheels dist-check bench lint portable clean
all: $(STAMP)

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# The stamp is as old as the build's beginning: what is edited meanwhile may not be in it.
$(STAMP): pyproject.toml Cargo.toml Cargo.lock core/Cargo.toml $(shell find core -name '*.rs') | $(BIN)/python
	@touch $@.begun
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[$(EXTRAS)]'
	$(BIN)/python -m compileall -q tracer racetrace  # as pip does where it does not install editably
	@mv $@.begun $@

# The core alone, fast: not optimised, and only what has changed.
core: | $(BIN)/python
	$(BIN)/maturin develop --quiet --profile quick --skip-install
	@touch $(STAMP)

demo: $(STAMP)
	$(BIN)/trace run --force -o build/demo.msgpack scenarios/lost_update.py
	$(BIN)/trace check build/demo.msgpack || [ $$? = 1 ]  # 1: it has found something
	$(BIN)/trace show build/demo.msgpack --graph build/demo.svg --force
	$(BIN)/trace show build/demo.msgpack --graph build/demo.png --force

# Neighbours go to one worker, which records once what they share; one that has no more to do takes
# half of what another has left.
test: $(STAMP)
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(PYTEST_ARGS)

traces: $(STAMP)
	for name in $(TRACES); do \
	    $(BIN)/trace run --force -o traces/$$name.msgpack scenarios/$$name.py && \
	    $(BIN)/trace check --save-expected traces/$$name.msgpack || exit 1; \
	done

# The source distribution, and wheels for Linux with glibc 2.17 or later: for each machine of MACHINES, and each
# interpreter of PYTHONS that is here, or that maturin knows by its name (python3.14).
PYTHONS ?= $(abspath $(BIN)/python)
MACHINES ?= x86_64 aarch64
wheels: $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check ziglang  # compiles for an old glibc
	$(BIN)/maturin sdist --out dist
	for machine in $(MACHINES); do \
	    rustup -q target add $$machine-unknown-linux-gnu && \
	    PATH="$(abspath $(BIN)):$$PATH" $(BIN)/maturin build --release --strip --zig --compatibility manylinux_2_17 \
	        --target $$machine-unknown-linux-gnu $(PYTHONS:%=--interpreter %) --out dist || exit 1; \
	done

dist-check: $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip twine
	$(BIN)/python -m twine check --strict dist/racetrace-*
	$(BIN)/python tests/distribution/check.py dist/racetrace-*

bench: $(STAMP)
	$(BIN)/python -m benchmarks

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	cargo fmt --check
	PYO3_PYTHON=$(abspath $(BIN)/python) cargo clippy --all-targets -- -D warnings
	LD_LIBRARY_PATH=$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_config_var("LIBDIR"))') \
	    PYO3_PYTHON=$(abspath $(BIN)/python) cargo test --lib --no-default-features --features recorder

# Traces are read on any system: that part compiles for others, and uses nothing that they lack.
READERS := show check diff
portable: $(STAMP)
	$(BIN)/mypy --platform win32 $(READERS:%=-m tracer.commands.%)
	for target in x86_64-pc-windows-gnu aarch64-apple-darwin; do \
	    rustup -q target add $$target || { echo "skipped: no Rust for $$target here"; continue; }; \
	    env CC_$$(echo $$target | tr - _)=true AR_$$(echo $$target | tr - _)=true PYO3_CROSS_PYTHON_VERSION=3.13 \
	        cargo check --quiet --target $$target || exit 1; \
	done  # `true` for the C compiler: what zstd compiles is not linked

clean:
	rm -rf $(VENV) target*
