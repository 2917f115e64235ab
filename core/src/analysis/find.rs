//! What all engines find in a log, put together.

use super::access::Raw;
use super::locks::Locks;
use super::merging::{covers, hold, merge};
use super::rules::Rule;
use super::scan::scan;
use super::tasks::Tasks;
use super::unfinished::Unfinished;
use super::waits::{Ending, Pending};
use super::Each;
use crate::model::Tables;

/// Everything that the engines find in a log, one row for each pattern of sites, the observed ones
/// first.
pub fn find<E>(tables: &Tables, ending: Ending, each: &Each<E>) -> Result<Vec<Raw>, E> {
    if tables.threads.len() < 2 {
        // What the only thread does is in order: nothing but its waits can go wrong.
        let (mut pending, locks) = waits(tables, ending, each)?;
        return Ok(merge(pending.deadlocks(tables, &locks)));
    }
    let tasks = Tasks::of(tables, each)?;
    let mut scan = scan(tables, &tasks, ending, each)?;
    let failed = scan.failures.finish();
    let mut checks = scan.atomicity.finish();
    // An act that failed is told as that.
    let told = |check: &Raw| {
        let act = |f: &Raw| {
            f.points
                .last()
                .is_some_and(|p| check.sites().contains(&p.site))
        };
        failed
            .iter()
            .any(|f| f.rule == Rule::Failed && f.location == check.location && act(f))
    };
    checks.retain(|check| !told(check));
    checks.extend(failed);
    // The lock that keeps a check and its act together mends the update in the act, too.
    let mended = |update: &Raw| {
        let mut same = checks.iter().filter(|c| c.location == update.location);
        !update.observed && same.any(|check| covers(tables, check, update))
    };
    let mut found = scan.updates.finish();
    found.retain(|update| !mended(update));
    found.extend(checks);
    let explained: Vec<(u32, Vec<u32>)> = found.iter().map(|f| (f.location, f.sites())).collect();
    let told = |location, site| {
        explained
            .iter()
            .any(|(l, known)| *l == location && known.contains(&site))
    };
    found.extend(
        scan.races
            .finish(&told, scan.survey.exclusion.passes_locks()),
    );
    found.extend(scan.queues.finish());
    found.extend(scan.flags.finish(tables, &scan.survey));
    found.extend(scan.states.finish());
    found.extend(scan.wakeups.finish(&scan.reads));
    found.extend(scan.pending.deadlocks(tables, &scan.locks));
    for raw in &mut found {
        for point in &raw.points {
            let calls = scan.luck.not_needed(tables, point.thread, point.site);
            raw.not_needed.extend(calls);
        }
        raw.not_needed.sort_unstable();
        raw.not_needed.dedup();
        raw.of_threads(&tasks);
    }
    if found.iter().any(|raw| !raw.not_needed.is_empty()) {
        hold(tables, &mut found, each)?;
    }
    Ok(merge(found))
}

/// What was still going on when the log ends.
pub fn unfinished<E>(tables: &Tables, each: &Each<E>) -> Result<Vec<Unfinished>, E> {
    let (pending, mut locks) = waits(tables, Ending::default(), each)?;
    Ok(pending.list(tables, &mut locks))
}

/// What each thread waits for, and what it holds, when the log ends.
fn waits<E>(tables: &Tables, ending: Ending, each: &Each<E>) -> Result<(Pending, Locks), E> {
    let mut locks = Locks::new(tables);
    let mut pending = Pending::new(tables, ending);
    each(&mut |e| {
        pending.step(e, tables, &mut locks);
        locks.step(e);
    })?;
    Ok((pending, locks))
}
