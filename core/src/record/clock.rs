//! Ticks: the processor's time-stamp counter where it is constant, else CLOCK_MONOTONIC in ns.
//! Under control it is virtual time, which the controller tells. A counter read costs 10 ns, `clock_gettime` 24; the page's anchors turn ticks into ns later.

use crate::spool::page::{COUNTER, MONOTONIC};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::OnceLock;

static USE_TSC: AtomicBool = AtomicBool::new(false);

/// Tells the virtual time in ns; None while the time is real.
type Virtual = fn() -> Option<u64>;

static VIRTUAL: OnceLock<Virtual> = OnceLock::new();

/// Has the clock go by `time` whenever that is virtual. Only the first call counts.
pub fn go_by(time: Virtual) {
    let _ = VIRTUAL.set(time);
}

fn virtual_ns() -> Option<u64> {
    VIRTUAL.get().and_then(|time| time())
}

/// Chooses the clock for this process; must be the same in all processes of a run.
pub fn init() -> u64 {
    let tsc = virtual_ns().is_none() && tsc_is_constant();
    USE_TSC.store(tsc, Ordering::Relaxed);
    match tsc {
        true => COUNTER,
        false => MONOTONIC,
    }
}

#[cfg(target_arch = "x86_64")]
fn tsc_is_constant() -> bool {
    // Linux names both flags only if the counter ticks at one rate in every power state.
    std::fs::read_to_string("/proc/cpuinfo").is_ok_and(|text| {
        text.lines()
            .find(|line| line.starts_with("flags"))
            .is_some_and(|line| line.contains("constant_tsc") && line.contains("nonstop_tsc"))
    })
}

#[cfg(not(target_arch = "x86_64"))]
fn tsc_is_constant() -> bool {
    false
}

#[inline(always)]
pub fn ticks() -> u64 {
    #[cfg(target_arch = "x86_64")]
    if USE_TSC.load(Ordering::Relaxed) {
        // SAFETY: every processor of this kind has the instruction.
        return unsafe { std::arch::x86_64::_rdtsc() };
    }
    virtual_ns().unwrap_or_else(monotonic_ns)
}

pub fn monotonic_ns() -> u64 {
    let mut ts = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: it is written into what lives here.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut ts) };
    ts.tv_sec as u64 * 1_000_000_000 + ts.tv_nsec as u64
}
