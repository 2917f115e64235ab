//! Which processes are of the run, and how they are, as the kernel says.

use super::page::state;
use super::slots::{controlled, in_use, page};
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
    stat(pid, |mut words| words.next()?.chars().next())
}

/// The parent of a process; None if there is no such process.
pub fn parent_of(pid: u32) -> Option<u32> {
    stat(pid, |mut words| words.nth(1)?.parse().ok())
}

/// What the kernel says of the process, from its state on.
fn stat<T>(pid: u32, read: impl FnOnce(std::str::SplitWhitespace<'_>) -> Option<T>) -> Option<T> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    read(stat.rsplit(')').next()?.split_whitespace())
}

/// Whether programs live that are not of the run, and that its processes have started, or what they
/// have started and left: the supervisor has that for a child.
pub fn has_others() -> bool {
    if !controlled() {
        return false;
    }
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    let (slots, supervisor) = unsafe { (in_use(), page().supervisor) };
    let mut last = 0;
    let starters = slots.iter().filter_map(|slot| {
        let pid = slot.pid.load(Ordering::SeqCst);
        let is_alive = slot.state.load(Ordering::SeqCst) != state::FREE && pid != 0;
        // Most slots are of the same process as the one before.
        (is_alive && pid != std::mem::replace(&mut last, pid)).then_some(pid)
    });
    starters.into_iter().any(|pid| children(pid).any(is_other))
        || children(supervisor).any(|pid| is_other(pid) && has_several_files(pid))
}

/// The children of the process, whichever of its threads has made them.
fn children(pid: u32) -> impl Iterator<Item = u32> {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task"));
    let lists = tasks.into_iter().flatten().filter_map(|task| {
        let list = std::fs::read_to_string(task.ok()?.path().join("children"));
        list.ok()
    });
    lists.flat_map(|list| {
        let pids = list.split_whitespace().filter_map(|pid| pid.parse().ok());
        pids.collect::<Vec<u32>>()
    })
}

/// Whether the process lives and is not of the run, nor one that multiprocessing has started for itself.
fn is_other(pid: u32) -> bool {
    const SERVANTS: [&str; 3] = [
        "multiprocessing.forkserver",
        "multiprocessing.resource_tracker",
        "--multiprocessing-fork",
    ];
    let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let line = String::from_utf8_lossy(&line);
    is_alive(pid) && !is_member(pid) && !SERVANTS.iter().any(|&servant| line.contains(servant))
}

/// Whether the process has more than the one descriptor that the supervisor's witness has.
fn has_several_files(pid: u32) -> bool {
    let files = std::fs::read_dir(format!("/proc/{pid}/fd"));
    files.is_ok_and(|files| files.count() > 1)
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
