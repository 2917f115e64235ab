//! The recording API as Python sees it (`tracer._core`); see `_core.pyi` for its words.

use super::{
    alone, holdings, identity, locations, page, session, sites, strands, unrecorded, values,
};
use crate::cpython::originals;
use crate::ops;
use crate::text::Text;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyCode;
use std::path::PathBuf;

#[pyfunction]
#[pyo3(signature = (spool, process_index, process_path, memory, method="", name=Text::of("MainProcess"), daemon=false, object="", lone_reads=false))]
#[allow(clippy::too_many_arguments)]
fn start(
    spool: PathBuf,
    process_index: u32,
    process_path: &str,
    memory: bool,
    method: &str,
    name: Text,
    daemon: bool,
    object: &str,
    lone_reads: bool,
) -> PyResult<()> {
    let birth = session::Birth {
        process: process_index,
        path: process_path,
        method,
        name: &name,
        daemon,
        object,
    };
    Ok(unsafe { session::start(&spool, &birth, memory, lone_reads) }?)
}

#[pyfunction]
fn new_process(name: Text, kind: Text) -> (String, u32) {
    unsafe { session::new_process(&name, &kind) }
}

#[pyfunction]
fn child_ended(pid: i32, status: i32) {
    session::child_ended(crate::schedule::pids::real(pid) as u32, status);
}

#[pyfunction]
fn process_index() -> u32 {
    unsafe { session::process() }
}

#[pyfunction]
#[pyo3(signature = (number, key=""))]
fn share_object(number: u32, key: &str) -> &'static str {
    if number == 0 || !super::recording() {
        return "";
    }
    std::str::from_utf8(unsafe { identity::share(number, key) }).unwrap_or_default()
}

#[pyfunction]
fn shared_object(key: &str) -> u32 {
    if key.is_empty() || !super::recording() {
        return 0;
    }
    unsafe { identity::shared(key) }
}

#[pyfunction]
fn object_of_steps(name: &str) -> u32 {
    unsafe { super::uses::object(name) }
}

#[pyfunction]
fn install() {
    unsafe { session::install() }
}

#[pyfunction]
fn stop() {
    unsafe {
        crate::schedule::finish();
        session::stop();
        crate::schedule::release();
    }
}

#[pyfunction]
fn recording() -> bool {
    super::recording()
}

#[pyfunction]
fn goes_on() -> bool {
    session::goes_on()
}

#[pyfunction]
fn mark_end(py: Python<'_>, spool: PathBuf) -> PyResult<()> {
    Ok(py.detach(|| page::end(&spool))?)
}

#[pyfunction]
#[pyo3(signature = (name, daemon, kind, internal=false))]
fn new_thread(name: Text, daemon: bool, kind: Text, internal: bool) -> (u32, u32) {
    unsafe { session::new_thread(&name, daemon, &kind, internal) }
}

#[pyfunction]
fn late_thread(name: Text, daemon: bool, kind: Text, serves: &str) -> (u32, u32) {
    unsafe { session::late_thread(&name, daemon, &kind, serves) }
}

#[pyfunction]
fn adopt_threads(threads: Vec<(u64, String, bool, String)>) -> Vec<(u32, u32)> {
    unsafe { session::adopt_threads(&threads) }
}

#[pyfunction]
fn enter_thread(thread_id: u32) {
    unsafe { crate::schedule::enter(thread_id) };
    // If the spool can take no more, the recording has ended, and the program goes on.
    let _ = unsafe { session::enter_thread(thread_id) };
}

/// The calling thread is about to start one of its process that is not recorded. What the controller
/// knows that by; 0: it is not under control.
#[pyfunction]
fn new_unrecorded_thread() -> u32 {
    unsafe {
        alone::no_more();
        crate::schedule::bear_unrecorded()
    }
}

#[pyfunction]
fn enter_unrecorded_thread(thread_id: u32) {
    unsafe { crate::schedule::enter(thread_id) };
}

/// The thread has been started: under control it comes to wait for its turn first.
#[pyfunction]
fn await_entry(thread_id: u32) {
    unsafe { crate::schedule::await_entry(thread_id) }
}

/// The thread could not be started.
#[pyfunction]
fn forget_thread(thread_id: u32) {
    unsafe {
        alone::not_started(thread_id);
        crate::schedule::forget(thread_id)
    }
}

#[pyfunction]
fn leave_thread() {
    session::leave_thread();
}

#[pyfunction]
fn thread_path(thread_id: u32) -> &'static str {
    unsafe { session::thread_path(thread_id) }.unwrap_or_default()
}

#[pyfunction]
fn rename_thread(thread_id: u32, name: Text) {
    unsafe { session::rename_thread(thread_id, &name) }
}

#[pyfunction]
fn mark_internal(internal: bool) {
    unsafe { session::mark_internal(internal) }
}

#[pyfunction]
fn current_thread() -> u32 {
    session::current_thread()
}

#[pyfunction]
fn thread_object(thread_id: u32) -> u32 {
    unsafe { session::thread_object(thread_id) }
}

#[pyfunction]
#[pyo3(signature = (kind, label=None))]
fn new_object(kind: Text, label: Option<Text>) -> u32 {
    if !super::recording() {
        return 0;
    }
    unsafe { identity::define_here(&kind, label.as_deref().unwrap_or_default()) }
}

#[pyfunction]
fn object_number(object: &Bound<'_, PyAny>) -> u32 {
    unsafe { identity::known(object.as_ptr()) }
}

#[pyfunction]
fn is_part(object: &Bound<'_, PyAny>, owner: u32) {
    let number = unsafe { identity::known(object.as_ptr()) };
    if number != 0 && owner != 0 && super::recording() {
        unsafe { holdings::hold(locations::part_place(owner), number) };
    }
}

#[pyfunction]
fn bind_object(object: &Bound<'_, PyAny>, number: u32) {
    // An object whose death would go unnoticed stays without a number.
    if number != 0 && unsafe { crate::cpython::deaths::watches(object.get_type_ptr()) } {
        unsafe { identity::bind(object.as_ptr(), number) }
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
fn emit(op: u8, object: u32, outcome: u8, value: Given<'_>, link: u64, about: u32) -> u64 {
    let value = || match value {
        _ if link != 0 => (values::LINK, link),
        _ if about != 0 => (values::REF, u64::from(about)),
        Given::Value(value) => {
            let limit = if op == ops::OUTPUT {
                values::TEXT
            } else {
                values::SHORT
            };
            unsafe { values::encode(value.as_ptr(), limit) }
        }
        Given::Absent => (values::ABSENT, 0),
    };
    unsafe { super::emit(op, object, outcome, value) }
}

/// The type and the site of an exception that nobody has caught, for `emit_failed`. Where there is no
/// memory for the answer it raises, as PyO3's conversions do not.
#[pyfunction]
fn failure<'py>(error: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = error.py();
    let name = error.get_type().name()?;
    unsafe {
        let mut site = 0;
        if super::recording() && ffi::PyExceptionInstance_Check(error.as_ptr()) != 0 {
            let trace = ffi::PyException_GetTraceback(error.as_ptr());
            site = super::sites::raised_at(trace);
            ffi::Py_XDECREF(trace);
        }
        let site = Bound::from_owned_ptr_or_err(py, ffi::PyLong_FromUnsignedLong(site.into()))?;
        let both = ffi::PyTuple_Pack(2, name.as_ptr(), site.as_ptr());
        Bound::from_owned_ptr_or_err(py, both)
    }
}

/// The END of the calling thread, which died of an exception. Its gate has been passed.
#[pyfunction]
fn emit_failed(object: u32, name: Text, site: u32) -> u64 {
    unsafe { super::failed(object, values::text(name.as_bytes()), site) }
}

#[pyfunction]
fn note(text: Text) {
    if super::recording() {
        super::defs::Entry::new(super::defs::NOTE, 1)
            .str(&text)
            .write();
    }
}

/// Something of the run that is not in its events: see `model::Gap`.
#[pyfunction]
#[pyo3(signature = (kind, subject, thread=0))]
fn gap(kind: &str, subject: Text, thread: u32) {
    if super::recording() {
        super::defs::Entry::new(super::defs::GAP, 3)
            .str(kind)
            .str(&subject)
            .uint(u64::from(thread))
            .write();
    }
}

/// The number of the calling thread's last event; 0 if it is not recorded.
#[pyfunction]
fn last_event() -> u64 {
    session::last_event()
}

/// What the calling thread has recorded after the event `since` was a turn of a strand.
#[pyfunction]
fn took_turn(kind: &str, strand: u32, name: Text, since: u64) {
    let last = last_event();
    if super::recording() && last > since {
        unsafe { strands::took_turn(kind, strand, &name, (since + 1, last)) };
    }
}

/// This code, and the code inside it, is recorded; the program sees it as the original.
#[pyfunction]
fn add_rewritten(code: &Bound<'_, PyCode>, original: &Bound<'_, PyCode>) -> PyResult<()> {
    unsafe {
        unrecorded::add_rewritten(code.as_ptr());
        originals::show(code.py(), code.as_ptr(), original.as_ptr())
    }
}

#[pyfunction]
fn set_internal(prefixes: Vec<String>) {
    unsafe { sites::set_internal(prefixes.into_iter().map(String::into_bytes).collect()) }
}

#[pyfunction]
fn pass_over(code: &Bound<'_, PyCode>) {
    unsafe { sites::pass_over(code.as_ptr()) }
}

#[pyfunction]
fn after_fork(
    process_index: u32,
    process_path: &str,
    memory: bool,
    name: Text,
    daemon: bool,
    object: &str,
) -> PyResult<()> {
    let birth = session::Birth {
        process: process_index,
        path: process_path,
        method: "fork",
        name: &name,
        daemon,
        object,
    };
    Ok(unsafe { session::after_fork(&birth, memory) }?)
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(start, m)?)?;
    m.add_function(wrap_pyfunction!(install, m)?)?;
    m.add_function(wrap_pyfunction!(stop, m)?)?;
    m.add_function(wrap_pyfunction!(recording, m)?)?;
    m.add_function(wrap_pyfunction!(goes_on, m)?)?;
    m.add_function(wrap_pyfunction!(mark_end, m)?)?;
    m.add_function(wrap_pyfunction!(new_thread, m)?)?;
    m.add_function(wrap_pyfunction!(late_thread, m)?)?;
    m.add_function(wrap_pyfunction!(adopt_threads, m)?)?;
    m.add_function(wrap_pyfunction!(enter_thread, m)?)?;
    m.add_function(wrap_pyfunction!(new_unrecorded_thread, m)?)?;
    m.add_function(wrap_pyfunction!(enter_unrecorded_thread, m)?)?;
    m.add_function(wrap_pyfunction!(await_entry, m)?)?;
    m.add_function(wrap_pyfunction!(forget_thread, m)?)?;
    m.add_function(wrap_pyfunction!(leave_thread, m)?)?;
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
    m.add_function(wrap_pyfunction!(super::older::look_for_older, m)?)?;
    m.add_function(wrap_pyfunction!(super::older::older_met, m)?)?;
    m.add_function(wrap_pyfunction!(add_rewritten, m)?)?;
    m.add_function(wrap_pyfunction!(last_event, m)?)?;
    m.add_function(wrap_pyfunction!(took_turn, m)?)?;
    m.add_function(wrap_pyfunction!(set_internal, m)?)?;
    m.add_function(wrap_pyfunction!(pass_over, m)?)?;
    m.add_function(wrap_pyfunction!(after_fork, m)?)?;
    m.add_function(wrap_pyfunction!(new_process, m)?)?;
    m.add_function(wrap_pyfunction!(child_ended, m)?)?;
    m.add_function(wrap_pyfunction!(process_index, m)?)?;
    m.add_function(wrap_pyfunction!(share_object, m)?)?;
    m.add_function(wrap_pyfunction!(shared_object, m)?)?;
    m.add_function(wrap_pyfunction!(object_of_steps, m)?)?;
    Ok(())
}
