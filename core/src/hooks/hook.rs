//! A hook: a native object among the constants of rewritten code, one for each use of a site.
//!
//! The code reaches it by an operator (`hook[object]`, `hook[object] = value`), not by a call: the
//! interpreter may switch threads after a call, and a switch where the program allows none, such
//! as in a short critical section, would make its threads wait for each other.

use super::sites;
use crate::gil::Gil;
use crate::record::{alone, identity, locations, recording};
use pyo3::ffi;
use pyo3::Python;
use std::ffi::c_void;
use std::mem::{offset_of, size_of, ManuallyDrop};
use std::ptr::null_mut;

pub type Object = *mut ffi::PyObject;
pub type Binary = unsafe extern "C" fn(Object, Object) -> Object;
pub type Load = unsafe fn(Python<'_>, *mut Hook, Object) -> Object;
pub type Store = unsafe fn(Python<'_>, *mut Hook, Object, Object) -> bool;

/// How rewritten code reaches a hook. Where the operand stands for several things it is a tuple.
#[derive(Clone, Copy)]
pub enum Way {
    /// `hook[operand]`
    Load(Load),
    /// `hook[operand] = value`, or `del hook[operand]`, where the value is null.
    Store(Store),
    /// Either.
    Both(Load, Store),
    /// `hook(…)`, in place of a call.
    Call(ffi::vectorcallfunc),
}

#[repr(C)]
pub struct Hook {
    base: ffi::PyObject,
    vectorcall: Option<ffi::vectorcallfunc>,
    load: Load,
    store: Store,
    /// The id of the site in the present recording.
    pub id: u32,
    number: u32,
    /// Of the global, cell or attribute. This and `module` are strong references for ever.
    pub name: Object,
    pub module: Object,
    pub operator: Binary,
    /// The hook of the write that belongs to this read; null if there is none.
    pub partner: *mut Hook,
    /// Whether it is the write of an augmented assignment.
    pub augments: bool,
    /// Whether that is `+=` or `-=`.
    pub adds: bool,
    pub dunder: bool,
    /// Whether what was recorded here last was a read of a thread in company.
    read: bool,
    /// How often something was changed here by a thread that was alone, in this spell of it.
    changed: u16,
    spell: u32,
    /// What an attribute of this name is in the type with this version (see `attributes`).
    pub verdict: u8,
    pub version: u32,
    /// The global's location, in the recording with the number `epoch`.
    global: u32,
    epoch: u32,
    /// The object of the last access, while no numbered object has died since …
    pub object: Object,
    generation: u64,
    /// … and its number, or the location of its attribute.
    found: u32,
}

static KIND: Gil<*mut ffi::PyTypeObject> = Gil::new(null_mut());
static HOOKS: Gil<Vec<*mut Hook>> = Gil::new(Vec::new());
static PLAIN: Gil<*mut Hook> = Gil::new(null_mut());
static EPOCH: Gil<u32> = Gil::new(1);

unsafe extern "C" fn subscript(this: Object, operand: Object) -> Object {
    let py = Python::assume_attached();
    let hook = this.cast::<Hook>();
    ((*hook).load)(py, hook, operand)
}

unsafe extern "C" fn assign(this: Object, operand: Object, value: Object) -> i32 {
    let py = Python::assume_attached();
    let hook = this.cast::<Hook>();
    match ((*hook).store)(py, hook, operand, value) {
        true => 0,
        false => -1,
    }
}

unsafe fn no_load(py: Python<'_>, _: *mut Hook, _: Object) -> Object {
    wrong_way(py);
    null_mut()
}

unsafe fn no_store(py: Python<'_>, _: *mut Hook, _: Object, _: Object) -> bool {
    wrong_way(py);
    false
}

unsafe extern "C" fn no_call(_: Object, _: *const Object, _: usize, _: Object) -> Object {
    let py = Python::assume_attached();
    wrong_way(py);
    null_mut()
}

unsafe extern "C" fn no_operator(_: Object, _: Object) -> Object {
    let py = Python::assume_attached();
    wrong_way(py);
    null_mut()
}

#[cold]
fn wrong_way(_: Python<'_>) {
    let text = c"this hook is for another use";
    // SAFETY: the GIL is held, and the objects are live.
    unsafe { ffi::PyErr_SetString(ffi::PyExc_TypeError, text.as_ptr()) };
}

/// Without an address: that would be an input of the program's.
unsafe extern "C" fn text(_: Object) -> Object {
    ffi::PyUnicode_FromString(c"<hook>".as_ptr())
}

/// Makes the type. False with an exception set on failure.
pub fn init(py: Python<'_>) -> bool {
    let slot = |slot, pfunc| ffi::PyType_Slot { slot, pfunc };
    // SAFETY: zeros are a value of it, and it lives as long as the call takes.
    unsafe {
        let mut members = [
            ffi::PyMemberDef {
                name: c"__vectorcalloffset__".as_ptr(),
                type_code: ffi::Py_T_PYSSIZET,
                offset: offset_of!(Hook, vectorcall) as isize,
                flags: ffi::Py_READONLY,
                doc: std::ptr::null(),
            },
            // The site's number that the rewriter has; 0 where the hook records no access.
            ffi::PyMemberDef {
                name: c"site".as_ptr(),
                type_code: ffi::Py_T_UINT,
                offset: offset_of!(Hook, number) as isize,
                flags: ffi::Py_READONLY,
                doc: std::ptr::null(),
            },
            std::mem::zeroed(),
        ];
        let mut slots = [
            slot(ffi::Py_mp_subscript, subscript as *mut c_void),
            slot(ffi::Py_mp_ass_subscript, assign as *mut c_void),
            slot(ffi::Py_tp_repr, text as *mut c_void),
            slot(ffi::Py_tp_call, ffi::PyVectorcall_Call as *mut c_void),
            slot(ffi::Py_tp_members, members.as_mut_ptr().cast()),
            slot(0, null_mut()),
        ];
        let flags = ffi::Py_TPFLAGS_DEFAULT
            | ffi::Py_TPFLAGS_DISALLOW_INSTANTIATION
            | ffi::Py_TPFLAGS_HAVE_VECTORCALL;
        let mut spec = ffi::PyType_Spec {
            name: c"racetrace.tracer._core.Hook".as_ptr(),
            basicsize: size_of::<Hook>() as i32,
            itemsize: 0,
            flags: flags as u32,
            slots: slots.as_mut_ptr(),
        };
        KIND.set(py, ffi::PyType_FromSpec(&mut spec).cast());
        if KIND.copied(py).is_null() {
            return false;
        }
        PLAIN.set(
            py,
            make(
                py,
                New {
                    way: Way::Load(no_load),
                    number: 0,
                    name: null_mut(),
                    module: null_mut(),
                    operator: None,
                    adds: false,
                    partner: null_mut(),
                    dunder: false,
                },
            ),
        );
        !PLAIN.copied(py).is_null()
    }
}

/// What a new hook is about; see `Hook`.
pub struct New {
    pub way: Way,
    pub number: u32,
    pub name: Object,
    pub module: Object,
    pub operator: Option<Binary>,
    pub adds: bool,
    pub partner: *mut Hook,
    pub dunder: bool,
}

/// Makes a hook, which lives as long as the process; null with an exception set on failure. Takes
/// over the references to `name` (may be null) and `module`.
///
/// # Safety
/// What it is given is live.
pub unsafe fn make(py: Python<'_>, new: New) -> *mut Hook {
    let made = ffi::PyType_GenericAlloc(KIND.copied(py), 0).cast::<Hook>();
    if made.is_null() {
        return made;
    }
    let (load, store, call) = match new.way {
        Way::Load(load) => (load, no_store as Store, no_call as ffi::vectorcallfunc),
        Way::Store(store) => (no_load as Load, store, no_call as ffi::vectorcallfunc),
        Way::Both(load, store) => (load, store, no_call as ffi::vectorcallfunc),
        Way::Call(call) => (no_load as Load, no_store as Store, call),
    };
    made.write(Hook {
        base: std::ptr::read(made.cast()),
        vectorcall: Some(call),
        load,
        store,
        id: sites::id(py, new.number),
        number: new.number,
        name: new.name,
        module: new.module,
        operator: new.operator.unwrap_or(no_operator),
        partner: new.partner,
        augments: new.operator.is_some(),
        adds: new.adds,
        dunder: new.dunder,
        read: false,
        changed: 0,
        spell: 0,
        verdict: 0,
        version: 0,
        global: 0,
        epoch: 0,
        object: null_mut(),
        generation: 0,
        found: 0,
    });
    HOOKS.get(py).push(made);
    made
}

/// A new recording: all ids and locations are others.
pub fn reset(py: Python<'_>) {
    *EPOCH.get(py) += 1;
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        for &hook in HOOKS.get(py).iter() {
            (*hook).id = sites::id(py, (*hook).number);
            (*hook).read = false;
        }
    }
}

/// In a forked child: the sites stay, all locations are others.
pub fn after_fork(py: Python<'_>) {
    *EPOCH.get(py) += 1;
}

/// A hook for a site that is none of the rewritten code's: 0, or its id.
///
/// # Safety
/// The type has been made.
pub unsafe fn plain(py: Python<'_>, site: u32) -> ManuallyDrop<Hook> {
    let mut hook = ManuallyDrop::new(PLAIN.copied(py).read());
    hook.id = site;
    hook
}

impl Hook {
    /// Whether a read at this site is to be recorded. A thread that is alone reads unseen; but the
    /// first time after one that was seen, lest that is taken for what it goes by.
    #[inline(always)]
    pub unsafe fn reads(this: *mut Hook) -> bool {
        let reads = alone::reads();
        let before = std::mem::replace(&mut (*this).read, reads);
        reads || before && recording()
    }

    /// Whether a change that is about to be made at this site is to be recorded. One that is not tells
    /// no more than where objects lie (see `labels::lies`).
    #[inline(always)]
    pub unsafe fn changes(this: *mut Hook) -> bool {
        alone::reads() || alone::in_full() || (*this).shows_change()
    }

    #[inline]
    fn shows_change(&mut self) -> bool {
        if self.spell != alone::spell() {
            self.spell = alone::spell();
            self.changed = 0;
        }
        let shown = self.changed < alone::SHOWN;
        self.changed += u16::from(shown);
        shown
    }

    /// Make it one for an attribute of another name, of which nothing is known. `name` is borrowed.
    pub fn rename(&mut self, name: Object, dunder: bool) {
        self.name = name;
        self.dunder = dunder;
        self.version = 0;
        self.object = null_mut();
    }

    /// The location of the global that this hook is about.
    #[inline(always)]
    pub unsafe fn global(&mut self, py: Python<'_>) -> u32 {
        if self.epoch != EPOCH.copied(py) {
            self.global = locations::global(py, self.module, self.name);
            self.epoch = EPOCH.copied(py);
        }
        self.global
    }

    /// What was last found for this object: a number or a location, see the caller.
    #[inline(always)]
    pub unsafe fn cached(&self, py: Python<'_>, object: Object) -> Option<u32> {
        let same = self.object == object && self.generation == identity::generation(py);
        same.then_some(self.found)
    }

    #[inline]
    pub unsafe fn cache(&mut self, py: Python<'_>, object: Object, found: u32) -> u32 {
        self.object = object;
        self.generation = identity::generation(py);
        self.found = found;
        found
    }

    /// The number of a container that this hook works on.
    #[inline]
    pub unsafe fn number(&mut self, py: Python<'_>, object: Object) -> u32 {
        match self.cached(py, object) {
            Some(number) => number,
            None => self.cache(py, object, identity::object_id(py, object)),
        }
    }
}
