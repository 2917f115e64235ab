//! Which processes are of the run, and how they are, as the kernel says.

use super::page::state;
use super::slots::{controlled, in_use};
use std::sync::atomic::Ordering;

pub fn is_alive(pid: u32) -> bool {
    state_of(pid).is_some_and(|state| !matches!(state, 'Z' | 'X'))
}

/// Whether the process runs or could. One that only looks whether a child has died is shown as
/// asleep, but waits at no place.
pub fn is_busy(pid: u32) -> bool {
    match state_of(pid) {
        Some('S') => {
            let place = std::fs::read_to_string(format!("/proc/{pid}/wchan"));
            place.is_ok_and(|name| name == "0")
        }
        state => matches!(state, Some('R' | 'D')),
    }
}

/// The kernel's letter for what a process does; None if there is none.
pub fn state_of(pid: u32) -> Option<char> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit(')').next()?.trim_start().chars().next()
}

/// Whether processes of the run have started programs that are not of it, and live. Those that
/// multiprocessing starts for itself do not count.
pub fn has_others() -> bool {
    const SERVANTS: [&str; 3] = [
        "multiprocessing.forkserver",
        "multiprocessing.resource_tracker",
        "--multiprocessing-fork",
    ];
    if !controlled() {
        return false;
    }
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    let slots = unsafe { in_use() }.iter();
    let alive = slots.filter(|slot| slot.state.load(Ordering::SeqCst) != state::FREE);
    alive.into_iter().any(|slot| {
        let (pid, tid) = (&slot.pid, &slot.tid);
        let (pid, tid) = (pid.load(Ordering::Relaxed), tid.load(Ordering::Relaxed));
        let list = std::fs::read_to_string(format!("/proc/{pid}/task/{tid}/children"));
        let list = list.unwrap_or_default();
        let mut children = list.split_whitespace().filter_map(|pid| pid.parse().ok());
        children.any(|child| {
            let line = std::fs::read(format!("/proc/{child}/cmdline")).unwrap_or_default();
            let line = String::from_utf8_lossy(&line);
            is_alive(child)
                && !is_member(child)
                && !SERVANTS.iter().any(|&servant| line.contains(servant))
        })
    })
}

/// Whether a process of the run with that pid is under control.
pub fn is_member(pid: u32) -> bool {
    controlled()
        // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
        && unsafe { in_use() }.iter().any(|slot| {
            slot.pid.load(Ordering::SeqCst) == pid
                && slot.state.load(Ordering::SeqCst) != state::FREE
        })
}

/// Whether another process of the run, under control, dies at once of the signal.
pub fn dies_of(pid: u32, number: i32) -> bool {
    const HARMLESS: [i32; 9] = [
        0,
        libc::SIGCHLD,
        libc::SIGURG,
        libc::SIGWINCH,
        libc::SIGCONT,
        libc::SIGSTOP,
        libc::SIGTSTP,
        libc::SIGTTIN,
        libc::SIGTTOU,
    ];
    if HARMLESS.contains(&number) || pid == std::process::id() || !is_member(pid) {
        return false;
    }
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let survives = status.lines().any(|line| {
        let words = line.split_once(':').filter(|(name, _)| {
            ["SigBlk", "SigIgn", "SigCgt"].contains(name) && number != libc::SIGKILL
        });
        words.is_some_and(|(_, mask)| {
            let mask = u64::from_str_radix(mask.trim(), 16).unwrap_or(0);
            mask >> (number - 1) & 1 != 0
        })
    });
    !survives
}
