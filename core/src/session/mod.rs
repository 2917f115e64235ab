//! One recording of one process: its start and end, and its going on in a forked child. This room knows
//! all others of the recorder, and none knows it.

mod python;

pub use python::register;

use crate::cpython::{frames, thread_exit};
use crate::record::defs::{self, Entry};
use crate::record::threads::{self, Birth};
use crate::record::{
    adopted, alone, delegates, hashes, holdings, identity, locations, page, recording, sites,
    stacks, state, strands, strings, unrecorded,
};
use crate::spool::files::File;
use crate::spool::format::Definition;
use crate::{
    channels, children, control, hooks, inputs, natives, ops, output, programs, record, reserve,
    signals, sync, traffic,
};
use pyo3::Python;
use std::io;
use std::path::Path;

/// Makes the process ready to be recorded; done once. Locks that the program makes from now on are
/// known to every later recording.
fn install(py: Python<'_>) {
    thread_exit::install();
    frames::init(py);
    reserve::when_out_of_room(|| {
        if recording() {
            state::fail(libc::ENOMEM);
        }
    });
    identity::install(py);
    holdings::install(py);
    hashes::install(py);
    sync::install(py);
    inputs::install(py);
    traffic::install(py);
    children::install(py);
    signals::install(py);
    natives::install(py);
    programs::install(py);
    channels::install(py);
    output::install(py);
}

/// The index of the run's first process.
const FIRST: u32 = 1;

/// Starts recording; the calling thread becomes the thread with the process's path ("main").
/// `lone_reads`: what it reads is recorded while it is alone, too.
fn start(
    py: Python<'_>,
    spool: &Path,
    birth: &Birth<'_>,
    memory: bool,
    lone_reads: bool,
) -> io::Result<()> {
    if recording() {
        return Err(io::Error::new(
            io::ErrorKind::AlreadyExists,
            "already recording",
        ));
    }
    page::open(spool)?;
    if birth.process != FIRST {
        page::note_process();
    }
    let log = spool.join(
        File::Definitions {
            process: birth.process,
        }
        .name(),
    );
    defs::open(py, &log).map_err(io::Error::from_raw_os_error)?;
    install(py);
    identity::reset(py);
    holdings::reset(py);
    locations::reset(py);
    inputs::reset(py);
    children::reset(py);
    natives::reset(py);
    channels::reset(py);
    strings::reset(py);
    sites::reset(py);
    stacks::reset(py);
    unrecorded::reset(py);
    strands::reset(py);
    hooks::reset(py);
    static AT_FORK: std::sync::Once = std::sync::Once::new();
    // SAFETY: the function that is given lives as long as the process.
    unsafe {
        AT_FORK.call_once(|| {
            libc::pthread_atfork(None, None, Some(forget_in_child));
        })
    };
    if state::count_recording() > 0 {
        adopted::begin();
    }
    begin(py, spool, birth, memory, lone_reads)?;
    sync::forget_numbers(py);
    Ok(())
}

fn begin(
    py: Python<'_>,
    spool: &Path,
    birth: &Birth<'_>,
    memory: bool,
    lone_reads: bool,
) -> io::Result<()> {
    threads::open(py, spool, birth);
    reserve::keep_back();
    state::begin(memory);
    let always = lone_reads || hooks::shared::active();
    alone::begin(py, birth.process == FIRST, always);
    let (thread, object) = threads::first(py, birth);
    threads::enter(py, thread).map_err(io::Error::from_raw_os_error)?;
    record::event(py, ops::BEGIN, object, 0, 0, 0);
    Ok(())
}

/// A forked child shares the parent's mapped windows: it must not write a single record there.
extern "C" fn forget_in_child() {
    // SAFETY: Python forks with the GIL held, and the child has it then.
    let py = unsafe { Python::assume_attached() };
    state::end();
    delegates::forget_in_child();
    defs::close(py);
}

/// Ends the recording. Buffers of threads that still run stay mapped, and unused.
fn stop(py: Python<'_>) {
    if recording() {
        page::anchor();
        unrecorded::rest(py);
        state::end();
        leave_thread(py);
        adopted::expect(Vec::new());
        defs::close(py);
    }
}

fn leave_thread(py: Python<'_>) {
    delegates::end(py);
    threads::leave();
}

/// Goes on recording in a forked child. Its code and objects carry the numbers given in the
/// parent, so its log begins with how far the parent's strings, sites and flows are also its own.
///
/// In the only thread of the child.
fn after_fork(py: Python<'_>, birth: &Birth<'_>, memory: bool) -> io::Result<()> {
    let Some(spool) = threads::spool(py) else {
        return Ok(());
    };
    let parent = state::process();
    let log = spool.join(
        File::Definitions {
            process: birth.process,
        }
        .name(),
    );
    defs::open(py, &log).map_err(io::Error::from_raw_os_error)?;
    Entry::new(Definition::Inherited, 4)
        .uint(u64::from(parent))
        .uint(u64::from(strings::count(py)))
        .uint(u64::from(sites::count(py)))
        .uint(u64::from(hooks::flows::count(py)))
        .write(py);
    page::note_process();
    identity::after_fork(py);
    locations::reset(py);
    stacks::reset(py);
    children::reset(py);
    natives::reset(py);
    hooks::after_fork(py);
    unrecorded::reset(py);
    strands::reset(py);
    begin(py, &spool, birth, memory, false)?;
    control::processes::go_on(py);
    Ok(())
}
