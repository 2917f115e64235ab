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
    channels, children, hooks, inputs, natives, ops, output, programs, record, reserve, schedule,
    signals, sync, traffic,
};
use std::io;
use std::path::Path;

/// Makes the process ready to be recorded; done once. Locks that the program makes from now on are
/// known to every later recording.
///
/// # Safety
/// The GIL is held.
unsafe fn install() {
    thread_exit::install();
    frames::init();
    reserve::when_out_of_room(|| {
        if recording() {
            state::fail(libc::ENOMEM);
        }
    });
    identity::install();
    holdings::install();
    hashes::install();
    sync::install();
    inputs::install();
    traffic::install();
    children::install();
    signals::install();
    natives::install();
    programs::install();
    channels::install();
    output::install();
}

/// The index of the run's first process.
const FIRST: u32 = 1;

/// Starts recording; the calling thread becomes the thread with the process's path ("main").
/// `lone_reads`: what it reads is recorded while it is alone, too.
///
/// # Safety
/// The GIL is held.
unsafe fn start(spool: &Path, birth: &Birth<'_>, memory: bool, lone_reads: bool) -> io::Result<()> {
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
    defs::open(&log).map_err(io::Error::from_raw_os_error)?;
    install();
    identity::reset();
    holdings::reset();
    locations::reset();
    inputs::reset();
    children::reset();
    natives::reset();
    channels::reset();
    strings::reset();
    sites::reset();
    stacks::reset();
    unrecorded::reset();
    strands::reset();
    hooks::reset();
    static AT_FORK: std::sync::Once = std::sync::Once::new();
    AT_FORK.call_once(|| {
        libc::pthread_atfork(None, None, Some(forget_in_child));
    });
    if state::count_recording() > 0 {
        adopted::begin();
    }
    begin(spool, birth, memory, lone_reads)?;
    sync::forget_numbers();
    Ok(())
}

unsafe fn begin(spool: &Path, birth: &Birth<'_>, memory: bool, lone_reads: bool) -> io::Result<()> {
    threads::open(spool, birth);
    reserve::keep_back();
    state::begin(memory);
    let always = lone_reads || hooks::shared::active();
    alone::begin(birth.process == FIRST, always);
    let (thread, object) = threads::first(birth);
    threads::enter(thread).map_err(io::Error::from_raw_os_error)?;
    record::event(ops::BEGIN, object, 0, 0, 0);
    Ok(())
}

/// A forked child shares the parent's mapped windows: it must not write a single record there.
extern "C" fn forget_in_child() {
    state::end();
    delegates::forget_in_child();
    unsafe { defs::close() };
}

/// Ends the recording. Buffers of threads that still run stay mapped, and unused.
///
/// # Safety
/// The GIL is held.
unsafe fn stop() {
    if recording() {
        page::anchor();
        unrecorded::rest();
        state::end();
        leave_thread();
        adopted::expect(Vec::new());
        defs::close();
    }
}

fn leave_thread() {
    delegates::end();
    threads::leave();
}

/// Goes on recording in a forked child. Its code and objects carry the numbers given in the
/// parent, so its log begins with how far the parent's strings, sites and flows are also its own.
///
/// # Safety
/// The GIL is held, in the only thread of the child.
unsafe fn after_fork(birth: &Birth<'_>, memory: bool) -> io::Result<()> {
    let Some(spool) = threads::spool() else {
        return Ok(());
    };
    let parent = state::process();
    let log = spool.join(
        File::Definitions {
            process: birth.process,
        }
        .name(),
    );
    defs::open(&log).map_err(io::Error::from_raw_os_error)?;
    Entry::new(Definition::Inherited, 4)
        .uint(u64::from(parent))
        .uint(u64::from(strings::count()))
        .uint(u64::from(sites::count()))
        .uint(u64::from(hooks::flows::count()))
        .write();
    page::note_process();
    identity::after_fork();
    locations::reset();
    stacks::reset();
    children::reset();
    natives::reset();
    hooks::after_fork();
    unrecorded::reset();
    strands::reset();
    begin(&spool, birth, memory, false)?;
    schedule::processes::go_on();
    Ok(())
}
