//! What passes between processes, in multiprocessing's pipes, queues, pools and managers: the hooks in
//! the standard library's code (see `tracer/primitives/pipes.py`), each of which runs once or more a
//! message or task.

mod envelopes;
mod exchanges;
mod managers;
mod pipes;
mod queues;
mod tasks;
mod trailers;

use crate::cpython::bytesio;
use crate::ops::{self, outcome};
use crate::os::is_ready;
use crate::primitives;
use crate::record::gate::{self, Answer};
use crate::record::{self, recording, values};
use crate::untraced;
pub use exchanges::Exchange;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

type Result<'py> = PyResult<Bound<'py, PyAny>>;
type Run = for<'py> fn(Python<'py>, &MessageHook, &[Bound<'py, PyAny>]) -> Result<'py>;

const HOOKS: &[(&str, Run)] = &[
    ("sending", pipes::sending),
    ("sending_bytes", pipes::sending_bytes),
    ("receiving", pipes::receiving),
    ("receiving_at_most", pipes::receiving_at_most),
    ("received", pipes::received),
    ("received_at_most", pipes::received_at_most),
    ("putting", queues::putting),
    ("put", queues::put),
    ("feeding", queues::feeding),
    ("fed", queues::fed),
    ("feeds", queues::feeds),
    ("same", queues::same),
    ("simply_putting", queues::simply_putting),
    ("simply_put", queues::simply_put),
    ("getting", queues::getting),
    ("got", queues::got),
    ("calling", managers::calling),
    ("called", managers::called),
    ("executing", managers::executing),
    ("refusing", managers::refusing),
    ("replying", managers::replying),
    ("waiting", tasks::waiting),
    ("told", tasks::told),
    ("giving", tasks::giving),
    ("taking", tasks::taking),
    ("draining", tasks::draining),
    ("take", tasks::take),
    ("finished", tasks::finished),
    ("give", tasks::give),
];

/// `hook[arguments]`, where the standard library's edited code calls it.
#[pyclass(frozen, module = "racetrace.tracer._core")]
pub struct MessageHook {
    run: Run,
    /// What is called for what is rare. It makes what is known of an owner, where that is not ready:
    /// it was unpickled, say.
    make: Py<PyAny>,
}

#[pymethods]
impl MessageHook {
    #[new]
    fn new(name: &str, make: Bound<'_, PyAny>) -> PyResult<MessageHook> {
        match HOOKS.iter().find(|(known, _)| *known == name) {
            Some(&(_, run)) => {
                bytesio::init(make.py())?;
                Ok(MessageHook {
                    run,
                    make: make.unbind(),
                })
            }
            None => Err(PyValueError::new_err(format!("no such hook: {name}"))),
        }
    }

    fn __getitem__<'py>(&self, py: Python<'py>, arguments: &Bound<'py, PyTuple>) -> Result<'py> {
        (self.run)(py, self, arguments.as_slice())
    }
}

impl MessageHook {
    /// The number of a pipe's end, or of a queue; 0 if it is not the program's, or nothing is
    /// recorded.
    fn number(&self, owner: &Bound<'_, PyAny>) -> PyResult<u32> {
        if !recording() {
            return Ok(0);
        }
        match primitives::known(owner) {
            None => Ok(0),
            Some(known) if primitives::says_internal(&known) => Ok(0),
            known => self.number_in(known, owner),
        }
    }

    /// The number in what is known of an owner, which is made if it is not ready.
    fn number_in(
        &self,
        known: Option<Bound<'_, PyAny>>,
        owner: &Bound<'_, PyAny>,
    ) -> PyResult<u32> {
        if let Some(number) = known.as_ref().and_then(primitives::number) {
            return Ok(number);
        }
        let made = untraced::call(self.make.bind(owner.py()), (owner,))?;
        Ok(primitives::number(&made).unwrap_or(0))
    }
}

/// The arguments of a hook.
fn given<'a, 'py, const N: usize>(
    arguments: &'a [Bound<'py, PyAny>],
) -> PyResult<&'a [Bound<'py, PyAny>; N]> {
    arguments
        .try_into()
        .map_err(|_| PyTypeError::new_err(format!("{N} arguments")))
}

fn none(py: Python<'_>) -> Bound<'_, PyAny> {
    py.None().into_bound(py)
}

/// Whether an operation has to wait, of which the gate has said that.
fn has_to_wait(answer: Answer<'_>, ready: impl FnOnce() -> PyResult<bool>) -> PyResult<bool> {
    match answer.has_to_wait() {
        Some(waits) => Ok(waits),
        None => ready().map(|ready| !ready),
    }
}

/// Records the REQUEST of an operation that has to wait, called `word`.
fn ask_for(py: Python<'_>, number: u32, word: &[u8], bounded: bool) {
    let how = match bounded {
        true => outcome::BOUNDED,
        false => outcome::OK,
    };
    record::emit(py, ops::REQUEST, number, how, || values::text(py, word));
}

/// The gate of an operation, and the REQUEST before it, called `word`, if that has to wait.
fn request(
    py: Python<'_>,
    op: u8,
    number: u32,
    word: &[u8],
    bounded: bool,
    ready: impl FnOnce() -> PyResult<bool>,
) -> PyResult<()> {
    gate::before(py, op, number, 0);
    // A START is another object's.
    let object = if op == ops::START { 0 } else { number };
    if has_to_wait(gate::answer(py, op, object), ready)? {
        ask_for(py, number, word, bounded);
        gate::before(py, op, number, 0);
    }
    Ok(())
}

/// The descriptor of a connection; None if it is closed.
fn handle(conn: &Bound<'_, PyAny>) -> PyResult<Option<i32>> {
    conn.getattr(intern!(conn.py(), "_handle"))?.extract()
}

/// Whether something can be read from the connection without waiting.
fn readable(conn: &Bound<'_, PyAny>) -> PyResult<bool> {
    Ok(handle(conn)?.is_none_or(|handle| is_ready(handle, false)))
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<MessageHook>()?;
    exchanges::register(m)?;
    queues::register(m)?;
    envelopes::register(m)
}
