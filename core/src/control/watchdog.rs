//! A native thread of each process that notices when the holder of the baton, of whatever process,
//! waits in something uncontrolled (a socket, another program, a C extension) or is dead. It does not
//! touch Python.

use super::page::{self, phase, state};
use super::slots::{self, undisturbed, without_gil};
use super::strategies::{self, Waiting};
use super::{baton, choice, comers, ending};
use crate::os::futex;
use pyo3::Python;
use std::fs;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::Mutex;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How often it looks, in ns.
const PERIOD: u64 = 5_000_000;
/// How long a holder sleeps undisturbed before it is set aside.
const ASLEEP: Duration = Duration::from_millis(20);
/// How long a holder computes without a scheduling point before others go on beside it: it may
/// wait for them, in a loop in which nothing is instrumented.
const COMPUTING: Duration = Duration::from_secs(5);

/// How often it looks whether anybody may still come while nobody can go on.
const COMING: Duration = Duration::from_millis(50);

/// How long processes that are being ended may take until the next is woken, and until they are killed.
const ENDING: Duration = Duration::from_secs(1);
const LAST_WORDS: Duration = Duration::from_secs(5);

static STOP: AtomicU32 = AtomicU32::new(0);
static BEGUN: AtomicU32 = AtomicU32::new(0);
static THREAD: Mutex<Option<JoinHandle<()>>> = Mutex::new(None);

/// Starts it, if it does not run. A program of one thread needs none: nobody else could go on.
///
/// Others have the GIL meanwhile.
pub fn start(py: Python<'_>) {
    without_gil(py, begin);
}

/// The same, if nobody needs the GIL meanwhile.
pub fn begin() {
    let Ok(mut thread) = THREAD.lock() else {
        return;
    };
    if thread.is_some() {
        return;
    }
    STOP.store(0, Ordering::SeqCst);
    BEGUN.store(0, Ordering::SeqCst);
    // Signals are for the program's threads.
    // SAFETY: the masks live as long as the calls.
    unsafe {
        let mut all = std::mem::zeroed();
        let mut before = std::mem::zeroed();
        libc::sigfillset(&mut all);
        libc::pthread_sigmask(libc::SIG_SETMASK, &all, &mut before);
        *thread = std::thread::Builder::new()
            .name(comers::WATCHDOG.into())
            .stack_size(256 << 10)
            .spawn(|| {
                futex::wake(&BEGUN);
                Watch::default().run();
            })
            .ok();
        // What it allocates as it begins is where it is in every run.
        if thread.is_some() {
            undisturbed(|| futex::wait(&BEGUN, None)).ok();
        }
        libc::pthread_sigmask(libc::SIG_SETMASK, &before, std::ptr::null_mut());
    }
}

/// Stops it before a fork: a process that forks counts its threads, and warns if there are more.
///
/// Others have the GIL meanwhile.
pub fn stop(py: Python<'_>) {
    without_gil(py, end);
}

fn end() {
    let thread = THREAD.lock().ok().and_then(|mut thread| thread.take());
    if let Some(thread) = thread {
        futex::wake(&STOP);
        undisturbed(|| thread.join()).ok();
    }
}

/// For a fork of which Python does not tell beforehand, by C code: that may hold locks which whoever
/// has the GIL wants, so it is kept.
pub fn stop_in_fork() {
    end();
}

/// After such a fork: starts it again if there are two threads to control.
pub unsafe fn start_in_fork() {
    let alive = |slot: &&page::Slot| slot.state.load(Ordering::SeqCst) != state::FREE;
    if slots::page().slots.iter().filter(alive).count() > 1 {
        begin();
    }
}

#[derive(Default)]
struct Watch {
    /// Steps, switches, holder and phase of the last look, and since when they are the same.
    seen: (u64, u64, u32, u32),
    since: Option<Instant>,
    /// Of a replay: what it waits for meanwhile.
    waiting: Waiting,
    /// How often the holder had gone to sleep at that time.
    sleeps: u64,
    /// When it last looked whether anybody may still come.
    asked: Option<Instant>,
}

impl Watch {
    fn run(mut self) {
        while futex::wait(&STOP, Some(PERIOD)) == Err(libc::ETIMEDOUT) {
            if slots::controlled() {
                // SAFETY: who watches has the baton while nobody else does.
                unsafe { self.look() };
            }
        }
    }

    unsafe fn look(&mut self) {
        let run = slots::page();
        let holder = run.holder.load(Ordering::SeqCst);
        let seen = (
            run.steps.load(Ordering::Relaxed),
            run.switches.load(Ordering::Relaxed),
            holder,
            run.phase.load(Ordering::SeqCst),
        );
        let since = match self.since {
            Some(since) if seen == self.seen => since,
            _ => {
                self.seen = seen;
                self.since = Some(Instant::now());
                self.sleeps = 0;
                self.waiting = Waiting::default();
                return;
            }
        };
        if baton::bury_dead() {
            return;
        }
        if !matches!(
            run.phase.load(Ordering::SeqCst),
            phase::RUNNING | phase::LEFT
        ) {
            // A process that was to end, and to wake the next, has died.
            if since.elapsed() >= LAST_WORDS && run.gave_up_after != 0 {
                ending::kill_rest();
            } else if since.elapsed() >= ENDING {
                ending::pass_on();
            }
            return;
        }
        if holder == 0 {
            self.let_time_pass(since.elapsed());
            return;
        }
        let Some(slot) = run.slots.get(holder as usize - 1) else {
            // Whoever chooses takes no time.
            if since.elapsed() >= ASLEEP {
                baton::choose_for_dead();
            }
            return;
        };
        if slot.sleeps.load(Ordering::SeqCst) != 0 {
            // Whoever was to wake it has died.
            if since.elapsed() >= ASLEEP {
                slot.go.give();
            }
            return;
        }
        let (pid, tid) = (&slot.pid, slot.tid.load(Ordering::Relaxed));
        let running = slot.state.load(Ordering::SeqCst) == state::RUNNING;
        if !running || tid == 0 {
            return;
        }
        if !others_wait() {
            return self.give_up(since.elapsed());
        }
        let Some((asleep, sleeps)) = status(pid.load(Ordering::Relaxed), tid) else {
            return;
        };
        if sleeps != self.sleeps && asleep {
            self.sleeps = sleeps;
            self.since = Some(Instant::now());
        } else if since.elapsed() >= patience(asleep, slot) {
            baton::set_aside(holder as usize - 1);
        }
    }

    /// Ends a replay in which nobody has gone on for so long if that is too long.
    unsafe fn give_up(&mut self, idle: Duration) {
        let strategy = strategies::of(&slots::page().strategy);
        if strategy.gives_up(&mut self.waiting, idle) {
            baton::diverge(idle);
        }
    }

    /// While threads are outside and all others wait, virtual time passes as real time does.
    unsafe fn let_time_pass(&mut self, idle: Duration) {
        self.give_up(idle);
        let run = slots::page();
        if run.outside.load(Ordering::SeqCst) == 0 {
            if self.asked.is_none_or(|asked| asked.elapsed() >= COMING) {
                self.asked = Some(Instant::now());
                baton::pick_up();
            }
            return;
        }
        let Some(deadline) = choice::earliest() else {
            return;
        };
        let now = run.now.load(Ordering::Relaxed);
        if now + idle.as_nanos() as u64 >= deadline {
            baton::pick_up_at(deadline);
        }
    }
}

fn patience(asleep: bool, holder: &page::Slot) -> Duration {
    match asleep && holder.bears.load(Ordering::Relaxed) == 0 {
        true => ASLEEP,
        false => COMPUTING,
    }
}

/// Whether somebody else could go on, now or later.
unsafe fn others_wait() -> bool {
    let run = slots::page();
    let can_go_on = |slot: &page::Slot| match slot.state.load(Ordering::SeqCst) {
        state::READY => true,
        state::BLOCKED => slot.deadline != page::NEVER || choice::looks_outward(slot),
        _ => false,
    };
    let in_use = run.used.load(Ordering::Relaxed) as usize;
    run.slots[..in_use].iter().any(can_go_on)
}

/// Whether the thread sleeps, and how often it has gone to sleep so far.
fn status(pid: u32, tid: u32) -> Option<(bool, u64)> {
    let text = fs::read_to_string(format!("/proc/{pid}/task/{tid}/status")).ok()?;
    let field = |name: &str| {
        let mut lines = text.lines().filter_map(|line| line.strip_prefix(name));
        lines.next().map(str::trim)
    };
    let asleep = field("State:")?.starts_with('S');
    Some((asleep, field("voluntary_ctxt_switches:")?.parse().ok()?))
}
