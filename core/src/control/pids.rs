//! The pids of a run under control: the program is told those of the recording, or made-up ones, the system the
//! real ones.

use super::page::{PidPair, Slot, SLOTS};
use super::slots::{controlled, page};
use std::sync::atomic::{AtomicU32, Ordering};

/// The pid that this process goes by; 0: its own.
static OWN: AtomicU32 = AtomicU32::new(0);

unsafe fn pairs() -> &'static [PidPair] {
    let page = page();
    &page.pids[..page.pids_used as usize]
}

/// The process with the pid goes by the recorded one (0: none is known), or a program that the run has started.
/// Where there are very many, in the place of one that has gone. By the holder of the baton.
///
/// # Safety
/// The calling thread has the baton, or the GIL while nobody else can get it.
pub unsafe fn add(recorded: u32, real: u32) {
    let page = page();
    let used = page.pids_used as usize;
    let known = pairs()
        .iter()
        .any(|pair| pair.real == real && pair.recorded == recorded);
    if recorded == 0 || real == 0 || known {
        return;
    }
    let free = match used < SLOTS {
        true => Some(used),
        false => pairs().iter().position(is_gone),
    };
    if let Some(free) = free {
        page.pids[free] = PidPair { recorded, real };
        page.pids_used = page.pids_used.max(free as u32 + 1);
    }
}

/// Whether there is no such process any more.
fn is_gone(pair: &PidPair) -> bool {
    // SAFETY: the call gets numbers alone; errno is this thread's.
    unsafe { libc::kill(pair.real as i32, 0) != 0 && *libc::__errno_location() == libc::ESRCH }
}

/// This process, whose first thread has the slot, goes by the recorded pid.
///
/// # Safety
/// The calling thread has the baton, or the GIL while nobody else can get it.
pub unsafe fn begin(slot: &Slot) {
    add(slot.goes_by, std::process::id());
    OWN.store(slot.goes_by, Ordering::Relaxed);
}

/// What the program knows this process by.
pub fn own() -> u32 {
    match OWN.load(Ordering::Relaxed) {
        recorded if recorded != 0 && controlled() => recorded,
        _ => std::process::id(),
    }
}

/// What the program knows the process by.
pub fn known(real: i32) -> i32 {
    if !controlled() {
        return real;
    }
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    let pairs = unsafe { pairs() }.iter().rev();
    let mut found = pairs.filter(|pair| pair.real == real as u32);
    found.next().map_or(real, |pair| pair.recorded as i32)
}

/// The process that the program means.
pub fn real(known: i32) -> i32 {
    if !controlled() || known <= 0 {
        return known;
    }
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    let mut pairs = unsafe { pairs() }.iter().rev();
    match pairs.find(|pair| pair.recorded == known as u32) {
        Some(pair) if !is_own_stranger(known) => pair.real as i32,
        _ => known,
    }
}

/// Whether this process has started the process, which is not of the run but has by chance the pid
/// that one of the recorded run had.
fn is_own_stranger(pid: i32) -> bool {
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    let is_member = unsafe { pairs() }
        .iter()
        .any(|pair| pair.real == pid as u32);
    let options = libc::WEXITED | libc::WNOHANG | libc::WNOWAIT;
    !is_member
        // SAFETY: zeros are a value of it, and it lives as long as the call takes.
        && unsafe {
            let mut info: libc::siginfo_t = std::mem::zeroed();
            libc::waitid(libc::P_PID, pid as u32, &mut info, options) == 0
        }
}
