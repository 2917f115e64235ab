//! Threads and processes that have left the run, or died: nobody goes on before they have gone.

use super::members::{is_alive, is_busy, state_of};
use super::page::{key, state, Slot};
use super::slots::{in_use, page, process, undisturbed, wake_all, without_gil};
use pyo3::Python;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// How long a thread that has ended is waited for: on a busy machine it takes a while.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long a process that has given the baton on may take to end.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// The thread of this process that has given the baton on at its end, for the kernel; 0: none.
static LEFT: AtomicU32 = AtomicU32::new(0);

/// Waits until the thread of this process that gave the baton on at its end has gone, with its stack
/// and what it had allocated.
pub unsafe fn await_left() {
    let tid = LEFT.swap(0, Ordering::SeqCst);
    let end = Instant::now() + PATIENCE;
    while tid != 0
        && libc::syscall(libc::SYS_tgkill, libc::getpid(), tid, 0) == 0
        && Instant::now() < end
    {
        libc::sched_yield();
    }
}

/// The calling thread, which the kernel knows by the number, has given the baton on at its end.
pub fn leaves(tid: u32) {
    LEFT.store(tid, Ordering::SeqCst);
}

/// Frees the slot; says whether its thread had the baton.
pub unsafe fn free(slot: &Slot) -> bool {
    let was = slot.state.swap(state::FREE, Ordering::SeqCst);
    if was == state::OUTSIDE {
        page().outside.fetch_sub(1, Ordering::SeqCst);
    }
    matches!(was, state::RUNNING | state::CONTROLLING)
}

/// Makes ready who may wait for what the end of a process brings about.
pub unsafe fn wake_for_end() {
    wake_all(key::PROCESS_END);
    wake_all(key::IO);
}

/// The calling thread has just got the baton: a process that has left is gone before it goes on.
pub unsafe fn await_departed() {
    let pid = page().departing.swap(0, Ordering::SeqCst);
    if pid != 0 && pid != std::process::id() {
        undisturbed(|| {
            await_death(pid, LAST_WORDS);
            await_word(pid, page().departing_from.load(Ordering::SeqCst));
        });
    }
}

/// Waits until the server that has made a process, which is dead, has told how it ended.
fn await_word(pid: u32, server: u32) {
    if server == 0 {
        return;
    }
    let end = Instant::now() + LAST_WORDS;
    let told = || state_of(pid).is_none() && !is_busy(server);
    while !told() && Instant::now() < end {
        std::thread::sleep(Duration::from_micros(100));
    }
}

/// Waits until the process is dead; it may still have to be waited for.
unsafe fn await_death(pid: u32, limit: Duration) {
    let descriptor = libc::syscall(libc::SYS_pidfd_open, pid, 0) as i32;
    if descriptor >= 0 {
        let mut asked = libc::pollfd {
            fd: descriptor,
            events: libc::POLLIN,
            revents: 0,
        };
        let end = Instant::now() + limit;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let done = libc::poll(&mut asked, 1, left.as_millis() as i32);
            if done >= 0 || crate::os::errno() != libc::EINTR {
                break;
            }
        }
        libc::close(descriptor);
        return;
    }
    let end = Instant::now() + limit;
    while is_alive(pid) && Instant::now() < end {
        std::thread::sleep(Duration::from_micros(100));
    }
}

/// Takes the slots of processes that have died without leaving. If one had the baton, it is to be given to somebody. Says whether there were any, and whether it is.
pub unsafe fn take_slots_of_dead() -> (bool, bool) {
    let mut last = (0, true);
    let (mut found, mut had_baton) = (0, false);
    let mut server = 0;
    for slot in in_use() {
        let pid = slot.pid.load(Ordering::SeqCst);
        let own = slot.process == process();
        if pid == 0 || own || slot.state.load(Ordering::SeqCst) == state::FREE {
            continue;
        }
        if pid != last.0 {
            last = (pid, is_alive(pid));
        }
        if !last.1 {
            found = pid;
            server = slot.server.max(server);
            had_baton |= free(slot);
        }
    }
    if found != 0 {
        await_word(found, server);
        wake_for_end();
    }
    (found != 0, had_baton)
}

/// Waits until a process of the run, which has just been killed by the holder of the baton, is dead.
pub unsafe fn await_killed(py: Python<'_>, pid: u32) {
    // A watchdog may have freed its slot already.
    let slots = in_use().iter();
    let server = slots
        .filter(|slot| slot.pid.load(Ordering::SeqCst) == pid)
        .map(|slot| slot.server)
        .max();
    without_gil(py, || {
        await_death(pid, LAST_WORDS);
        await_word(pid, server.unwrap_or(0));
    });
}
