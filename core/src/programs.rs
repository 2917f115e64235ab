//! The programs that the recorded one starts, or becomes: `os.posix_spawn`, `os.execv`, what
//! `subprocess` calls, and their like. What runs this Python is given the arguments that have it
//! recorded too; what they are `tracer.recording.programs` says.

use crate::children;
use crate::control::{self, pids, processes};
use crate::cpython::frames;
use crate::cpython::methods::{Fast, FastWithKeywords};
use crate::gil::Gil;
use crate::ops::{self, outcome};
use crate::record::{self, gate, uses, values};
use crate::traffic::steps::{self, Told};
use crate::untraced::untraced;
use pyo3::prelude::*;
use pyo3::{ffi, wrap_pyfunction};
use std::cell::Cell;

type Object = *mut ffi::PyObject;
type Varargs = unsafe extern "C-unwind" fn(Object, Object) -> Object;

static EXECV: Gil<Option<Fast>> = Gil::new(None);
/// Of `execve`, `posix_spawn` and `posix_spawnp`, in the order of `How`.
static WITH_KEYWORDS: [Gil<Option<FastWithKeywords>>; 3] = [const { Gil::new(None) }; 3];
static FORK_EXEC: Gil<Option<Fast>> = Gil::new(None);
/// The same with a tuple of arguments, which one or the other version has.
static FORK_EXEC_VARARGS: Gil<Option<Varargs>> = Gil::new(None);

/// What is asked about each program; None: they are left alone.
static HOOK: Gil<Option<Py<PyAny>>> = Gil::new(None);

thread_local! {
    /// Whether the process that this thread forks is to run another program.
    static REPLACED: Cell<bool> = const { Cell::new(false) };
}

/// How a program comes to run, as `tracer.recording.programs` knows it.
#[derive(Clone, Copy, PartialEq)]
#[repr(usize)]
enum How {
    Exec,
    Spawn,
    SpawnSearched,
}

/// A program that is going to be recorded: its arguments, and the object of its process.
struct Recorded {
    arguments: Object,
    number: u32,
}

impl Drop for Recorded {
    fn drop(&mut self) {
        // SAFETY: the reference is its own.
        unsafe { ffi::Py_DECREF(self.arguments) };
    }
}

impl Recorded {
    /// None if the program is to be left alone. No exception is set.
    unsafe fn ask(how: How, path: Object, arguments: Object) -> Option<Recorded> {
        let py = Python::assume_attached();
        if !record::recording() || path.is_null() || arguments.is_null() {
            return None;
        }
        let hook = HOOK.get(py).as_ref().map(|hook| hook.clone_ref(py))?;
        // What multiprocessing starts is recorded in another way, or is its own.
        let caller = frames::caller(py, |_, _| false);
        if caller.is_some_and(|file| file.ends_with(b"/multiprocessing/util.py")) {
            return None;
        }
        let path = Bound::from_borrowed_ptr(py, path);
        let arguments = Bound::from_borrowed_ptr(py, arguments);
        let (is_exec, searched) = (how == How::Exec, how == How::SpawnSearched);
        let answer = untraced(py, || {
            let answer = hook.call1(py, (path, arguments, is_exec, searched))?;
            answer.extract::<Option<(Py<PyAny>, u32)>>(py)
        });
        match answer {
            Ok(answer) => answer.map(|(arguments, number)| Recorded {
                arguments: arguments.into_ptr(),
                number,
            }),
            Err(error) => {
                error.write_unraisable(py, None);
                None
            }
        }
    }

    /// The call has returned: a pid, or null for a failure. An exec only returns when it fails.
    unsafe fn end(&self, py: Python<'_>, result: Object) {
        let failed = result.is_null();
        if failed {
            processes::not_made();
            let (mut kind, mut error, mut trace) = Default::default();
            ffi::PyErr_Fetch(&mut kind, &mut error, &mut trace);
            record::event(
                py,
                ops::START,
                self.number,
                outcome::RAISED,
                values::ABSENT,
                0,
            );
            ffi::PyErr_Restore(kind, error, trace);
        } else if let Ok(pid) = i32::try_from(ffi::PyLong_AsLong(result)) {
            processes::made(py, pid as u32);
            children::insert(py, pid, self.number, "subprocess");
        }
    }
}

/// The position of an argument that may be given by name.
unsafe fn position(count: isize, names: Object, at: isize, name: &str) -> Option<isize> {
    if at < count {
        return Some(at);
    }
    if names.is_null() {
        return None;
    }
    let given = |i: isize| {
        let word = ffi::PyTuple_GetItem(names, i);
        crate::text::utf8(word) == Some(name.as_bytes())
    };
    let found = (0..ffi::PyTuple_Size(names)).find(|&i| given(i))?;
    Some(count + found)
}

/// Calls `original` with the arguments of the program that is at `path` replaced if need be.
unsafe fn run(
    py: Python<'_>,
    how: How,
    given: &[Object],
    path: Option<isize>,
    arguments: Option<isize>,
    original: impl FnOnce(*const Object) -> Object,
) -> Object {
    let at = |position: Option<isize>| {
        position
            .and_then(|i| given.get(i as usize))
            .copied()
            .unwrap_or(std::ptr::null_mut())
    };
    let recorded = Recorded::ask(how, at(path), at(arguments));
    let position = arguments.unwrap_or_default() as usize;
    if how == How::Exec {
        if recorded.is_some() {
            processes::becoming(py);
        }
        return started(py, given, recorded, position, original);
    }
    if !starts_for_program(py) {
        return started(py, given, recorded, position, original);
    }
    gate::before(py, ops::STEP, uses::object(py, STARTED), 0);
    let told = steps::expected(py, STARTED);
    let result = started(py, given, recorded, position, original);
    told_pid(py, result, told)
}

/// What STEPs are on of the pids of programs that are started.
const STARTED: &str = "program";

/// Whether what is started is to be known to the program by a pid of the recording's.
fn starts_for_program(py: Python<'_>) -> bool {
    record::recording()
        && frames::caller(py, |_, _| false)
            .is_none_or(|file| !file.ends_with(b"/multiprocessing/util.py"))
}

/// The program's pid, of which the call's result is taken, as the program is told it.
unsafe fn told_pid(py: Python<'_>, result: Object, told: Option<Told>) -> Object {
    if result.is_null() {
        steps::failed(py, STARTED);
        return result;
    }
    let real = ffi::PyLong_AsLong(result) as u32;
    let known = match told {
        Some(Told::Came(words)) => words.parse().unwrap_or(real),
        _ if pids::known(real as i32) != real as i32 => pids::known(real as i32) as u32,
        _ if control::mine() && control::makes_up(py) => control::idents::make_up_pid(),
        _ => real,
    };
    if control::mine() {
        pids::add(known, real);
    }
    steps::step(py, STARTED, &known.to_string());
    if known == real {
        return result;
    }
    ffi::Py_DECREF(result);
    ffi::PyLong_FromLong(known.into())
}

/// Starts it; one that is to be recorded with other arguments, which are in the position.
unsafe fn started(
    py: Python<'_>,
    given: &[Object],
    recorded: Option<Recorded>,
    position: usize,
    original: impl FnOnce(*const Object) -> Object,
) -> Object {
    let Some(recorded) = recorded else {
        return original(given.as_ptr());
    };
    let mut given = given.to_vec();
    given[position] = recorded.arguments;
    let result = original(given.as_ptr());
    recorded.end(py, result);
    result
}

unsafe fn slice<'a>(given: *const Object, count: isize, names: Object) -> &'a [Object] {
    let named = if names.is_null() {
        0
    } else {
        ffi::PyTuple_Size(names)
    };
    if given.is_null() {
        return &[];
    }
    std::slice::from_raw_parts(given, (count + named) as usize)
}

unsafe extern "C-unwind" fn execv(module: Object, given: *const Object, count: isize) -> Object {
    let py = Python::assume_attached();
    let Some(original) = EXECV.copied(py) else {
        return std::ptr::null_mut();
    };
    let all = slice(given, count, std::ptr::null_mut());
    run(py, How::Exec, all, Some(0), Some(1), |given| {
        original(module, given, count)
    })
}

/// A function with keywords whose first arguments are `path` and `argv`.
unsafe extern "C-unwind" fn with_keywords<const HOW: usize>(
    module: Object,
    given: *const Object,
    count: isize,
    names: Object,
) -> Object {
    let py = Python::assume_attached();
    let Some(original) = WITH_KEYWORDS[HOW].copied(py) else {
        return std::ptr::null_mut();
    };
    let how = [How::Exec, How::Spawn, How::SpawnSearched][HOW];
    let path = position(count, names, 0, "path");
    let arguments = position(count, names, 1, "argv");
    run(
        py,
        how,
        slice(given, count, names),
        path,
        arguments,
        |given| original(module, given, count, names),
    )
}

/// `fork_exec(arguments, paths, …)`: what it forks runs the program's `preexec_fn` at most.
unsafe fn forked(
    py: Python<'_>,
    given: &[Object],
    original: impl FnOnce(*const Object) -> Object,
) -> Object {
    run(py, How::Spawn, given, Some(1), Some(0), |given| {
        REPLACED.set(true);
        let result = original(given);
        REPLACED.set(false);
        result
    })
}

unsafe extern "C-unwind" fn fork_exec(
    module: Object,
    given: *const Object,
    count: isize,
) -> Object {
    let py = Python::assume_attached();
    let Some(original) = FORK_EXEC.copied(py) else {
        return std::ptr::null_mut();
    };
    forked(py, slice(given, count, std::ptr::null_mut()), |given| {
        original(module, given, count)
    })
}

unsafe extern "C-unwind" fn fork_exec_varargs(module: Object, tuple: Object) -> Object {
    let py = Python::assume_attached();
    let Some(original) = FORK_EXEC_VARARGS.copied(py) else {
        return std::ptr::null_mut();
    };
    let count = ffi::PyTuple_Size(tuple);
    let given: Vec<Object> = (0..count).map(|i| ffi::PyTuple_GetItem(tuple, i)).collect();
    forked(py, &given, |given| {
        let tuple = ffi::PyTuple_New(count);
        for i in 0..count {
            let item = *given.offset(i);
            ffi::Py_INCREF(item);
            ffi::PyTuple_SetItem(tuple, i, item);
        }
        let result = original(module, tuple);
        ffi::Py_DECREF(tuple);
        result
    })
}

/// Replaces the functions; a second call does nothing.
pub fn install(py: Python<'_>) {
    if EXECV.copied(py).is_some() {
        return;
    }
    use crate::cpython::methods::replace;
    let keywords = ffi::METH_FASTCALL | ffi::METH_KEYWORDS;
    // SAFETY: the GIL is held; what is put in has the form of what it replaces.
    unsafe {
        let posix = ffi::PyImport_ImportModule(c"posix".as_ptr());
        replace::<Fast>(py, posix, c"execv", ffi::METH_FASTCALL, &EXECV, execv);
        let functions: [(_, FastWithKeywords); 3] = [
            (c"execve", with_keywords::<{ How::Exec as usize }>),
            (c"posix_spawn", with_keywords::<{ How::Spawn as usize }>),
            (
                c"posix_spawnp",
                with_keywords::<{ How::SpawnSearched as usize }>,
            ),
        ];
        for ((name, function), original) in functions.into_iter().zip(&WITH_KEYWORDS) {
            replace(py, posix, name, keywords, original, function);
        }
        let module = ffi::PyImport_ImportModule(c"_posixsubprocess".as_ptr());
        if !module.is_null() {
            let (fast, varargs) = (ffi::METH_FASTCALL, ffi::METH_VARARGS);
            replace::<Fast>(py, module, c"fork_exec", fast, &FORK_EXEC, fork_exec);
            replace::<Varargs>(
                py,
                module,
                c"fork_exec",
                varargs,
                &FORK_EXEC_VARARGS,
                fork_exec_varargs,
            );
        }
        // A function that this Python does not have, or has in another form, stays as it is.
        ffi::PyErr_Clear();
    }
}

/// From now on the hook is asked about each program that is started, with the path, or the paths
/// that are tried, the arguments, whether it takes this process, and whether it is looked for on
/// PATH. It returns the arguments to start it with and the object of its process, or None.
#[pyfunction]
fn follow_programs(py: Python<'_>, hook: Option<Py<PyAny>>) {
    HOOK.set(py, hook);
}

/// Whether the process that this thread forks is to run another program.
#[pyfunction]
fn forks_for_program() -> bool {
    REPLACED.get()
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(follow_programs, m)?)?;
    m.add_function(wrap_pyfunction!(forks_for_program, m)?)
}
