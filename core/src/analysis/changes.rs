//! What a change does to a container: whether it puts something in or takes something out.

use super::{site, text};
use crate::model::{Event, Tables};
use crate::ops::{self, flag};

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Change {
    Grow,
    Shrink,
    Other,
}

const GROWS: [&str; 7] = [
    ".append(",
    ".appendleft(",
    ".add(",
    ".extend(",
    ".insert(",
    ".extendleft(",
    "heappush(",
];
const SHRINKS: [&str; 7] = [
    ".pop(",
    ".popleft(",
    ".popitem(",
    ".remove(",
    ".discard(",
    ".clear(",
    "heappop(",
];

const REARRANGES: [&str; 4] = [".sort(", ".reverse(", ".rotate(", "shuffle("];

/// Whether the update leaves in the container what is in it, in another order.
pub fn only_rearranges(tables: &Tables, e: &Event) -> bool {
    let text = site(tables, e.site).map_or("", |s| text(tables, s));
    e.flags & flag::STRUCTURAL == 0 && REARRANGES.iter().any(|name| text.contains(name))
}

impl Change {
    /// Whether it can make a check in vain that was made for `act`.
    pub fn spoils(self, act: Change) -> bool {
        !matches!(
            (self, act),
            (Change::Grow, Change::Shrink) | (Change::Shrink, Change::Grow)
        )
    }

    pub fn of(tables: &Tables, e: &Event) -> Change {
        match e.op {
            ops::DELETE => Change::Shrink,
            ops::WRITE if e.flags & flag::STRUCTURAL != 0 => Change::Grow,
            ops::UPDATE => {
                let text = site(tables, e.site).map_or("", |s| text(tables, s));
                if GROWS.iter().any(|m| text.contains(m)) {
                    Change::Grow
                } else if text.starts_with("del ") || SHRINKS.iter().any(|m| text.contains(m)) {
                    Change::Shrink
                } else {
                    Change::Other
                }
            }
            _ => Change::Other,
        }
    }
}
