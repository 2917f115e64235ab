//! What C code keeps a state of and threads share: iterators, the buffers of files, and the files of the system.
//! That a thread uses one is a STEP while there are several threads, so that a replay has the order.

/// As many versions of a generic function as are asked for, in eights: each knows its place.
macro_rules! each {
    ($function:ident: $($eights:literal)*) => {
        [$(
            $function::<{ $eights * 8 }>, $function::<{ $eights * 8 + 1 }>,
            $function::<{ $eights * 8 + 2 }>, $function::<{ $eights * 8 + 3 }>,
            $function::<{ $eights * 8 + 4 }>, $function::<{ $eights * 8 + 5 }>,
            $function::<{ $eights * 8 + 6 }>, $function::<{ $eights * 8 + 7 }>,
        )*]
    };
}

mod buffers;
mod files;
pub mod iterators;

use crate::gil::Gil;
use crate::ops::{self, outcome};
use crate::record::askers::{Asker, Askers};
use crate::record::{self, alone, gate, page, sites, threads, uses, values};
use pyo3::ffi;
use pyo3::Python;
use std::sync::atomic::Ordering;

/// Who uses files.
static ASKERS: Askers = Askers::new(asker_in);

/// Modules that have steps of their own for what they write, or write for nobody else.
const SILENT: &[&[u8]] = &[
    b"/logging/__init__.py",
    b"/multiprocessing/",
    b"/concurrent/",
    b"/threading.py",
    b"/tracer/",
    b"/linecache.py",
    b"/traceback.py",
    b"/tokenize.py",
    b"importlib",
];

fn asker_in(py: Python<'_>, file: &[u8]) -> Asker {
    let within = |part: &&[u8]| file.windows(part.len()).any(|window| window == *part);
    if !sites::is_internal_name(py, file) {
        Asker::Program
    } else if SILENT.iter().any(within) {
        Asker::Other
    } else {
        Asker::GoBetween
    }
}

/// Whether threads may share something now. A replay asks its trace.
#[inline(always)]
fn may_be_shared(py: Python<'_>) -> bool {
    let several = threads::has_several_threads() && alone::has_company();
    record::recording() && (several || gate::is_settled(py))
}

/// Whether processes or threads may.
fn is_anything_shared(py: Python<'_>) -> bool {
    // SAFETY: the page is mapped while the process records.
    unsafe {
        may_be_shared(py)
            || record::recording() && page::page().several.load(Ordering::Relaxed) != 0
    }
}

/// Records that the calling thread is about to use what is shared, for the program.
///
/// Nothing is borrowed that another thread may want.
fn program_uses(py: Python<'_>, name: &str) {
    let object = uses::object(py, name);
    if !gate::next(py, ops::STEP, object).is_this_or(|| true) {
        return;
    }
    gate::before(py, ops::STEP, object, 0);
    record::event(py, ops::STEP, object, outcome::OK, values::ABSENT, 0);
}

/// Replaces functions and slots; a second call does nothing.
pub fn install(py: Python<'_>) {
    static INSTALLED: Gil<bool> = Gil::new(false);
    // SAFETY: the GIL is held; what is put in has the form of what it replaces.
    unsafe {
        if !INSTALLED.replace(py, true) {
            iterators::install(py);
            buffers::install(py);
            files::install(py);
            ffi::PyErr_Clear();
        }
    }
}

/// Forgets what belongs to another recording.
pub fn reset(py: Python<'_>) {
    ASKERS.forget(py);
    iterators::ASKERS.forget(py);
}
