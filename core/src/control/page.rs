//! The control page: all that the controller knows, in memory shared by the processes of a run.
//!
//! Only the holder of the baton reads and writes it, so it needs no lock. The exceptions are
//! atomic: each slot's `state` and `go`, `holder`, and `urgent`.

use super::strategies::state::{Schedule, State};
use crate::os::futex::Turn;
use crate::spool::files::CONTROL;
use std::ffi::CString;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// How many threads may be alive at once in all processes of a run.
pub const SLOTS: usize = 4096;

pub const NEVER: u64 = u64::MAX;

/// In the place of the index of an event: there is no such event.
pub const NONE: u64 = u64::MAX;

/// In the place of an exit status.
pub const UNKNOWN: i32 = i32::MIN;

/// What a thread is doing.
pub mod state {
    /// Nobody's.
    pub const FREE: u32 = 0;
    /// It can go on, and waits for the baton. A thread that was started and has not begun is ready.
    pub const READY: u32 = 1;
    /// It has the baton and runs the program's code.
    pub const RUNNING: u32 = 2;
    /// It has the baton and is in the controller, so it is not to be set aside.
    pub const CONTROLLING: u32 = 3;
    /// It waits for its key to change or its deadline to pass.
    pub const BLOCKED: u32 = 4;
    /// It waits in something uncontrolled; others have the baton.
    pub const OUTSIDE: u32 = 5;
    /// A thread that is being started, or the first one of a process that is being made.
    pub const UNBORN: u32 = 6;
}

/// Why a thread that waited goes on.
pub mod reason {
    pub const CHANGED: u32 = 0;
    pub const TIMED_OUT: u32 = 1;
    pub const INTERRUPTED: u32 = 2;
    /// Nobody can go on, and what it waits for may come from outside the run.
    pub const ALONE: u32 = 3;
    /// It may look whether what it waits for has come.
    pub const LOOK: u32 = 4;
}

/// Whether what a thread waits for may come from outside the run.
pub mod outward {
    pub const NO: u8 = 0;
    /// If the run has started programs that are not of it.
    pub const OF_OTHERS: u8 = 1;
    /// The same, and what the run itself sends may take a moment to come.
    pub const LATE: u8 = 2;
    pub const YES: u8 = 3;
}

/// Keys of what is one for the whole run. Those of objects of one process, and of threads, are
/// different: see `slots::object_key` and `threads::end_key`.
pub mod key {
    /// A process has ended.
    pub const PROCESS_END: u64 = 3 << 61;

    /// Something has been read, written or closed.
    pub const IO: u64 = 5 << 61;

    /// A semaphore that processes share.
    pub fn semaphore(identity: u64) -> u64 {
        SEMAPHORE | identity >> 3
    }

    const SEMAPHORE: u64 = 1 << 62;

    pub fn is_semaphore(key: u64) -> bool {
        key >> 61 == SEMAPHORE >> 61
    }
}

/// How the run stands.
pub mod phase {
    pub const RUNNING: u32 = 0;
    /// Every thread waits, and none for a time: the processes are being ended.
    pub const DEADLOCK: u32 = 1;
    /// A replayed run has gone past the end of its trace: the processes are being ended.
    pub const REPLAYED: u32 = 2;
    /// A replayed run does something else than its trace says: the processes are being ended.
    pub const DIVERGED: u32 = 3;
    /// It has come to its bound of steps: the processes are being ended.
    pub const ENDLESS: u32 = 5;
    /// The supervisor waits no longer: the processes go on, and are not under control any more.
    pub const LEFT: u32 = 4;
}

#[repr(C, align(64))]
pub struct Slot {
    /// What the thread waits for the baton with.
    pub go: Turn,
    pub state: AtomicU32,
    /// The number of its process, as the controller counts them.
    pub process: u32,
    /// The process's number for the kernel; 0 while it is being made.
    pub pid: AtomicU32,
    /// The thread's id in its process.
    pub thread: u32,
    /// The thread's number for the kernel; 0 while it has not begun.
    pub tid: AtomicU32,
    pub reason: u32,
    /// Whether it sleeps on `go`.
    pub sleeps: AtomicU32,
    /// Who gave it the baton last, as slot + 1; 0: nobody.
    pub giver: u32,
    /// Whether it makes a process: others, which are not of the run, may have a part in that, and it
    /// waits for them.
    pub bears: AtomicU32,
    /// Whether what it waits for may come from outside the run.
    pub outward: u8,
    /// Whether it has looked for what it waits for since nobody else could go on.
    pub tried: bool,
    /// At which step, from 1 on, it looked for the last time: no other programs were left to bring
    /// what it waits for; 0: it has not.
    pub settled: u64,
    /// replay: how its wait is to end; 0: by what it waits for, or its deadline.
    pub offer: u32,
    /// The process that made it, by its pid, and, of one that a server made for that, the server.
    pub maker: u32,
    pub server: u32,
    /// What a blocked thread waits for; 0: only for its deadline.
    pub key: u64,
    /// What the interpreter releases at the thread's end without our seeing it; a key, or 0.
    pub sentinel: u64,
    /// In virtual ns; NEVER: none.
    pub deadline: u64,
    /// The strategy's.
    pub priority: u64,
    /// What it is called in schedules, and how often it has chosen who goes on.
    pub name: u64,
    pub choices: u32,
    /// The slot + 1 of who has started it, which goes on before it, until it has; 0: it has, or nobody.
    pub starter: u32,
    /// replay: the index of the thread's next event; `NONE` if it has no more.
    pub next: u64,
    /// replay: the index + 1 of the event before whose turn it was let take something out of a pipe.
    pub early: u64,
    /// replay: whether its last event was a REQUEST.
    pub asked: bool,
    /// replay: whether it has just started a thread, and has come to nothing of its own since: until it does,
    /// it goes first when that thread has begun, as it did in the recording.
    pub starts: bool,
    /// replay: of a manager's thread, the thread of the trace whose call it executes; 0: none.
    pub serves: u32,
    /// replay: the slot + 1 of the thread that this one acts for, and whose next event it has
    /// meanwhile, and its own next; 0: none.
    pub acts_for: u32,
    pub own_next: u64,
    /// replay: how many of its last events were not the trace's.
    pub strays: u32,
    /// Of a main thread: the virtual time at which its process is sent SIGALRM (0: it is not), after how long
    /// again, and whether it has just been.
    pub alarm: u64,
    pub alarm_interval: u64,
    pub alarm_sent: bool,
    /// What the program knows its process by; 0: by its pid.
    pub goes_by: u32,
    /// What the program knows the thread by, and what the interpreter does; 0: not known.
    pub ident: u64,
    pub native_id: u32,
    pub real_ident: AtomicU64,
    /// replay: how its process ended in the recording; `UNKNOWN`.
    pub ended: i32,
    /// replay: the signal that its process dies of when it has made its events; 0: none.
    pub doom: i32,
    /// What the thread is about to do (0: nothing that is recorded), to which object or location,
    /// where (0: unknown).
    pub op: u32,
    pub target: u32,
    pub site: u32,
}

/// A process of a run under control, or a program that it has started.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct PidPair {
    pub recorded: u32,
    pub real: u32,
}

/// As many pairs of ports are known at a time; then the oldest are forgotten.
pub const PORTS_KNOWN: usize = 1024;

/// A port as the program knows it, and as the system does.
pub type PortPair = (u16, u16);

/// Ports of the run, a bit each.
pub type Ports = [u64; 1024];

#[repr(C)]
pub struct Page {
    pub magic: AtomicU64,
    /// The holder of the baton, as slot + 1; 0: nobody, since all wait and some are outside.
    pub holder: AtomicU32,
    /// A thread (slot + 1) that a signal woke and that is to go next; 0: none.
    pub urgent: AtomicU32,
    pub phase: AtomicU32,
    /// Slots from here on were never used.
    pub used: AtomicU32,
    /// Processes of the run so far.
    pub processes: AtomicU32,
    /// A process (its pid) that has given the baton on and is ending; 0: none.
    pub departing: AtomicU32,
    /// The server that tells how it ended; 0: none.
    pub departing_from: AtomicU32,
    /// While nobody is the holder because somebody chooses: the pid of who does.
    pub chooser: AtomicU32,
    /// Scheduling points passed so far.
    pub steps: AtomicU64,
    /// Virtual time in ns from the start of the run.
    pub now: AtomicU64,
    /// How often a thread was set aside because it waited in something uncontrolled.
    pub set_aside: AtomicU64,
    /// How often the baton went from one thread to another.
    pub switches: AtomicU64,
    /// Threads that are set aside now.
    pub outside: AtomicU32,
    /// How often a thread came back from outside, and what that was at the last choice.
    pub returns: AtomicU32,
    pub returns_seen: AtomicU32,
    /// How long the holder has run while others were ready, in steps.
    pub turn: AtomicU64,
    /// The wall clock (ns since 1970) and the monotonic clock (ns) at virtual time 0.
    pub wall: AtomicU64,
    pub monotonic: AtomicU64,
    /// The state of the random numbers that the program gets from the system.
    pub entropy: u64,
    /// The last number from which idents and pids were made up.
    pub idents: AtomicU32,
    /// Whether a server has made processes of the run.
    pub served: bool,
    /// How often those who wait for pipes have looked in vain, all of them, after so many steps.
    pub looks: (u64, u32),
    /// Which main thread (slot + 1) has looked last for signals before the run is given up, after so
    /// many steps.
    pub interrupted: (u64, u32),
    /// The process that has started the run's first one, and gets those whose parents end.
    pub supervisor: u32,
    /// What the run's standard input is: the device and the number of its file.
    pub stdin: (u64, u64),
    /// The ports of the run's sockets.
    pub ports: Ports,
    /// replay: for how long nobody had gone on when that was given up, in ns; 0: it was not.
    pub gave_up_after: u64,
    /// replay: ports that the program knows by other numbers.
    pub port_pairs_used: AtomicU32,
    pub port_pairs: [PortPair; PORTS_KNOWN],
    pub strategy: State,
    /// The choices so far that were not those by default.
    pub made: Schedule,
    /// The slot + 1 of a thread that has left it and chooses for the last time; 0: none.
    pub leaver: u32,
    /// How often nobody who is a thread of the run has chosen.
    pub nameless: u32,
    /// After so many scheduling points the run is ended; 0: never.
    pub most_steps: u64,
    /// Whether a wait may end by its deadline before that has come, as in a run in which all others are slow.
    pub explores_time: bool,
    /// replay: the processes so far, and their recorded pids.
    pub pids_used: u32,
    pub pids: [PidPair; SLOTS],
    pub slots: [Slot; SLOTS],
}

const MAGIC: u64 = 0x6c6f_7274_6e6f_6374;

/// Maps the page of the spool; says whether this call made it.
pub fn map(spool: &Path) -> io::Result<(*mut Page, bool)> {
    let name = CString::new(spool.join(CONTROL).as_os_str().as_bytes())?;
    let size = size_of::<Page>();
    // SAFETY: the name ends in a zero; the descriptor and the memory are its own.
    unsafe {
        let flags = libc::O_RDWR | libc::O_CLOEXEC | libc::O_CREAT;
        let fd = libc::open(name.as_ptr(), flags, 0o600);
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        let mut memory = libc::MAP_FAILED;
        // The blocks are reserved: a store into a hole of a full disk would kill the program.
        let error = libc::posix_fallocate(fd, 0, size as libc::off_t);
        if error == 0 {
            let prot = libc::PROT_READ | libc::PROT_WRITE;
            memory = libc::mmap(null_mut(), size, prot, libc::MAP_SHARED, fd, 0);
        }
        let failure = match error {
            0 => io::Error::last_os_error(),
            error => io::Error::from_raw_os_error(error),
        };
        libc::close(fd);
        if memory == libc::MAP_FAILED {
            return Err(failure);
        }
        let page: *mut Page = memory.cast();
        let made = (*page)
            .magic
            .compare_exchange(0, MAGIC, Ordering::SeqCst, Ordering::SeqCst)
            .is_ok();
        Ok((page, made))
    }
}

/// The processes of this spool's run that are left running go on without control.
pub fn leave(spool: &Path) -> io::Result<()> {
    let (page, _) = map(spool)?;
    // SAFETY: the page is mapped.
    let run = unsafe { &*page };
    let running = &run.phase;
    let _ = running.compare_exchange(
        phase::RUNNING,
        phase::LEFT,
        Ordering::SeqCst,
        Ordering::SeqCst,
    );
    let waiting = |slot: &&Slot| slot.state.load(Ordering::SeqCst) != state::FREE;
    for slot in run.slots.iter().filter(waiting) {
        slot.go.give();
    }
    // SAFETY: nobody has a reference to it any more.
    unsafe { libc::munmap(page.cast(), size_of::<Page>()) };
    Ok(())
}
