//! Who may still come when nobody under control can go on: a thread that C code has started, or a
//! signal that the program handles. Until none of them is left a run is not given up.

use super::members;
use super::page::{state, Slot};
use super::slots::{in_use, process};
use std::fs;
use std::sync::atomic::Ordering;

/// The name of the watchdogs' threads.
pub const WATCHDOG: &str = "trace";

/// Signals that somebody else may send, and that programs handle to be told something. SIGINT is left
/// out: Python itself handles it.
const SENT: [i32; 6] = [
    libc::SIGHUP,
    libc::SIGQUIT,
    libc::SIGTERM,
    libc::SIGUSR1,
    libc::SIGUSR2,
    libc::SIGIO,
];

/// Whether a thread that is not under control may still run code of the program.
pub unsafe fn threads_may_come() -> bool {
    any_process(|pid, own| {
        let Ok(list) = fs::read_dir(format!("/proc/{pid}/task")) else {
            return false;
        };
        let tids = list.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
        tids.into_iter()
            .any(|tid| !is_ours(pid, tid) && wakes_by_itself(pid, tid, own))
    })
}

/// Whether a signal that a process of the run handles may come.
pub unsafe fn signals_may_come() -> bool {
    any_process(|pid, own| {
        let handles = catches(pid);
        SENT.into_iter().any(&handles)
            || handles(libc::SIGALRM) && (!own || alarm_is_set())
            || handles(libc::SIGCHLD) && members::has_others()
    })
}

/// Whether a process of the run handles an alarm that is to come.
pub unsafe fn alarms_may_come() -> bool {
    any_process(|pid, own| catches(pid)(libc::SIGALRM) && (!own || alarm_is_set()))
}

/// Says of a signal whether the process handles it.
pub fn catches(pid: u32) -> impl Fn(i32) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    let caught = caught.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    move |number| caught.unwrap_or(0) >> (number - 1) & 1 != 0
}

/// Whether it is so of a process of the run: of its pid, and whether that is this one's.
unsafe fn any_process(what: impl Fn(u32, bool) -> bool) -> bool {
    let mut last = 0;
    in_use().iter().filter(|slot| is_alive(slot)).any(|slot| {
        let pid = slot.pid.load(Ordering::SeqCst);
        // Most slots are of the same process as the one before.
        pid != std::mem::replace(&mut last, pid) && what(pid, slot.process == process())
    })
}

fn is_alive(slot: &Slot) -> bool {
    slot.state.load(Ordering::SeqCst) != state::FREE && slot.pid.load(Ordering::SeqCst) != 0
}

/// Whether the thread is under control, a watchdog, or asks this.
fn is_ours(pid: u32, tid: u32) -> bool {
    let name = || fs::read_to_string(format!("/proc/{pid}/task/{tid}/comm")).unwrap_or_default();
    // SAFETY: the calls get numbers alone.
    let calling = || unsafe { libc::syscall(libc::SYS_gettid) } as u32;
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    unsafe { in_use() }
        .iter()
        .any(|slot| is_alive(slot) && slot.tid.load(Ordering::SeqCst) == tid)
        || calling() == tid
        || name().trim_end() == WATCHDOG
}

/// Whether a thread goes on without another of its process waking it: it runs, or waits for a time
/// or for something from outside.
fn wakes_by_itself(pid: u32, tid: u32, own: bool) -> bool {
    let Ok(text) = fs::read_to_string(format!("/proc/{pid}/task/{tid}/syscall")) else {
        return !own && runs(pid, tid);
    };
    let mut words = text.split_whitespace();
    let call = words.next().and_then(|call| call.parse().ok());
    if call != Some(libc::SYS_futex) {
        return true;
    }
    let arguments: Vec<u64> = words
        .filter_map(|word| u64::from_str_radix(word.strip_prefix("0x")?, 16).ok())
        .collect();
    // A futex word, an operation, a value, and a time, which is 0 for one that waits for ever.
    arguments.get(3) != Some(&0)
}

/// For where the system does not tell what another process's thread waits for.
fn runs(pid: u32, tid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/task/{tid}/stat")).unwrap_or_default();
    let state = stat.rsplit(')').next().unwrap_or_default();
    state.trim_start().starts_with(['R', 'D'])
}

/// Whether this process's clock is to send it SIGALRM.
fn alarm_is_set() -> bool {
    // SAFETY: zeros are a value of it, and it lives as long as the call takes.
    unsafe {
        let mut timer: libc::itimerval = std::mem::zeroed();
        libc::getitimer(libc::ITIMER_REAL, &mut timer) == 0
            && (timer.it_value.tv_sec != 0 || timer.it_value.tv_usec != 0)
    }
}
