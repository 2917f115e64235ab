//! Puts the functions of `methods` in the place of CPython's, once, and keeps the originals.

use super::methods;
use crate::cpython::methods::{exchange, exchange_new, find, function, TwoArguments, WithKeywords};
use crate::cpython::{deaths, frames, lock_methods, locks};
use crate::gil::Gil;
use crate::record::sites;
use pyo3::ffi;
use std::ffi::CStr;
use std::ptr::null_mut;

type Object = *mut ffi::PyObject;

pub struct Originals {
    pub of_lock: lock_methods::Originals,
    pub of_rlock: lock_methods::Originals,
    pub lock_release: Gil<TwoArguments>,
    pub lock_locked: Gil<TwoArguments>,
    pub rlock_locked: Gil<TwoArguments>,
    pub lock_new: Gil<WithKeywords>,
    pub allocate: Gil<TwoArguments>,
    pub set_sentinel: Gil<TwoArguments>,
    pub rlock_release: Gil<TwoArguments>,
    pub rlock_owned: Gil<TwoArguments>,
    pub rlock_release_save: Gil<TwoArguments>,
    pub rlock_acquire_restore: Gil<TwoArguments>,
    pub rlock_new: Gil<WithKeywords>,
    /// The arguments `(False,)`.
    pub not_blocking: Gil<Object>,
    rlock_type: Gil<Object>,
}

unsafe extern "C-unwind" fn unset2(_: Object, _: Object) -> Object {
    null_mut()
}

unsafe extern "C-unwind" fn unset3(_: Object, _: Object, _: Object) -> Object {
    null_mut()
}

pub static ORIGINAL: Originals = Originals {
    of_lock: lock_methods::Originals::new(),
    of_rlock: lock_methods::Originals::new(),
    lock_release: Gil::new(unset2),
    lock_locked: Gil::new(unset2),
    rlock_locked: Gil::new(unset2),
    lock_new: Gil::new(unset3),
    allocate: Gil::new(unset2),
    set_sentinel: Gil::new(unset2),
    rlock_release: Gil::new(unset2),
    rlock_owned: Gil::new(unset2),
    rlock_release_save: Gil::new(unset2),
    rlock_acquire_restore: Gil::new(unset2),
    rlock_new: Gil::new(unset3),
    not_blocking: Gil::new(null_mut()),
    rlock_type: Gil::new(null_mut()),
};

/// Whether the lock that is being made is the program's. What the locks of the standard library order
/// is either recorded at the level of what it offers (a queue's put and get), or is incidental.
/// `threading.RLock` and the `__init__` of `threading.Condition` make one for their caller; that
/// caller may be `threading` itself.
pub unsafe fn made_by_program() -> bool {
    let caller = frames::caller(|file, function| {
        file.ends_with(b"/threading.py")
            && (function == b"RLock" || function == b"Condition.__init__")
    });
    caller.is_some_and(|file| !sites::is_internal_name(&file))
}

/// Whether the program's own code makes this call, and not that of a Condition for it.
pub unsafe fn called_by_program() -> bool {
    let caller = frames::caller(|_, _| false);
    caller.is_some_and(|file| !sites::is_internal_name(&file))
}

/// Modules of the standard library that hold locks of their own while code of the program runs or
/// something is written.
const HOLDING: [&[u8]; 1] = [b"/logging/"];

/// Whether the lock that is being used is one under which events are made, and that is in no event
/// itself: a handler's of `logging`.
pub unsafe fn holds_over_events() -> bool {
    let caller = frames::caller(|_, _| false);
    let holding = |file: &Vec<u8>| {
        HOLDING
            .iter()
            .any(|part| file.windows(part.len()).any(|window| window == *part))
    };
    caller.is_some_and(|file| sites::is_internal_name(&file) && holding(&file))
}

/// Whether the lock that is being used is the program's: its code uses it, by itself or as that of a
/// Condition.
pub unsafe fn used_by_program() -> bool {
    let caller = frames::caller(|file, function| {
        file.ends_with(b"/threading.py") && function.starts_with(b"Condition.__")
    });
    caller.is_some_and(|file| !sites::is_internal_name(&file))
}

/// Replaces the functions; a second call does nothing.
///
/// # Safety
/// The GIL is held.
pub unsafe fn install() {
    if !(*ORIGINAL.not_blocking.get()).is_null() {
        return;
    }
    *ORIGINAL.not_blocking.get() = ffi::PyTuple_Pack(1, ffi::Py_False());
    deaths::listen(super::retire);
    super::sleep::install();
    let module = ffi::PyImport_ImportModule(c"_thread".as_ptr());
    let lock = ffi::PyObject_GetAttrString(module, c"LockType".as_ptr());
    let rlock = ffi::PyObject_GetAttrString(module, c"RLock".as_ptr());
    *ORIGINAL.rlock_type.get() = rlock;
    use methods as m;
    replace2(
        lock,
        &[c"locked", c"locked_lock"],
        &ORIGINAL.lock_locked,
        m::lock_locked,
    );
    // Not all versions have it.
    replace2(rlock, &[c"locked"], &ORIGINAL.rlock_locked, m::rlock_locked);
    *ORIGINAL.rlock_owned.get() = function2(rlock, c"_is_owned");
    replace2(
        lock,
        &[c"release", c"release_lock"],
        &ORIGINAL.lock_release,
        m::lock_release,
    );
    replace2(
        rlock,
        &[c"release"],
        &ORIGINAL.rlock_release,
        m::rlock_release,
    );
    replace2(
        rlock,
        &[c"_release_save"],
        &ORIGINAL.rlock_release_save,
        m::rlock_release_save,
    );
    replace2(
        rlock,
        &[c"_acquire_restore"],
        &ORIGINAL.rlock_acquire_restore,
        m::rlock_acquire_restore,
    );
    lock_methods::install::<m::OfLock>(lock);
    lock_methods::install::<m::OfRLock>(rlock);
    replace_new(lock, &ORIGINAL.lock_new, m::lock_new);
    replace_new(rlock, &ORIGINAL.rlock_new, m::rlock_new);
    if let Some(method) = find(module, c"allocate_lock") {
        *ORIGINAL.allocate.get() = exchange::<TwoArguments>(method, m::allocate);
        learn_layout(module);
    }
    if let Some(method) = find(module, c"_set_sentinel") {
        *ORIGINAL.set_sentinel.get() = exchange::<TwoArguments>(method, m::set_sentinel);
    }
    // Imported types and functions are kept alive: they point into this library from now on.
    ffi::Py_DECREF(module);
    ffi::PyErr_Clear();
}

/// Lets `locks` see one that is free, held and free again.
unsafe fn learn_layout(module: Object) {
    let lock = (*ORIGINAL.allocate.get())(module, null_mut());
    if lock.is_null() {
        return ffi::PyErr_Clear();
    }
    let arguments = *ORIGINAL.not_blocking.get();
    locks::init(
        lock,
        |lock| (*ORIGINAL.of_lock.acquire.get())(lock, arguments, null_mut()),
        |lock| (*ORIGINAL.lock_release.get())(lock, null_mut()),
    );
    ffi::Py_DECREF(lock);
}

pub unsafe fn is_rlock(lock: Object) -> bool {
    ffi::Py_TYPE(lock).cast() == *ORIGINAL.rlock_type.get()
}

unsafe fn function2(kind: Object, name: &CStr) -> TwoArguments {
    find(kind, name).map_or(unset2, |method| function(method))
}

unsafe fn replace2(
    kind: Object,
    names: &[&CStr],
    original: &Gil<TwoArguments>,
    with: TwoArguments,
) {
    for method in names.iter().filter_map(|name| find(kind, name)) {
        if (*method).ml_flags & ffi::METH_KEYWORDS == 0 {
            *original.get() = exchange(method, with);
        }
    }
}

unsafe fn replace_new(kind: Object, original: &Gil<WithKeywords>, with: WithKeywords) {
    if let Some(found) = exchange_new(kind, with) {
        *original.get() = found;
    }
}
