//! The functions that stand in for the locks' methods: record, and call the original.

use super::acquire::{acquire, await_release, request, Acquired, Patience};
use super::held::{answers_true, granted, is_held, is_owned, number};
use super::known::{remember, track, tracked};
use super::original::{called_by_program, holds_over_events, made_by_program, ORIGINAL};
use crate::control::{self, Woken};
use crate::cpython::lock_methods::{Methods, Originals};
use crate::cpython::locks;
use crate::cpython::methods::TwoArguments;
use crate::model::Value;
use crate::ops::{self, outcome};
use crate::record::gate::{self, Known};
use crate::record::{self, values};
use pyo3::ffi;
use pyo3::Python;
use std::ptr::null_mut;

type Object = *mut ffi::PyObject;

// "C-unwind": nothing is assumed of CPython's functions, which these call and stand in for.

unsafe fn how_long(args: Object, kwargs: Object) -> Patience {
    if kwargs.is_null() && ffi::PyTuple_Size(args) == 0 {
        return Patience::Forever;
    }
    let given = ffi::PyTuple_Size(args);
    let keyword = |name: &std::ffi::CStr| match kwargs.is_null() {
        true => null_mut(),
        false => ffi::PyDict_GetItemString(kwargs, name.as_ptr()),
    };
    let argument = |place, name| match given > place {
        true => ffi::PyTuple_GetItem(args, place),
        false => keyword(name),
    };
    let blocking = argument(0, c"blocking");
    let timeout = argument(1, c"timeout");
    let named = match kwargs.is_null() {
        true => 0,
        false => ffi::PyDict_Size(kwargs),
    };
    let known = isize::from(!blocking.is_null()) + isize::from(!timeout.is_null());
    if given + named != known {
        return Patience::Unknown;
    }
    if !blocking.is_null() {
        let exact = ffi::Py_TYPE(blocking);
        if exact != &raw mut ffi::PyBool_Type && exact != &raw mut ffi::PyLong_Type {
            return Patience::Unknown;
        }
        if ffi::PyObject_IsTrue(blocking) == 0 {
            // CPython says that a call which does not wait has no time to wait for.
            return match timeout.is_null() {
                true => Patience::None,
                false => Patience::Unknown,
            };
        }
    }
    if timeout.is_null() {
        return Patience::Forever;
    }
    let exact = ffi::Py_TYPE(timeout);
    if exact != &raw mut ffi::PyFloat_Type && exact != &raw mut ffi::PyLong_Type {
        return Patience::Unknown;
    }
    let seconds = ffi::PyFloat_AsDouble(timeout);
    if !ffi::PyErr_Occurred().is_null() {
        ffi::PyErr_Clear();
        return Patience::Unknown;
    }
    match seconds {
        -1.0 => Patience::Forever,
        // Longer than CPython takes (TIMEOUT_MAX): its error, not ours.
        s if (0.0..1e9).contains(&s) => Patience::Bounded(s),
        _ => Patience::Unknown,
    }
}

/// A `_thread.lock`, or a `_thread.RLock`.
struct Lock<const REENTRANT: bool>(Object);

impl<const REENTRANT: bool> Lock<REENTRANT> {
    fn originals() -> &'static Originals {
        match REENTRANT {
            true => &ORIGINAL.of_rlock,
            false => &ORIGINAL.of_lock,
        }
    }
}

impl<const REENTRANT: bool> Acquired for Lock<REENTRANT> {
    const PART_OF: u8 = ops::WAIT;

    #[inline(always)]
    unsafe fn object(&self, py: Python<'_>) -> Option<u32> {
        number(py, self.0)
    }

    #[inline(always)]
    unsafe fn attempt(&self, py: Python<'_>) -> Object {
        if !REENTRANT && locks::take(py, self.0) {
            return ffi::Py_NewRef(ffi::Py_True());
        }
        let original = Self::originals().acquire.copied(py);
        original(self.0, ORIGINAL.not_blocking.copied(py), null_mut())
    }

    #[inline(always)]
    unsafe fn granted(&self, py: Python<'_>, known: Option<u32>) {
        match known {
            Some(object) if !REENTRANT => {
                record::event(py, ops::ACQUIRE, object, outcome::OK, values::ABSENT, 0);
            }
            _ => granted(py, self.0, REENTRANT),
        }
    }

    unsafe fn key(&self) -> u64 {
        control::object_key(self.0)
    }

    unsafe fn is_held_over_events(&self, py: Python<'_>) -> bool {
        // Who has it already goes on.
        holds_over_events(py) && !(REENTRANT && is_owned(py, self.0))
    }
}

/// Records a release that is about to succeed: before it, so that no acquire it allows is earlier.
#[inline(always)]
unsafe fn releasing(
    py: Python<'_>,
    lock: Object,
    all: bool,
    held: unsafe fn(Python<'_>, Object) -> bool,
) {
    let Some(state) = record::recording().then(|| tracked(py, lock)).flatten() else {
        return;
    };
    if !held(py, lock) {
        return;
    }
    // Depth 0 here is a lock that was taken before it was tracked.
    let left = if all {
        0
    } else {
        state.depth.saturating_sub(1)
    };
    let (tag, bits) = match state.depth {
        0 => (values::ABSENT, 0),
        _ => (values::INT, u64::from(left)),
    };
    state.depth = left;
    record::event(py, ops::RELEASE, state.object, outcome::OK, tag, bits);
}

/// A scheduling point before a release, if the program can tell.
#[inline(always)]
unsafe fn before_release(py: Python<'_>, lock: Object) {
    if !gate::is_open() {
        if let Some(object) = number(py, lock) {
            gate::before(py, ops::RELEASE, object, 0);
        }
    }
}

/// Who waits for the lock, which was released, may try again.
#[inline(always)]
fn wake(py: Python<'_>, lock: Object) {
    if control::controlled() {
        control::wake(py, control::object_key(lock));
    }
}

/// A release, by the function `original`.
#[inline(always)]
unsafe fn released(
    py: Python<'_>,
    lock: Object,
    args: Object,
    held: unsafe fn(Python<'_>, Object) -> bool,
    original: TwoArguments,
) -> Object {
    before_release(py, lock);
    releasing(py, lock, false, held);
    let done = original(lock, args);
    wake(py, lock);
    done
}

/// What stands in the place of the methods of `_thread.lock` (false) and `_thread.RLock` (true).
pub struct StandIns<const REENTRANT: bool>;

impl<const REENTRANT: bool> Methods for StandIns<REENTRANT> {
    #[inline(always)]
    unsafe fn acquire(py: Python<'_>, lock: Object, args: Object, kwargs: Object) -> Object {
        let original = Self::originals().acquire.copied(py);
        acquire(
            py,
            &Lock::<REENTRANT>(lock),
            || how_long(args, kwargs),
            || original(lock, args, kwargs),
        )
    }

    #[inline(always)]
    unsafe fn exit(py: Python<'_>, lock: Object) -> Object {
        let held = if REENTRANT { is_owned } else { is_held };
        let original = Self::originals().exit.copied(py);
        released(py, lock, null_mut(), held, original)
    }

    fn originals() -> &'static Originals {
        Lock::<REENTRANT>::originals()
    }
}

pub unsafe extern "C-unwind" fn lock_release(lock: Object, unused: Object) -> Object {
    let py = Python::assume_attached();
    released(py, lock, unused, is_held, ORIGINAL.lock_release.copied(py))
}

/// In a replay it says what it said in the recording: there a lock is taken before the thread that
/// takes it has the GIL to record that.
unsafe fn looked(py: Python<'_>, original: TwoArguments, lock: Object, unused: Object) -> Object {
    let state = record::recording().then(|| tracked(py, lock)).flatten();
    let object = state.map(|state| state.object);
    let Some(object) = object.filter(|_| called_by_program(py)) else {
        return original(lock, unused);
    };
    let held = match gate::ask(py, ops::LOOK, object).known() {
        Some(Known {
            value: Value::Bool(held),
            ..
        }) => held,
        _ => answers_true(original, lock),
    };
    let tag = if held { values::TRUE } else { values::FALSE };
    record::event(py, ops::LOOK, object, outcome::OK, tag, 0);
    ffi::PyBool_FromLong(held.into())
}

pub unsafe extern "C-unwind" fn lock_locked(lock: Object, unused: Object) -> Object {
    let py = Python::assume_attached();
    looked(py, ORIGINAL.lock_locked.copied(py), lock, unused)
}

pub unsafe extern "C-unwind" fn rlock_locked(lock: Object, unused: Object) -> Object {
    let py = Python::assume_attached();
    looked(py, ORIGINAL.rlock_locked.copied(py), lock, unused)
}

pub unsafe extern "C-unwind" fn rlock_release(lock: Object, unused: Object) -> Object {
    let py = Python::assume_attached();
    released(
        py,
        lock,
        unused,
        is_owned,
        ORIGINAL.rlock_release.copied(py),
    )
}

/// `Condition.wait` gives up all levels at once …
pub unsafe extern "C-unwind" fn rlock_release_save(lock: Object, unused: Object) -> Object {
    let py = Python::assume_attached();
    before_release(py, lock);
    let depth = tracked(py, lock).map_or(0, |state| state.depth);
    releasing(py, lock, true, is_owned);
    let saved = (ORIGINAL.rlock_release_save.copied(py))(lock, unused);
    if saved.is_null() {
        if let Some(state) = tracked(py, lock) {
            state.depth = depth;
        }
    } else {
        wake(py, lock);
    }
    saved
}

/// … and takes them back.
pub unsafe extern "C-unwind" fn rlock_acquire_restore(lock: Object, args: Object) -> Object {
    let py = Python::assume_attached();
    let Some(object) = number(py, lock) else {
        return take_levels(py, lock, args);
    };
    let answer = gate::ask(py, ops::ACQUIRE, object);
    let is_held = || tracked(py, lock).is_some_and(|state| state.depth > 0);
    if answer.has_to_wait().unwrap_or_else(is_held) {
        request(py, object, false);
        gate::before(py, ops::ACQUIRE, object, 0);
    }
    let done = take_levels(py, lock, args);
    if !done.is_null() {
        let levels = saved_depth(args).max(1);
        if let Some(state) = tracked(py, lock) {
            state.depth = levels - 1;
        }
        granted(py, lock, true);
    }
    done
}

/// Takes an RLock as many times over as it was held, however long it takes: None, or null with an
/// exception.
unsafe fn take_levels(py: Python<'_>, lock: Object, args: Object) -> Object {
    let original = || (ORIGINAL.rlock_acquire_restore.copied(py))(lock, args);
    let levels = saved_depth(args);
    let it = Lock::<true>(lock);
    let mut taken = 0;
    while taken < levels && !(taken == 0 && gate::is_open()) {
        let attempt = it.attempt(py);
        if attempt.is_null() {
            return attempt;
        }
        ffi::Py_DECREF(attempt);
        if attempt == ffi::Py_True() {
            taken += 1;
        } else {
            match await_release(py, &it, None) {
                // Nothing was taken: another thread has it.
                Ok(Woken::Uncontrolled) => return original(),
                Ok(_) => {}
                // CPython does not look at signals here: the handler runs again when it can raise.
                Err(()) => ffi::PyErr_Clear(),
            }
        }
    }
    match taken {
        0 => original(),
        _ => ffi::Py_NewRef(ffi::Py_None()),
    }
}

/// The argument is `(count, owner)`, which some versions put into a tuple.
unsafe fn saved_depth(args: Object) -> u32 {
    let mut depth = 0;
    let mut state = args;
    if ffi::PyTuple_Check(state) != 0 && ffi::PyTuple_Size(state) == 1 {
        state = ffi::PyTuple_GetItem(state, 0);
    }
    if ffi::PyTuple_Check(state) != 0 && ffi::PyTuple_Size(state) == 2 {
        depth = ffi::PyLong_AsLong(ffi::PyTuple_GetItem(state, 0));
    }
    ffi::PyErr_Clear();
    u32::try_from(depth).unwrap_or(0)
}

pub unsafe extern "C-unwind" fn allocate(module: Object, unused: Object) -> Object {
    let py = Python::assume_attached();
    made(py, (ORIGINAL.allocate.copied(py))(module, unused))
}

/// Where CPython has this function, a thread's end is the release of a lock, of which no method of ours is called.
pub unsafe extern "C-unwind" fn set_sentinel(module: Object, unused: Object) -> Object {
    let py = Python::assume_attached();
    let lock = (ORIGINAL.set_sentinel.copied(py))(module, unused);
    if !lock.is_null() {
        control::released_at_end(lock);
    }
    lock
}

pub unsafe extern "C-unwind" fn lock_new(kind: Object, args: Object, kwargs: Object) -> Object {
    let py = Python::assume_attached();
    made(py, (ORIGINAL.lock_new.copied(py))(kind, args, kwargs))
}

pub unsafe extern "C-unwind" fn rlock_new(kind: Object, args: Object, kwargs: Object) -> Object {
    let py = Python::assume_attached();
    made(py, (ORIGINAL.rlock_new.copied(py))(kind, args, kwargs))
}

unsafe fn made(py: Python<'_>, lock: Object) -> Object {
    if !lock.is_null() && !record::elsewhere() && made_by_program(py) {
        if record::recording() {
            track(py, lock);
        } else {
            remember(py, lock);
        }
    }
    lock
}
