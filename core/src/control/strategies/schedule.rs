//! `schedule`: a run that is given by its switches; where none is due, who has the baton keeps it for
//! as long as it can.

use super::{Choice, State, Strategy};

pub struct Schedule;

impl Strategy for Schedule {
    fn next(&self, state: &mut State, choice: Choice<'_>) -> Option<usize> {
        let usual = choice.usual()?;
        let here = choice.place();
        let all = state.switches.all();
        let at = all.partition_point(|one| (one.from, one.count) < here);
        let due = all.get(at).filter(|one| (one.from, one.count) == here);
        let wanted = |&&slot: &&usize| due.is_some_and(|one| choice.slots[slot].name == one.to);
        Some(choice.ready.iter().find(wanted).copied().unwrap_or(usual))
    }
}
