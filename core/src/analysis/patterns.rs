//! How many patterns of a location are remembered. Programs that make code as they go have new sites
//! for ever, so there is a limit.

pub const LIMIT: usize = 256;

/// Adds a pattern; at the limit the oldest goes.
pub fn push<T>(patterns: &mut Vec<T>, new: T) {
    if patterns.len() == LIMIT {
        patterns.remove(0);
    }
    patterns.push(new);
}
