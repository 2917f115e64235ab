//! The ends of children: who asks for them, waits for them, and what that records.

use super::{children, item, Object};
use crate::control::page::{key, outward};
use crate::control::{self, members, Woken};
use crate::cpython::frames;
use crate::gil::Gil;
use crate::ops::{self, outcome};
use crate::record::gate::{self, Answer};
use crate::record::{self, threads, uses, values};
use pyo3::prelude::*;
use pyo3::{ffi, PyErr};
use std::time::{Duration, Instant};

/// multiprocessing asks for its Process objects, whose joins are recorded there.
pub fn asked_by_multiprocessing(py: Python<'_>) -> bool {
    // Its code; a pool asks for each of its workers all the time.
    static ASKING: Gil<usize> = Gil::new(0);
    let mut code = 0;
    frames::walk_codes(py, |innermost| {
        code = innermost;
        true
    });
    if code == 0 || code == ASKING.copied(py) {
        return code != 0;
    }
    let asks = frames::caller(py, |_, _| false)
        .is_some_and(|file| file.ends_with(b"/multiprocessing/popen_fork.py"));
    // SAFETY: the frames are those that run, and keep their code alive.
    unsafe {
        if asks {
            frames::keep(code);
            ASKING.set(py, code);
        }
    }
    asks
}

/// What STEPs are on that tell of looks at children, and of waits for any program.
pub const LOOK: &str = "wait";
pub const ANY: &str = "wait for any";

/// One call that waits for `pid`, or for any child if that is not positive.
pub struct Wait {
    pub silent: bool,
    requested: u32,
    waits: bool,
}

impl Wait {
    pub fn begin(py: Python<'_>, pid: i32, options: i32) -> Option<Wait> {
        let object = children(py).get(&pid).copied();
        if !record::recording() || children(py).is_empty() || pid > 0 && object.is_none() {
            return None;
        }
        let mut wait = Wait {
            silent: asked_by_multiprocessing(py),
            requested: object.unwrap_or(0),
            waits: false,
        };
        if !wait.silent {
            let looks = uses::object(py, LOOK);
            match gate::next(py, ops::STEP, looks).is_this() {
                true => gate::before(py, ops::STEP, looks, 0),
                false => gate::before(py, ops::JOIN, wait.requested, 0),
            }
        }
        if !wait.silent && options & libc::WNOHANG == 0 && must_wait(py, pid, wait.requested) {
            wait.waits = true;
            let (tag, bits) = values::text(py, b"join");
            record::event(py, ops::REQUEST, wait.requested, outcome::OK, tag, bits);
        }
        Some(wait)
    }

    /// The call has returned a pid and a status of the kernel's form, or null.
    pub unsafe fn end(&self, py: Python<'_>, result: Object) {
        if result.is_null() {
            self.failed(py);
        } else if let (Some(pid), Some(status)) = (item(result, 0), item(result, 1)) {
            if libc::WIFEXITED(status) {
                self.learned(py, pid, libc::WEXITSTATUS(status));
            } else if libc::WIFSIGNALED(status) {
                self.learned(py, pid, -libc::WTERMSIG(status));
            }
        }
    }

    pub fn learned(&self, py: Python<'_>, pid: i32, status: i32) {
        let Some(object) = children(py).remove(&pid) else {
            return;
        };
        threads::child_ended(py, pid as u32, status);
        if !self.silent {
            if !control::passed(py) {
                gate::before(py, ops::JOIN, object, 0);
            }
            let bits = i64::from(status) as u64;
            record::event(py, ops::JOIN, object, outcome::OK, values::INT, bits);
        }
    }

    pub fn failed(&self, py: Python<'_>) {
        if !self.waits {
            return;
        }
        let error = PyErr::take(py);
        let how = match &error {
            Some(error) if error.is_instance_of::<pyo3::exceptions::PyKeyboardInterrupt>(py) => {
                outcome::INTERRUPTED
            }
            _ => outcome::RAISED,
        };
        record::event(py, ops::JOIN, self.requested, how, values::ABSENT, 0);
        if let Some(error) = error {
            error.restore(py);
        }
    }
}

/// Whether a wait for the child would return at once; the child stays to be waited for.
fn has_ended(pid: i32) -> bool {
    // SAFETY: zeros are a value of it, and it lives as long as the call takes.
    unsafe {
        let mut info: libc::siginfo_t = std::mem::zeroed();
        let kind = if pid > 0 { libc::P_PID } else { libc::P_ALL };
        let options = libc::WEXITED | libc::WNOHANG | libc::WNOWAIT;
        libc::waitid(kind, pid.max(0) as u32, &mut info, options) != 0 || info.si_pid() != 0
    }
}

/// Whether the program is told that it waits. A replay may be past the child's last event, and the
/// child not have ended.
fn must_wait(py: Python<'_>, pid: i32, object: u32) -> bool {
    let answer = gate::answer(py, ops::JOIN, object);
    answer.has_to_wait().unwrap_or_else(|| !has_ended(pid))
}

/// Under control, lets others go on until a wait for the child would return at once. False, with an
/// exception, if the handler of a signal raised.
pub fn let_others_run(py: Python<'_>, pid: i32, op: u8) -> bool {
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        while control::mine() && !has_ended(pid) {
            let is_member = |pid: i32| members::is_member(pid as u32);
            let wait = control::Wait {
                key: key::PROCESS_END,
                op,
                outward: match pid > 0 && is_member(pid)
                    || pid <= 0 && children(py).keys().any(|&pid| is_member(pid))
                {
                    true => outward::NO,
                    false => outward::YES,
                },
                ..control::Wait::default()
            };
            match control::block(py, wait) {
                Woken::Interrupted if ffi::PyErr_CheckSignals() < 0 => return false,
                Woken::Alone | Woken::Uncontrolled => break,
                _ => {}
            }
        }
    }
    true
}

/// The answer of a call that waits for `pid`, or for any child.
pub fn asked(
    py: Python<'_>,
    wait: &Option<Wait>,
    pid: i32,
    options: i32,
    ask: impl FnOnce() -> Object,
) -> Object {
    let silent = wait.as_ref().is_none_or(|wait| wait.silent);
    let finds = || {
        matches!(
            gate::answer(py, ops::JOIN, 0),
            Answer::Is(_) | Answer::Fails(_)
        )
    };
    let waits = options & libc::WNOHANG == 0 || !silent && finds();
    let op = if silent { 0 } else { ops::JOIN };
    match !waits || let_others_run(py, pid, op) {
        true => ask(),
        false => std::ptr::null_mut(),
    }
}

/// How long a replay waits for a program that had ended by then.
const PATIENCE: Duration = Duration::from_secs(10);

/// The answer of a look that finds no child that has ended.
pub fn nothing(_: Python<'_>) -> Object {
    // SAFETY: the GIL is held, and the objects are live.
    unsafe { ffi::Py_BuildValue(c"(ii)".as_ptr(), 0, 0) }
}

/// Waits in a replay until the child has ended, which had by then. False, with an exception, if the handler
/// of a signal raised.
pub fn await_end(py: Python<'_>, pid: i32, op: u8) -> bool {
    if !let_others_run(py, pid, op) {
        return false;
    }
    let end = Instant::now() + PATIENCE;
    // SAFETY: the GIL is held, and is taken again before anything of Python is touched.
    unsafe {
        let saved = ffi::PyEval_SaveThread();
        while !has_ended(pid) && Instant::now() < end {
            std::thread::sleep(Duration::from_micros(200));
        }
        ffi::PyEval_RestoreThread(saved);
        true
    }
}
