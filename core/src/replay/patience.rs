//! How long a replay waits for a thread that is in something that is not under control, or that
//! computes: by what that took in the recording.

use super::run;
use super::script::Script;
use crate::control::page::{state, Slot, NONE};
use crate::control::slots::{in_use, page};
use crate::control::strategies::Waiting;
use std::fs;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// At least so long.
const LEAST: Duration = Duration::from_secs(10);
/// Of what has a time that is none, as a run under a seed has.
const UNKNOWN: Duration = Duration::from_secs(60);
/// So many times what it took in the recording: the machine may have more to do.
const FACTOR: u32 = 10;

/// Whether a replay gives up, in which nobody has gone on for so long. While one of those computes
/// that are waited for it is what they compute that counts.
///
/// # Safety
/// The process is under control.
pub unsafe fn is_over(waiting: &mut Waiting, idle: Duration) -> bool {
    let Some(run) = run().filter(|_| idle >= LEAST / 2) else {
        return false;
    };
    let position = page().strategy.replay.position;
    let slots = in_use().iter();
    let awaited: Vec<&Slot> = slots.filter(|slot| is_awaited(slot, position)).collect();
    let spent = || awaited.iter().filter_map(|slot| computed(slot)).sum();
    let Some(before) = waiting.computed else {
        waiting.limit = limit(&run.script, awaited.iter().map(|slot| slot.next));
        waiting.computed = Some(spent());
        return false;
    };
    let computed = Duration::from_nanos(spent().saturating_sub(before));
    let idles = !awaited.iter().any(|slot| runs(slot));
    is_enough(waiting.limit, idle, computed, idles)
}

/// How long is waited for the events at the indices.
pub(super) fn limit(script: &Script, nexts: impl Iterator<Item = u64>) -> Duration {
    let longest = nexts.map(|next| took(script, next)).max();
    match script.has_real_times() {
        true => LEAST + longest.unwrap_or_default() * FACTOR,
        false => UNKNOWN,
    }
}

/// Whether nobody has gone on for too long, while those who are waited for have computed so long.
/// `idles`: none of them computes now.
pub(super) fn is_enough(limit: Duration, idle: Duration, computed: Duration, idles: bool) -> bool {
    idle >= limit && (computed >= limit / 5 || idles)
}

/// Whether the thread is one of those that a replay waits for where nobody goes on: it has the baton, is
/// outside, or its event comes next.
pub(super) fn is_awaited(slot: &Slot, position: u64) -> bool {
    match slot.state.load(Ordering::SeqCst) {
        state::FREE => false,
        state::RUNNING | state::OUTSIDE => true,
        _ => slot.next == position,
    }
}

/// How long it took until the event at the index came, from its thread's event before.
fn took(script: &Script, index: u64) -> Duration {
    let Some(event) = script.event(index).filter(|_| index != NONE) else {
        return Duration::ZERO;
    };
    let before = &script.events[..index as usize];
    let last = before.iter().rev().find(|one| one.thread == event.thread);
    let last = last.or(before.last());
    Duration::from_nanos(event.t.saturating_sub(last.map_or(0, |last| last.t)))
}

fn file_of(slot: &Slot, name: &str) -> String {
    let (pid, tid) = (&slot.pid, &slot.tid);
    let (pid, tid) = (pid.load(Ordering::Relaxed), tid.load(Ordering::Relaxed));
    fs::read_to_string(format!("/proc/{pid}/task/{tid}/{name}")).unwrap_or_default()
}

/// For how long the thread has had a processor, in ns.
fn computed(slot: &Slot) -> Option<u64> {
    file_of(slot, "schedstat").split(' ').next()?.parse().ok()
}

fn runs(slot: &Slot) -> bool {
    let stat = file_of(slot, "stat");
    let state = stat.rsplit(')').next().unwrap_or_default();
    state.trim_start().starts_with('R')
}
