//! Notices the death of every object that may have a number, so that an address used again never
//! passes for the object that was there before.
//!
//! Weak references would do this only for types that allow them, and lists, dicts and slotted
//! instances do not. So the `tp_dealloc` slot of the few types on which all containers and Python
//! instances rest is replaced by a function that tells listeners of the address and calls the original.
//!
//! Versions: 3.11 and newer. `tp_dealloc` is a public slot; that CPython's guard against deep nesting
//! looks for its own function in it is not, and our own guard is right where there is none.
//! Check: what `subtype_dealloc` is, is seen from a class that is made for it.
//! Elsewhere: a type that does not fit is not watched, and its instances get no number that their address
//! could pass on.
//! Safe: the types live for ever, and the original is called with all that it was to be called with.

use super::types::imported;
use crate::gil::Gil;
use crate::thread_owned::{Owned, ThreadOwned};
use pyo3::ffi;
use pyo3::Python;
use std::cell::Cell;
use std::ffi::CStr;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};

type Dealloc = unsafe extern "C" fn(*mut ffi::PyObject);

const SLOTS: usize = 24;
static ORIGINAL: [AtomicUsize; SLOTS] = [const { AtomicUsize::new(0) }; SLOTS];
static TYPES: [AtomicPtr<ffi::PyTypeObject>; SLOTS] =
    [const { AtomicPtr::new(std::ptr::null_mut()) }; SLOTS];
/// CPython's `subtype_dealloc`, which every class made in Python has.
static SUBTYPE: AtomicUsize = AtomicUsize::new(0);

/// One bit for each hash of an address whose end was asked for: most deaths end here.
const FILTER_BITS: usize = 1 << 20;
static FILTER: Gil<[u64; FILTER_BITS / 64]> = Gil::new([0; FILTER_BITS / 64]);

type Listener = fn(Python<'_>, usize);

/// What is told of the addresses of objects that die.
static LISTENERS: Gil<Vec<Listener>> = Gil::new(Vec::new());

#[inline(always)]
fn filter_bit(address: usize) -> (usize, u64) {
    let bit = (address >> 4) % FILTER_BITS;
    (bit / 64, 1 << (bit % 64))
}

/// Has `listener` told of each object that dies and whose end was asked for, and of some others. A
/// second call does nothing.
///
/// The GIL is held. The listener runs no Python code.
pub fn listen(py: Python<'_>, listener: Listener) {
    let known = |other: &Listener| *other as usize == listener as usize;
    if !LISTENERS.get(py).iter().any(known) {
        LISTENERS.get(py).push(listener);
    }
}

/// Tells of the end of an object.
#[cold]
pub fn tell(py: Python<'_>, address: usize) {
    LISTENERS
        .get(py)
        .iter()
        .for_each(|listener| listener(py, address));
}

/// Has the listeners told when the object at the address dies, and each later one there.
pub fn ask(py: Python<'_>, address: usize) {
    let (word, bit) = filter_bit(address);
    FILTER.get(py)[word] |= bit;
}

/// Whether the end of an object at the address may have been asked for.
#[inline(always)]
pub fn asked(py: Python<'_>, address: usize) -> bool {
    let (word, bit) = filter_bit(address);
    FILTER.get(py)[word] & bit != 0
}

thread_local! {
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    static DELAYED: ThreadOwned<Vec<(usize, usize)>> = const { ThreadOwned::new(Vec::new()) };
}

/// How deep containers may nest before their deallocation is put off. CPython's own guard
/// ("trashcan") looks for the original function in the slot and so does not work any more.
const MAX_DEPTH: u32 = 50;

unsafe extern "C" fn hook<const N: usize>(object: *mut ffi::PyObject) {
    let py = Python::assume_attached();
    if asked(py, object as usize) {
        tell(py, object as usize);
    }
    let original = ORIGINAL[N].load(Ordering::Relaxed);
    let exact = ffi::Py_TYPE(object) == TYPES[N].load(Ordering::Relaxed);
    // Instances of subclasses come from `subtype_dealloc`, whose own guard works, and which needs
    // this call to be over when it returns.
    if !exact || ffi::PyType_HasFeature(ffi::Py_TYPE(object), ffi::Py_TPFLAGS_HAVE_GC) == 0 {
        return call(original, object);
    }
    let depth = DEPTH.get();
    if depth >= MAX_DEPTH {
        ffi::PyObject_GC_UnTrack(object.cast());
        DELAYED.change(|list| list.push((original, object as usize)));
        return;
    }
    DEPTH.set(depth + 1);
    call(original, object);
    DEPTH.set(depth);
    if depth == 0 {
        drain(py);
    }
}

#[inline]
unsafe fn call(original: usize, object: *mut ffi::PyObject) {
    std::mem::transmute::<usize, Dealloc>(original)(object);
}

#[inline]
fn drain(_: Python<'_>) {
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        while let Some((original, object)) = DELAYED.change(Vec::pop) {
            DEPTH.set(1);
            call(original, object as *mut ffi::PyObject);
            DEPTH.set(0);
        }
    }
}

const HOOKS: [Dealloc; SLOTS] = [
    hook::<0>, hook::<1>, hook::<2>, hook::<3>, hook::<4>, hook::<5>, hook::<6>, hook::<7>,
    hook::<8>, hook::<9>, hook::<10>, hook::<11>, hook::<12>, hook::<13>, hook::<14>, hook::<15>,
    hook::<16>, hook::<17>, hook::<18>, hook::<19>, hook::<20>, hook::<21>, hook::<22>, hook::<23>,
];

/// Replaces the slots; done once in the life of the process.
pub fn install(py: Python<'_>) {
    if SUBTYPE.load(Ordering::Relaxed) != 0 {
        return;
    }
    let statics = [
        &raw mut ffi::PyBaseObject_Type,
        &raw mut ffi::PyList_Type,
        &raw mut ffi::PyDict_Type,
        &raw mut ffi::PySet_Type,
        &raw mut ffi::PyByteArray_Type,
        &raw mut ffi::PyMemoryView_Type,
        &raw mut ffi::PyCell_Type,
    ];
    let imported = [
        (c"collections", c"deque"),
        (c"collections", c"defaultdict"),
        (c"collections", c"OrderedDict"),
        (c"types", c"SimpleNamespace"),
        (c"_thread", c"LockType"),
        (c"_thread", c"RLock"),
        (c"_queue", c"SimpleQueue"),
    ];
    let mut types = Vec::from(statics);
    for (module, name) in imported {
        if let Some(found) = type_of(py, module, name) {
            types.push(found);
        }
    }
    // SAFETY: the GIL is held; what is put in has the form of what it replaces.
    unsafe {
        let class = ffi::PyObject_CallFunction(
            (&raw mut ffi::PyType_Type).cast(),
            c"s(){}".as_ptr(),
            c"probe".as_ptr(),
        );
        if class.is_null() {
            ffi::PyErr_Clear();
            return;
        }
        let subtype = (*class.cast::<ffi::PyTypeObject>()).tp_dealloc;
        ffi::Py_DECREF(class);
        let Some(subtype) = subtype else { return };
        SUBTYPE.store(subtype as usize, Ordering::Relaxed);
        for kind in types {
            watch(kind);
        }
    }
}

/// Notices the death of this type's instances from now on. A type without a deallocation of its own
/// has `subtype_dealloc`, which goes on to that of the nearest base with another: that is replaced.
///
/// # Safety
/// The GIL is held, and the type lives for ever.
pub unsafe fn watch(mut kind: *mut ffi::PyTypeObject) {
    if watches(kind) {
        return;
    }
    let inherits = |dealloc: Dealloc| dealloc as usize == SUBTYPE.load(Ordering::Relaxed);
    while (*kind).tp_dealloc.is_some_and(inherits) {
        kind = (*kind).tp_base;
    }
    let free = TYPES
        .iter()
        .position(|t| t.load(Ordering::Relaxed).is_null());
    if let (Some(slot), Some(original)) = (free, (*kind).tp_dealloc) {
        ORIGINAL[slot].store(original as usize, Ordering::Relaxed);
        TYPES[slot].store(kind, Ordering::Relaxed);
        (*kind).tp_dealloc = Some(HOOKS[slot]);
    }
}

/// Native types of modules that the program may import later, or never.
const LATE: &[(&CStr, &CStr)] = &[
    (c"array", c"array"),
    (c"mmap", c"mmap"),
    (c"_ctypes", c"Array"),
    (c"_ctypes", c"Structure"),
    (c"_ctypes", c"Union"),
    (c"_ctypes", c"_SimpleCData"),
];

/// Watches the native types whose modules have been imported by now.
pub fn watch_late(py: Python<'_>) {
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        for &(module, name) in LATE {
            let kind = imported(py, module, name);
            if !kind.is_null() && ffi::PyType_Check(kind.cast()) != 0 {
                watch(kind);
            }
        }
    }
}

fn type_of(_: Python<'_>, module: &CStr, name: &CStr) -> Option<*mut ffi::PyTypeObject> {
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        let module = ffi::PyImport_ImportModule(module.as_ptr());
        let mut found = std::ptr::null_mut();
        if !module.is_null() {
            found = ffi::PyObject_GetAttrString(module, name.as_ptr());
            ffi::Py_DECREF(module);
        }
        ffi::PyErr_Clear();
        // The reference is kept: the slot of this type points into this library from now on.
        (!found.is_null() && ffi::PyType_Check(found) != 0).then_some(found.cast())
    }
}

/// Whether a type was made by a `class` statement.
///
/// # Safety
/// The GIL is held and `kind` is live.
pub unsafe fn is_class(kind: *mut ffi::PyTypeObject) -> bool {
    let subtype = SUBTYPE.load(Ordering::Relaxed);
    (*kind)
        .tp_dealloc
        .is_some_and(|dealloc| dealloc as usize == subtype)
}

/// Whether the death of this type's instances is noticed.
///
/// # Safety
/// The GIL is held and `kind` is live.
pub unsafe fn watches(kind: *mut ffi::PyTypeObject) -> bool {
    let subtype = SUBTYPE.load(Ordering::Relaxed);
    let mut base = kind;
    while !base.is_null() {
        match (*base).tp_dealloc {
            Some(dealloc) if dealloc as usize == subtype => base = (*base).tp_base,
            Some(dealloc) => return HOOKS.iter().any(|&hook| hook as usize == dealloc as usize),
            None => return false,
        }
    }
    false
}
