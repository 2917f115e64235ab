//! `signal.alarm` and `setitimer` under control: the alarm comes at its virtual time, and so in the same
//! place each time. The system's clock is set too, later: it comes where a program that passes no points
//! lets no virtual time pass.

use super::comers;
use super::page::{state, Slot};
use super::slots::{self, in_use, makes_up, mine, my_slot, page};
use pyo3::Python;
use std::sync::atomic::Ordering;

const NS: f64 = 1e9;
/// How much later than the alarm the system's clock may come: so many times, and so many seconds.
const LATER: f64 = 20.0;
const AT_LEAST: f64 = 2.0;

fn ns(seconds: f64) -> u64 {
    (seconds * NS) as u64
}

fn timeval(seconds: f64) -> libc::timeval {
    libc::timeval {
        tv_sec: seconds as libc::time_t,
        tv_usec: (seconds.fract() * 1e6) as libc::suseconds_t,
    }
}

/// The slot of the main thread of this process.
unsafe fn main() -> Option<&'static mut Slot> {
    let process = slots::process();
    in_use()
        .iter_mut()
        .find(|slot| slot.process == process && slot.thread == 1)
}

/// What is left of this process's alarm, and its interval, in seconds; None where the system's is what
/// counts.
pub fn left(py: Python<'_>) -> Option<(f64, f64)> {
    if !mine() || !makes_up(py) {
        return None;
    }
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    let slot = unsafe { main()? };
    let left = match slot.alarm {
        0 => 0,
        at => at.saturating_sub(slots::now()).max(1_000),
    };
    Some((left as f64 / NS, slot.alarm_interval as f64 / NS))
}

/// The program has set the system's clock (0: it is off); what was left of the alarm before. None as of
/// `left`.
pub fn set(py: Python<'_>, delay: f64, interval: f64) -> Option<(f64, f64)> {
    let before = left(py)?;
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    unsafe {
        let slot = main()?;
        (slot.alarm, slot.alarm_interval) = match delay > 0.0 {
            true => (slots::now() + ns(delay), ns(interval)),
            false => (0, 0),
        };
        set_real(slot);
        Some(before)
    }
}

/// Sets the system's clock to a later time than the alarm of this process.
unsafe fn set_real(slot: &Slot) {
    let seconds = match slot.alarm {
        0 => 0.0,
        at => at.saturating_sub(slots::now()) as f64 / NS * LATER + AT_LEAST,
    };
    let timer = libc::itimerval {
        it_value: timeval(seconds),
        it_interval: timeval(slot.alarm_interval as f64 / NS * LATER),
    };
    libc::setitimer(libc::ITIMER_REAL, &timer, std::ptr::null_mut());
}

/// The earliest alarm of the run's processes.
///
/// # Safety
/// The calling thread has the baton, or the GIL while nobody else can get it.
pub unsafe fn earliest() -> Option<u64> {
    let set = in_use().iter().filter(|slot| is_set(slot));
    set.map(|slot| slot.alarm).min()
}

fn is_set(slot: &Slot) -> bool {
    slot.alarm != 0 && slot.state.load(Ordering::SeqCst) != state::FREE
}

/// Sends the alarms whose virtual time has come. By the holder of the baton.
///
/// # Safety
/// The calling thread has the baton, or the GIL while nobody else can get it.
pub unsafe fn send() {
    let now = page().now.load(Ordering::Relaxed);
    let me = my_slot().map(|slot| std::ptr::from_mut(slot).cast_const());
    for (index, slot) in in_use().iter_mut().enumerate() {
        if !is_set(slot) || slot.alarm > now {
            continue;
        }
        set_next(slot, now);
        slot.alarm_sent = true;
        let (pid, tid) = (
            slot.pid.load(Ordering::SeqCst),
            slot.tid.load(Ordering::SeqCst),
        );
        libc::syscall(libc::SYS_tgkill, pid, tid, libc::SIGALRM);
        if me != Some(std::ptr::from_ref(slot)) {
            wake_main(index, libc::SIGALRM);
        }
    }
}

/// The alarm of a replay has come, which is not when the system's clock sends it: that is not to come
/// later, where nobody may handle it any more.
///
/// # Safety
/// None.
pub unsafe fn end_once() {
    let mut timer: libc::itimerval = std::mem::zeroed();
    if libc::getitimer(libc::ITIMER_REAL, &mut timer) == 0
        && (timer.it_interval.tv_sec, timer.it_interval.tv_usec) == (0, 0)
    {
        libc::setitimer(libc::ITIMER_REAL, &std::mem::zeroed(), std::ptr::null_mut());
    }
}

fn set_next(slot: &mut Slot, now: u64) {
    slot.alarm = match slot.alarm_interval {
        0 => 0,
        interval => now + interval,
    };
}

/// An alarm has come to this process: if it was the system's, it was that one which was to come.
///
/// # Safety
/// The GIL is held by the main thread.
pub unsafe fn came(py: Python<'_>) {
    if !mine() || !makes_up(py) {
        return;
    }
    if let Some(slot) = main() {
        if !std::mem::take(&mut slot.alarm_sent) && slot.alarm != 0 {
            set_next(slot, slots::now());
        }
    }
}

/// A signal was sent to the process with this pid, which may handle it: its main thread goes next.
pub fn signalled(py: Python<'_>, pid: u32, number: i32) {
    if !mine() || !makes_up(py) {
        return;
    }
    let is_main = |slot: &Slot| slot.thread == 1 && slot.pid.load(Ordering::SeqCst) == pid;
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    unsafe {
        if let Some(main) = in_use().iter().position(is_main) {
            wake_main(main, number);
        }
    }
}

/// The main thread with the slot was sent a signal. That it wakes by that takes a moment, in which it is
/// chance who goes on: so it goes next without.
///
/// # Safety
/// The calling thread has the baton, or the GIL while nobody else can get it.
pub unsafe fn wake_main(main: usize, number: i32) {
    let slot = &page().slots[main];
    let waits = matches!(
        slot.state.load(Ordering::SeqCst),
        state::BLOCKED | state::READY
    );
    if waits && comers::catches(slot.pid.load(Ordering::SeqCst))(number) {
        page().urgent.store(main as u32 + 1, Ordering::SeqCst);
    }
}
