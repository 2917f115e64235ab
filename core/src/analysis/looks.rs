//! What a check of a variable or container asks, and which acts rest on it.

use super::access::Access;
use super::changes::Change;
use super::reads::{Mark, Reads};
use super::site;
use super::survey::Survey;
use crate::model::{Tables, Value};
use crate::ops;

/// What a check asks, and what rests on it.
#[derive(Clone, Copy)]
pub struct Looks {
    /// Whether one item is there.
    pub keyed: bool,
    /// The location that is looked at, where that was copied, and one part is removed that a test has
    /// chosen.
    pub chosen: Option<u32>,
    /// More than the act.
    pub for_more: bool,
}

/// Whether the two do the same, so that it does not matter that both do it.
pub fn same_truth(a: &Value, b: &Value, looks: Looks) -> bool {
    matches!(a, Value::Bool(_)) && a == b && !looks.for_more
}

/// Whether what another thread stored after the check is what the check saw.
pub fn still_holds(check: &Mark, a: &Access, stored: &Value) -> bool {
    let plain = !matches!(stored, Value::Absent | Value::Ref(..));
    let same_place = a.e.op == ops::WRITE && a.e.target == check.location;
    plain && same_place && *stored == check.value
}

/// Whether a store makes a flag what the check saw, in any order. (A number may be another then.)
pub fn confirms(check: &Mark, stored_at: u32, stored: &Value) -> bool {
    matches!(stored, Value::Bool(_)) && stored_at == check.location && *stored == check.value
}

/// Whether the two, each a part and a value, are about different items.
pub fn apart(a: (u32, &Value), b: (u32, &Value), looks: Looks) -> bool {
    let known = |v: &Value| !matches!(v, Value::Absent | Value::Ref(_, 0));
    let keyed = looks.keyed || looks.chosen.is_some();
    let parts = |whole: u32| a.0 != b.0 && a.0 != whole && b.0 != whole;
    looks.chosen.is_some_and(parts) || keyed && known(a.1) && known(b.1) && a.1 != b.1
}

/// Whether something was there.
pub fn found(value: &Value) -> bool {
    match value {
        Value::Bool(truth) => *truth,
        Value::Int(n) => *n != 0,
        Value::None => false,
        _ => true,
    }
}

/// The check that an access rests on, of the same variable or container.
pub fn check_of<'r>(
    tables: &Tables,
    survey: &Survey,
    a: &Access,
    reads: &'r Reads,
) -> Option<&'r Mark> {
    let e = a.e;
    let guards = &site(tables, e.site)?.guards;
    let container = tables.locations[e.target as usize - 1].object;
    let mut places = vec![e.target];
    match survey.contents_of(container) {
        0 => {}
        contents if contents == e.target => places.push(reads.last_item(container, e.thread)),
        contents => places.push(contents),
    }
    // Who takes something out after a look at what is there takes what it saw.
    let takes = Change::of(tables, e) != Change::Grow;
    let rests = |m: &&Mark| guards.contains(&m.site) || m.peek && takes && of_one(tables, m, a);
    // A peek is a read of the item, too; what is taken is that of the contents.
    places
        .iter()
        .flat_map(|l| reads.of(*l, e.thread).find(rests))
        .max_by_key(|m| (m.seq, m.peek))
}

/// Whether one function looks and acts, or calls what acts, or what looks and returns what it saw.
fn of_one(tables: &Tables, look: &Mark, act: &Access) -> bool {
    let function = |id: u32| site(tables, id).map(|s| (s.file, s.function));
    let caller = |stack: u32| {
        let callers = tables.stacks.get((stack as usize).wrapping_sub(1));
        callers.and_then(|stack| function(*stack.first()?))
    };
    let returned = site(tables, look.site).is_some_and(|s| s.sources.contains(&look.site));
    let acts = function(act.e.site);
    acts == function(look.site)
        || returned
            && caller(look.stack)
                .is_some_and(|by| Some(by) == acts || Some(by) == caller(act.e.stack))
}
