//! The recording API as Python sees it; `tracer/_core/record.pyi` has its words.

use super::defs::Entry;
use super::{
    buffer, events, holdings, identity, locations, older, page, sites, state, strands, threads,
    unrecorded, uses, values,
};
use crate::cpython::originals;
use crate::ops;
use crate::spool::format::{Definition, Gap};
use crate::text::Text;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyCode;
use std::path::PathBuf;

#[pyfunction]
fn new_process(py: Python<'_>, name: Text, kind: Text) -> (String, u32) {
    threads::new_process(py, &name, &kind)
}

#[pyfunction]
fn process_index() -> u32 {
    state::process()
}

#[pyfunction]
#[pyo3(signature = (number, key=""))]
fn share_object(py: Python<'_>, number: u32, key: &str) -> &'static str {
    if number == 0 || !state::recording() {
        return "";
    }
    std::str::from_utf8(identity::share(py, number, key)).unwrap_or_default()
}

#[pyfunction]
fn shared_object(py: Python<'_>, key: &str) -> u32 {
    if key.is_empty() || !state::recording() {
        return 0;
    }
    identity::shared(py, key)
}

#[pyfunction]
fn object_of_steps(py: Python<'_>, name: &str) -> u32 {
    uses::object(py, name)
}

#[pyfunction]
fn recording() -> bool {
    state::recording()
}

#[pyfunction]
fn goes_on() -> bool {
    state::goes_on()
}

#[pyfunction]
fn mark_end(py: Python<'_>, spool: PathBuf) -> PyResult<()> {
    Ok(py.detach(|| page::end(&spool))?)
}

/// The next sequence number of the run that is recorded into this spool; 0 if it has not begun.
///
/// Raises OSError if that cannot be read.
#[pyfunction]
fn next_seq(spool: PathBuf) -> PyResult<u64> {
    Ok(page::next_seq(&spool)?)
}

#[pyfunction]
fn thread_path(py: Python<'_>, thread_id: u32) -> String {
    threads::path(py, thread_id).unwrap_or_default()
}

#[pyfunction]
fn rename_thread(py: Python<'_>, thread_id: u32, name: Text) {
    threads::rename(py, thread_id, &name)
}

#[pyfunction]
fn mark_internal(py: Python<'_>, internal: bool) {
    threads::mark_internal(py, internal)
}

#[pyfunction]
fn current_thread() -> u32 {
    buffer::thread()
}

#[pyfunction]
fn thread_object(py: Python<'_>, thread_id: u32) -> u32 {
    threads::object(py, thread_id)
}

#[pyfunction]
#[pyo3(signature = (kind, label=None))]
fn new_object(py: Python<'_>, kind: Text, label: Option<Text>) -> u32 {
    if !state::recording() {
        return 0;
    }
    identity::define_here(py, &kind, label.as_deref().unwrap_or_default())
}

#[pyfunction]
fn object_number(py: Python<'_>, object: &Bound<'_, PyAny>) -> u32 {
    // SAFETY: the object is live.
    unsafe { identity::known(py, object.as_ptr()) }
}

#[pyfunction]
fn is_part(py: Python<'_>, object: &Bound<'_, PyAny>, owner: u32) {
    // SAFETY: the object is live.
    let number = unsafe { identity::known(py, object.as_ptr()) };
    if number != 0 && owner != 0 && state::recording() {
        holdings::hold(py, locations::part_place(owner), number);
    }
}

#[pyfunction]
fn bind_object(py: Python<'_>, object: &Bound<'_, PyAny>, number: u32) {
    // An object whose death would go unnoticed stays without a number.
    // SAFETY: the object is live.
    if number != 0 && unsafe { crate::cpython::deaths::watches(object.get_type_ptr()) } {
        // SAFETY: the object is live.
        unsafe { identity::bind(py, object.as_ptr(), number) }
    }
}

/// An argument that may be left out, where None is a value.
enum Given<'py> {
    Absent,
    Value(Bound<'py, PyAny>),
}

impl<'py> FromPyObject<'_, 'py> for Given<'py> {
    type Error = std::convert::Infallible;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> Result<Self, Self::Error> {
        Ok(Given::Value(object.to_owned()))
    }
}

#[pyfunction]
#[pyo3(signature = (op, object, outcome=0, value=Given::Absent, link=0, about=0))]
fn emit(
    py: Python<'_>,
    op: u8,
    object: u32,
    outcome: u8,
    value: Given<'_>,
    link: u64,
    about: u32,
) -> u64 {
    let value = || match value {
        _ if link != 0 => (values::LINK, link),
        _ if about != 0 => (values::REF, u64::from(about)),
        Given::Value(value) => {
            let limit = match op {
                ops::OUTPUT => values::TEXT,
                ops::STEP => values::WHOLE,
                _ => values::SHORT,
            };
            // SAFETY: the object is live.
            unsafe { values::encode(py, value.as_ptr(), limit) }
        }
        Given::Absent => (values::ABSENT, 0),
    };
    events::emit(py, op, object, outcome, value)
}

/// The type and the site of an exception that nobody has caught, for `emit_failed`. Where there is no
/// memory for the answer it raises, as PyO3's conversions do not.
#[pyfunction]
fn failure<'py>(error: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = error.py();
    let name = error.get_type().name()?;
    // SAFETY: the objects are live.
    unsafe {
        let mut site = 0;
        if state::recording() && ffi::PyExceptionInstance_Check(error.as_ptr()) != 0 {
            let trace = ffi::PyException_GetTraceback(error.as_ptr());
            site = sites::raised_at(py, trace);
            ffi::Py_XDECREF(trace);
        }
        let site = Bound::from_owned_ptr_or_err(py, ffi::PyLong_FromUnsignedLong(site.into()))?;
        let both = ffi::PyTuple_Pack(2, name.as_ptr(), site.as_ptr());
        Bound::from_owned_ptr_or_err(py, both)
    }
}

/// The END of the calling thread, which died of an exception. Its gate has been passed.
#[pyfunction]
fn emit_failed(py: Python<'_>, object: u32, name: Text, site: u32) -> u64 {
    events::failed(py, object, values::text(py, name.as_bytes()), site)
}

#[pyfunction]
fn note(py: Python<'_>, text: Text) {
    if state::recording() {
        Entry::new(Definition::Note, 1).str(&text).write(py);
    }
}

fn gap_of(name: &str) -> PyResult<Gap> {
    Gap::of(name)
        .ok_or_else(|| pyo3::exceptions::PyValueError::new_err(format!("there is no gap {name}")))
}

/// Something of the run that is not in its events: see `model::Gap`.
#[pyfunction]
#[pyo3(signature = (kind, subject, thread=0))]
fn gap(py: Python<'_>, kind: &str, subject: Text, thread: u32) -> PyResult<()> {
    let kind = gap_of(kind)?;
    if state::recording() {
        Entry::new(Definition::Gap, 3)
            .str(kind.name())
            .str(&subject)
            .uint(u64::from(thread))
            .write(py);
    }
    Ok(())
}

/// The number of the calling thread's last event; 0 if it is not recorded.
#[pyfunction]
fn last_event() -> u64 {
    buffer::last_event()
}

/// What the calling thread has recorded after the event `since` was a turn of a strand.
#[pyfunction]
fn took_turn(py: Python<'_>, kind: &str, strand: u32, name: Text, since: u64) -> PyResult<()> {
    let kind = gap_of(kind)?;
    let last = last_event();
    if state::recording() && last > since {
        strands::took_turn(py, kind, strand, &name, (since + 1, last));
    }
    Ok(())
}

/// This code, and the code inside it, is recorded; the program sees it as the original.
#[pyfunction]
fn add_rewritten(
    py: Python<'_>,
    code: &Bound<'_, PyCode>,
    original: &Bound<'_, PyCode>,
) -> PyResult<()> {
    // SAFETY: the objects are live.
    unsafe {
        unrecorded::add_rewritten(py, code.as_ptr());
        originals::show(code.py(), code.as_ptr(), original.as_ptr())
    }
}

#[pyfunction]
fn set_internal(py: Python<'_>, prefixes: Vec<String>) {
    sites::set_internal(py, prefixes.into_iter().map(String::into_bytes).collect())
}

#[pyfunction]
fn pass_over(py: Python<'_>, code: &Bound<'_, PyCode>) {
    // SAFETY: the objects are live.
    unsafe { sites::pass_over(py, code.as_ptr()) }
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(recording, m)?)?;
    m.add_function(wrap_pyfunction!(goes_on, m)?)?;
    m.add_function(wrap_pyfunction!(mark_end, m)?)?;
    m.add_function(wrap_pyfunction!(next_seq, m)?)?;
    m.add_function(wrap_pyfunction!(rename_thread, m)?)?;
    m.add_function(wrap_pyfunction!(thread_path, m)?)?;
    m.add_function(wrap_pyfunction!(mark_internal, m)?)?;
    m.add_function(wrap_pyfunction!(current_thread, m)?)?;
    m.add_function(wrap_pyfunction!(thread_object, m)?)?;
    m.add_function(wrap_pyfunction!(new_object, m)?)?;
    m.add_function(wrap_pyfunction!(object_number, m)?)?;
    m.add_function(wrap_pyfunction!(bind_object, m)?)?;
    m.add_function(wrap_pyfunction!(is_part, m)?)?;
    m.add_function(wrap_pyfunction!(emit, m)?)?;
    m.add_function(wrap_pyfunction!(failure, m)?)?;
    m.add_function(wrap_pyfunction!(emit_failed, m)?)?;
    m.add_function(wrap_pyfunction!(note, m)?)?;
    m.add_function(wrap_pyfunction!(gap, m)?)?;
    m.add_function(wrap_pyfunction!(older::look_for_older, m)?)?;
    m.add_function(wrap_pyfunction!(older::older_met, m)?)?;
    m.add_function(wrap_pyfunction!(add_rewritten, m)?)?;
    m.add_function(wrap_pyfunction!(last_event, m)?)?;
    m.add_function(wrap_pyfunction!(took_turn, m)?)?;
    m.add_function(wrap_pyfunction!(set_internal, m)?)?;
    m.add_function(wrap_pyfunction!(pass_over, m)?)?;
    m.add_function(wrap_pyfunction!(new_process, m)?)?;
    m.add_function(wrap_pyfunction!(process_index, m)?)?;
    m.add_function(wrap_pyfunction!(share_object, m)?)?;
    m.add_function(wrap_pyfunction!(shared_object, m)?)?;
    m.add_function(wrap_pyfunction!(object_of_steps, m)?)?;
    Ok(())
}
