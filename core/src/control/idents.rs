//! Idents and native ids of threads under control. A replay tells the program those of the recording;
//! a run that is to be the same again has made-up ones. Threads that live at the same time never share one.

use super::page::{state, Slot};
use super::slots::{controlled, in_use, page, process, strategy};
use crate::cpython::methods::{self, replace, TwoArguments};
use crate::gil::Gil;
use pyo3::ffi;
use pyo3::Python;
use std::cell::Cell;
use std::ffi::c_void;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicU32, Ordering};

type Object = *mut ffi::PyObject;
type Getter = unsafe extern "C" fn(Object, *mut c_void) -> Object;

/// Where made-up numbers begin: above all pids of the system, and where it maps no memory of itself.
const FIRST_NATIVE_ID: u32 = 5_000_000;
const FIRST_IDENT: u64 = 0x6000_0000_0000;
/// Idents are addresses of structures of the C library.
const IDENT_STEP: u64 = 0x1000;

static GET_IDENT: Gil<Option<TwoArguments>> = Gil::new(None);
static MAIN_IDENT: Gil<Option<TwoArguments>> = Gil::new(None);
static MAKE_HANDLE: Gil<Option<TwoArguments>> = Gil::new(None);
static GET_NATIVE_ID: Gil<Option<TwoArguments>> = Gil::new(None);
static CLOCK_ID: Gil<Option<TwoArguments>> = Gil::new(None);
static HANDLE_IDENT: Gil<Option<Getter>> = Gil::new(None);
/// Where a thread state has the ident, in words; 0: not known.
static IN_STATE: Gil<usize> = Gil::new(0);

thread_local! {
    /// What the program knows the calling thread by; 0: as the system does.
    static TOLD: Cell<(u64, u32)> = const { Cell::new((0, 0)) };
}

fn real_ident() -> u64 {
    // SAFETY: the call gets numbers alone.
    unsafe { libc::pthread_self() as u64 }
}

fn real_native_id() -> u32 {
    // SAFETY: the call gets numbers alone.
    unsafe { libc::syscall(libc::SYS_gettid) as u32 }
}

/// The ident and the native id by which the program knows the calling thread.
pub fn own() -> (u64, u32) {
    match TOLD.get() {
        (0, 0) => (real_ident(), real_native_id()),
        (0, native_id) => (real_ident(), native_id),
        (ident, 0) => (ident, real_native_id()),
        told => told,
    }
}

/// What the supervisor goes by in a run whose numbers are made up; 0 in any other.
pub fn supervisor() -> u32 {
    match super::pids::own() > FIRST_NATIVE_ID {
        true => FIRST_NATIVE_ID,
        false => 0,
    }
}

/// Gives the thread of the slot, and a process whose first it is, numbers that are made up.
pub fn make_up(count: &AtomicU32, slot: &mut Slot) {
    let number = count.fetch_add(1, Ordering::SeqCst) + 1;
    slot.ident = FIRST_IDENT + u64::from(number) * IDENT_STEP;
    slot.native_id = FIRST_NATIVE_ID + number;
    if slot.thread == 1 {
        slot.goes_by = slot.native_id;
    }
}

/// What a program goes by that the run has started, in a run whose numbers are made up.
///
/// # Safety
/// The calling thread has the baton.
pub unsafe fn make_up_pid() -> u32 {
    FIRST_NATIVE_ID + page().idents.fetch_add(1, Ordering::SeqCst) + 1
}

/// The number from which a native id or pid was made up; 0 if it was not.
pub fn made_from(native_id: u32) -> u32 {
    native_id.saturating_sub(FIRST_NATIVE_ID)
}

/// The calling thread goes by what its slot says.
pub fn begin(py: Python<'_>, slot: &mut Slot) {
    // SAFETY: the GIL is held, and the slot is of a process under control.
    unsafe {
        // A main thread is there before all others.
        if slot.thread != 1 && strategy().keeps_time() && (slot.ident == 0 || is_taken(py, slot)) {
            make_up(&page().idents, slot);
        }
    }
    slot.real_ident.store(real_ident(), Ordering::SeqCst);
    TOLD.set((slot.ident, slot.native_id));
    let place = IN_STATE.copied(py);
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        if place != 0 && slot.ident != 0 {
            // For whoever looks a thread up among all states: `sys._current_frames()`,
            // `PyThreadState_SetAsyncExc`, `faulthandler`.
            *ffi::PyThreadState_Get().cast::<u64>().add(place) = slot.ident;
        }
    }
}

/// The calling thread of a forked process is not under control: it has the system's numbers, but for
/// its ident, which a fork does not change.
pub fn leave() {
    TOLD.set((TOLD.get().0, 0));
}

/// Whether a living thread of this process goes by the ident or the native id that the slot says. The system gives
/// those of a thread that has ended to another, and in a changed program the first may live longer. To the
/// letter it does not: it has made its last event before the other makes its first.
unsafe fn is_taken(py: Python<'_>, slot: &Slot) -> bool {
    let has = |ident, native_id| ident == slot.ident || native_id == slot.native_id;
    let goes_by = |other: &Slot| {
        let begun = other.real_ident.load(Ordering::SeqCst) != 0;
        begun && !std::ptr::eq(other, slot) && has(other.ident, other.native_id)
    };
    let follow = page().strategy.replay.follow;
    follow && of_process(goes_by).is_some() || others(py).any(|(ident, native)| has(ident, native))
}

/// What the threads of this process go by that the system has numbered.
unsafe fn others(py: Python<'_>) -> impl Iterator<Item = (u64, u32)> {
    let (own, place) = (ffi::PyThreadState_Get(), IN_STATE.copied(py));
    let first = ffi::PyInterpreterState_ThreadHead(ffi::PyInterpreterState_Get());
    let exists = |state: &*mut ffi::PyThreadState| !state.is_null();
    let next = move |state: &*mut _| Some(ffi::PyThreadState_Next(*state)).filter(exists);
    let states = std::iter::successors(Some(first).filter(|_| place != 0), next);
    let numbers = states.filter(move |&state| state != own).map(move |state| {
        let numbers = state.cast::<u64>().add(place);
        (*numbers, *numbers.add(1) as u32)
    });
    numbers.filter(|&(ident, _)| ident != 0 && of_process(|slot| slot.ident == ident).is_none())
}

unsafe fn of_process(is: impl Fn(&Slot) -> bool) -> Option<&'static Slot> {
    let own = process();
    let mut living = in_use().iter().filter(|slot| {
        slot.process == own && slot.state.load(Ordering::SeqCst) != state::FREE && slot.ident != 0
    });
    living.find(|slot| is(slot))
}

/// The thread of this process that the program means.
unsafe fn real(told: u64) -> u64 {
    if told == own().0 {
        return real_ident();
    }
    if !controlled() {
        return told;
    }
    let slot = of_process(|slot| slot.ident == told);
    slot.map_or(told, |slot| slot.real_ident.load(Ordering::SeqCst))
}

/// What the program knows the thread of this process by. In a forked process that control has left,
/// the only thread goes by what it was told before.
pub fn told(_: Python<'_>, real: u64) -> u64 {
    if real == real_ident() {
        return own().0;
    }
    if !controlled() {
        return real;
    }
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    let slot = unsafe { of_process(|slot| slot.real_ident.load(Ordering::SeqCst) == real) };
    slot.map_or(real, |slot| slot.ident)
}

unsafe extern "C-unwind" fn get_ident(_: Object, _: Object) -> Object {
    ffi::PyLong_FromUnsignedLongLong(own().0)
}

/// `_thread._get_main_thread_ident`, where there is one, from which `threading` makes its main thread.
unsafe extern "C-unwind" fn main_ident(module: Object, unused: Object) -> Object {
    let py = Python::assume_attached();
    let Some(original) = MAIN_IDENT.copied(py) else {
        return null_mut();
    };
    known(py, original(module, unused))
}

/// `_thread._make_thread_handle`, where there is one. A fork keeps the handle alive that has the system's ident
/// of the thread that forked.
unsafe extern "C-unwind" fn make_handle(module: Object, ident: Object) -> Object {
    let py = Python::assume_attached();
    let Some(original) = MAKE_HANDLE.copied(py) else {
        return null_mut();
    };
    let ident = meant(ident);
    let handle = original(module, ident);
    ffi::Py_DECREF(ident);
    handle
}

unsafe extern "C-unwind" fn get_native_id(_: Object, _: Object) -> Object {
    ffi::PyLong_FromUnsignedLongLong(own().1.into())
}

/// What the program is told in the place of the ident, which is given up.
unsafe fn known(py: Python<'_>, ident: Object) -> Object {
    if ident.is_null() {
        return ident;
    }
    let known = told(py, ffi::PyLong_AsUnsignedLongLong(ident));
    ffi::Py_DECREF(ident);
    ffi::PyLong_FromUnsignedLongLong(known)
}

/// The ident in the place of the one that the program has; a new reference, or the same.
///
/// # Safety
/// The GIL is held, and the object is live.
pub unsafe fn meant(given: Object) -> Object {
    if ffi::PyLong_Check(given) != 0 {
        let known = ffi::PyLong_AsUnsignedLongLong(given);
        if !ffi::PyErr_Occurred().is_null() {
            ffi::PyErr_Clear();
        } else if real(known) != known {
            return ffi::PyLong_FromUnsignedLongLong(real(known));
        }
    }
    ffi::Py_NewRef(given)
}

unsafe extern "C-unwind" fn clock_id(module: Object, ident: Object) -> Object {
    let py = Python::assume_attached();
    let Some(original) = CLOCK_ID.copied(py) else {
        return null_mut();
    };
    let ident = meant(ident);
    let result = original(module, ident);
    ffi::Py_DECREF(ident);
    result
}

/// `_thread._ThreadHandle.ident`, where there is one.
unsafe extern "C" fn handle_ident(handle: Object, unused: *mut c_void) -> Object {
    let py = Python::assume_attached();
    let Some(original) = HANDLE_IDENT.copied(py) else {
        return null_mut();
    };
    known(py, original(handle, unused))
}

/// Puts the functions in the place of CPython's; a second call does nothing.
pub fn install(py: Python<'_>) {
    if GET_IDENT.copied(py).is_some() {
        return;
    }
    // SAFETY: the GIL is held; what is put in has the form of what it replaces.
    unsafe {
        let thread = ffi::PyImport_ImportModule(c"_thread".as_ptr());
        let none = ffi::METH_NOARGS;
        replace::<TwoArguments>(py, thread, c"get_ident", none, &GET_IDENT, get_ident);
        let name = c"_get_main_thread_ident";
        replace::<TwoArguments>(py, thread, name, none, &MAIN_IDENT, main_ident);
        let name = c"_make_thread_handle";
        replace::<TwoArguments>(py, thread, name, ffi::METH_O, &MAKE_HANDLE, make_handle);
        replace::<TwoArguments>(
            py,
            thread,
            c"get_native_id",
            none,
            &GET_NATIVE_ID,
            get_native_id,
        );
        if let Some(ident) = methods::getter(thread, c"_ThreadHandle", c"ident") {
            HANDLE_IDENT.set(py, (*ident).get);
            (*ident).get = Some(handle_ident);
        }
        let time = ffi::PyImport_ImportModule(c"time".as_ptr());
        replace::<TwoArguments>(
            py,
            time,
            c"pthread_getcpuclockid",
            ffi::METH_O,
            &CLOCK_ID,
            clock_id,
        );
        ffi::PyErr_Clear();
        IN_STATE.set(py, place_in_state());
    }
}

/// A thread state has the native id behind the ident.
unsafe fn place_in_state() -> usize {
    const WORDS: usize = 40;
    let state = ffi::PyThreadState_Get().cast::<u64>();
    let words = std::slice::from_raw_parts(state, WORDS);
    let numbers = [real_ident(), u64::from(real_native_id())];
    let place = words.windows(2).position(|pair| pair == numbers);
    place.unwrap_or(0)
}
