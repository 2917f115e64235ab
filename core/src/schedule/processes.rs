//! How processes come under control, and how they leave it.
//!
//! A process gets the slot of its first thread from its parent, before it is made. It leaves the run
//! before it ends: its last act is to give the baton on, and the next holder waits until the process
//! has gone. So whatever its end brings about (a child to be waited for, an end of a pipe) has been
//! brought about before anybody goes on. Of one that is killed the watchdogs take the slots away.

use super::baton::{await_baton, give_on, pick_up};
use super::controller::{
    self, become_process, controlled, exchange, in_use, mine, page, process, resume, strategy,
    take, wake_all, CHOOSING, MINE,
};
use super::page::{key, phase, state, Slot, NONE, UNKNOWN};
use super::{ending, pids, threads, watchdog};
use std::cell::Cell;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// How long a process that has given the baton on may take to end.
const LAST_WORDS: Duration = Duration::from_secs(5);

thread_local! {
    /// The slot + 1 of the process that this thread is making; 0: none.
    static BORN: Cell<usize> = const { Cell::new(0) };
    /// Whether it is made by a fork of this thread.
    static FORKING: Cell<bool> = const { Cell::new(false) };
    /// The slot + 1 of the process that this thread forked last.
    static FORKED: Cell<usize> = const { Cell::new(0) };
}

/// The calling thread is about to make a process: its slot, if that is to be under control.
///
/// # Safety
/// The GIL is held.
pub unsafe fn bear(path: &str) -> Option<usize> {
    let me = take()?;
    let number = page().processes.fetch_add(1, Ordering::Relaxed) + 1;
    let born = threads::make(number, 0, 1, path, state::UNBORN);
    BORN.set(born.map_or(0, |slot| slot + 1));
    page().slots[me].bears.store(1, Ordering::SeqCst);
    resume(me);
    born
}

/// The calling thread is about to fork the process that it is making.
///
/// # Safety
/// The GIL is held; others have it meanwhile.
pub unsafe fn forking() {
    FORKING.set(true);
    watchdog::stop();
}

/// Whether the calling thread forks a process that it makes.
pub fn forks() -> bool {
    FORKING.get()
}

/// The process has been made: it may be its turn from now on. Its pid, or 0 if it will tell it.
///
/// # Safety
/// The GIL is held; others have it meanwhile.
pub unsafe fn made(pid: u32) {
    let forked = FORKING.take();
    if let Some(born) = born() {
        let slot = &page().slots[born];
        slot.pid.fetch_max(pid, Ordering::SeqCst);
        pids::add(slot.goes_by, pid);
        let _ = exchange(&slot.state, state::UNBORN, state::READY);
        if forked {
            FORKED.set(born + 1);
        }
    }
    // Python has not looked yet whether a process that forks has other threads, of which it warns.
    if controlled() && !forked {
        watchdog::start();
    }
}

/// The process has not been made.
pub fn not_made() {
    FORKING.set(false);
    if let Some(born) = born() {
        let word = &unsafe { page() }.slots[born].state;
        if exchange(word, state::UNBORN, state::FREE).is_err() {
            let _ = exchange(word, state::READY, state::FREE); // it was to be in this one's place
        }
    }
}

/// The process that the calling thread is making takes the place of this one: it begins there if
/// the call that makes it does not return.
///
/// # Safety
/// The GIL is held.
pub unsafe fn becoming() {
    if let Some(born) = BORN.get().checked_sub(1).filter(|_| controlled()) {
        let slot = &page().slots[born];
        slot.pid.store(std::process::id(), Ordering::SeqCst);
        pids::add(slot.goes_by, std::process::id());
        let _ = exchange(&slot.state, state::UNBORN, state::READY);
    }
}

/// The program in whose place the one of that slot runs has gone, and all its threads.
unsafe fn replace(slot: usize) {
    let (own, pid) = (page().slots[slot].process, std::process::id());
    let is_of_former = |slot: &&Slot| slot.process != own && slot.pid.load(Ordering::SeqCst) == pid;
    let mut had_baton = false;
    for former in in_use().iter().filter(is_of_former) {
        had_baton |= free(former);
    }
    if had_baton {
        give_on();
    }
}

/// The fork is over: the process has that pid, which it will tell itself when it runs. None: there is
/// none, although Python told as if there were.
///
/// # Safety
/// The GIL is held; others have it meanwhile.
pub unsafe fn forked(pid: Option<u32>) {
    if !controlled() {
        return;
    }
    if let Some(born) = FORKED.take().checked_sub(1) {
        let slot = &page().slots[born];
        let _ = match pid {
            Some(pid) => {
                pids::add(slot.goes_by, pid);
                exchange(&slot.pid, 0, pid)
            }
            None => exchange(&slot.state, state::READY, state::FREE),
        };
    }
    watchdog::start();
}

/// The slot that this thread has made for a process, of which it now knows what became.
fn born() -> Option<usize> {
    if mine() {
        let me = MINE.get() - 1;
        unsafe { page() }.slots[me].bears.store(0, Ordering::SeqCst);
    }
    BORN.take().checked_sub(1).filter(|_| controlled())
}

/// In a forked child, before anything else runs there: it waits for its turn. A child of a thread
/// that is not under control is not either.
pub unsafe fn begin_forked() {
    let forking = FORKING.take();
    let born = born().filter(|_| forking);
    ending::forget();
    if controlled() {
        strategy().forked();
    }
    match born {
        Some(slot) => {
            // It is the thread that forked, as far as it can tell.
            page().slots[slot].ident = super::idents::own().0;
            begin(slot)
        }
        None => {
            controller::abandon();
            super::idents::leave();
        }
    }
}

/// The calling thread is the first of the process of that slot, and waits for its turn.
///
/// # Safety
/// The process has one thread.
pub unsafe fn begin(slot: usize) {
    become_process(page().slots[slot].process);
    page().slots[slot]
        .pid
        .store(std::process::id(), Ordering::SeqCst);
    // A server has made it for its maker: one that multiprocessing has started.
    let (parent, maker) = (libc::getppid() as u32, page().slots[slot].maker);
    if maker == std::process::id() {
        replace(slot);
    } else if parent != maker {
        page().slots[slot].server = parent;
        page().served = true;
    }
    threads::settle(slot);
    await_baton(slot, false);
    pids::begin(&page().slots[slot]);
    match page().phase.load(Ordering::SeqCst) {
        phase::RUNNING => {}
        phase::LEFT => controller::abandon(),
        _ => {
            free(&page().slots[slot]);
            ending::pass_on();
            libc::_exit(ending::STATUS);
        }
    }
}

/// This process, under control, goes on after its fork.
///
/// # Safety
/// The GIL is held by the process's only thread.
pub unsafe fn go_on() {
    if mine() {
        watchdog::start();
    }
}

/// This process is about to end: it leaves the run. In a replay it dies of the signal that the recording
/// saw it die of, which came while it ended.
pub unsafe fn leave() {
    if !mine() {
        return;
    }
    let me = MINE.get() - 1;
    let slot = &page().slots[me];
    let of_signal = slot.ended < 0 && slot.ended != UNKNOWN && slot.next == NONE;
    let number = if of_signal && process() != 1 && strategy().settles_ends() {
        -slot.ended
    } else {
        0
    };
    depart(me);
    if number != 0 {
        die_of(number);
    }
}

unsafe fn depart(me: usize) {
    let holds = exchange(&page().slots[me].state, state::RUNNING, state::CONTROLLING).is_ok();
    let own = process();
    for slot in in_use().iter().filter(|slot| slot.process == own) {
        free(slot);
    }
    wake_for_end();
    let server = page().slots[me].server;
    page().departing_from.store(server, Ordering::SeqCst);
    page().departing.store(std::process::id(), Ordering::SeqCst);
    MINE.set(0);
    if holds {
        give_on();
    } else {
        pick_up();
    }
}

/// This process leaves the run, but goes on: all its threads run freely from now on, those that wait
/// in the controller too.
///
/// # Safety
/// The GIL is held.
pub unsafe fn release() {
    watchdog::stop();
    if take().is_none() {
        return;
    }
    let own = process();
    controller::abandon();
    for slot in in_use().iter().filter(|slot| slot.process == own) {
        free(slot);
        slot.go.give();
    }
    give_on();
}

/// Frees the slot; says whether its thread had the baton.
unsafe fn free(slot: &Slot) -> bool {
    let was = slot.state.swap(state::FREE, Ordering::SeqCst);
    if was == state::OUTSIDE {
        page().outside.fetch_sub(1, Ordering::SeqCst);
    }
    matches!(was, state::RUNNING | state::CONTROLLING)
}

/// Makes ready who may wait for what the end of a process brings about.
unsafe fn wake_for_end() {
    wake_all(key::PROCESS_END);
    wake_all(key::IO);
}

/// The calling thread has just got the baton: a process that has left is gone before it goes on.
pub unsafe fn await_departed() {
    let pid = page().departing.swap(0, Ordering::SeqCst);
    if pid != 0 && pid != std::process::id() {
        watchdog::undisturbed(|| {
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

fn is_alive(pid: u32) -> bool {
    state_of(pid).is_some_and(|state| !matches!(state, 'Z' | 'X'))
}

/// Whether the process runs or could. One that only looks whether a child has died is shown as
/// asleep, but waits at no place.
fn is_busy(pid: u32) -> bool {
    match state_of(pid) {
        Some('S') => {
            let place = std::fs::read_to_string(format!("/proc/{pid}/wchan"));
            place.is_ok_and(|name| name == "0")
        }
        state => matches!(state, Some('R' | 'D')),
    }
}

/// The kernel's letter for what a process does; None if there is none.
fn state_of(pid: u32) -> Option<char> {
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

/// Whether the calling thread is making a process.
pub fn bears() -> bool {
    BORN.get() != 0
}

/// Whether a process of the run with that pid is under control.
pub fn is_member(pid: u32) -> bool {
    controlled()
        && unsafe { in_use() }.iter().any(|slot| {
            slot.pid.load(Ordering::SeqCst) == pid
                && slot.state.load(Ordering::SeqCst) != state::FREE
        })
}

/// Takes the slots of processes that have died without leaving. If one had the baton, or if nobody
/// has it, it is given to somebody. Says whether there were any.
pub unsafe fn bury_dead() -> bool {
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
    if had_baton {
        give_on();
    }
    found != 0
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

/// A process that a signal kills, in a replay: whether it is to die now. Else it has some of its
/// recorded events to make first, and ends by the signal after the last of them; or the recording
/// saw it end in another way.
pub unsafe fn dies_now(pid: u32, number: i32) -> bool {
    if !strategy().settles_ends() {
        return true;
    }
    let own = |slot: &&mut Slot| slot.pid.load(Ordering::SeqCst) == pid;
    let mut slots: Vec<_> = in_use().iter_mut().filter(own).collect();
    let ended = slots.iter().find(|slot| slot.thread == 1);
    if ended.is_some_and(|slot| slot.ended != UNKNOWN && slot.ended != -number) {
        return false;
    }
    let is_done = slots.iter().all(|slot| strategy().is_done(slot));
    for slot in slots.iter_mut().filter(|_| !is_done) {
        slot.doom = number;
    }
    is_done
}

/// The calling thread has made the last of its recorded events. If its process was to die of a signal
/// after that, it dies.
pub unsafe fn meet_doom(number: i32) {
    let own = process();
    if in_use()
        .iter()
        .any(|slot| slot.process == own && !strategy().is_done(slot))
    {
        return;
    }
    depart(MINE.get() - 1);
    die_of(number)
}

/// This process, which has left the run, dies of the signal.
unsafe fn die_of(number: i32) -> ! {
    libc::signal(number, libc::SIG_DFL);
    libc::kill(libc::getpid(), number);
    loop {
        libc::pause();
    }
}

/// A process of the run has just been killed by the holder of the baton, who goes on when it is dead.
pub unsafe fn bury(pid: u32) {
    // A watchdog may have freed its slot already.
    let slots = in_use().iter();
    let server = slots
        .filter(|slot| slot.pid.load(Ordering::SeqCst) == pid)
        .map(|slot| slot.server)
        .max();
    watchdog::without_gil(|| {
        await_death(pid, LAST_WORDS);
        await_word(pid, server.unwrap_or(0));
    });
    bury_dead();
}

/// Chooses in the place of a process that has died while it chose.
pub unsafe fn choose_for_dead() {
    let page = page();
    let dead = page.chooser.load(Ordering::SeqCst);
    if dead != 0 && !is_alive(dead) && exchange(&page.holder, CHOOSING, 0).is_ok() {
        pick_up();
    }
}
