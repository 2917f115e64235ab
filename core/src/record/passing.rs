//! Tables of what may be met again, of which what was not met for long is forgotten: a program may use
//! new keys and values for ever. What is forgotten and met again gets a new id; the trace makes one of both.

use crate::reserve::Table;
use crate::spool::format::REMEMBERED;
use rustc_hash::FxHashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicBool, Ordering};

static ALL: AtomicBool = AtomicBool::new(false);

/// Nothing is forgotten from now on: in a replay each id here stands for one of the trace.
pub fn keep_all() {
    ALL.store(true, Ordering::Relaxed);
}

/// Rows that were met since the last turn, and those that were met in the one before.
pub struct Passing<K, V> {
    young: FxHashMap<K, V>,
    old: FxHashMap<K, V>,
}

impl<K, V> Default for Passing<K, V> {
    fn default() -> Self {
        Passing {
            young: FxHashMap::default(),
            old: FxHashMap::default(),
        }
    }
}

impl<K: Eq + Hash + Copy, V: Copy> Passing<K, V> {
    #[inline]
    pub fn get(&mut self, key: &K, forget: impl FnMut(K, V)) -> Option<V> {
        match self.young.get(key) {
            Some(&row) => Some(row),
            None if self.old.is_empty() => None,
            None => {
                // Under the key that it has: this one may be of other memory.
                let (key, row) = self.old.remove_entry(key)?;
                self.insert(key, row, forget);
                Some(row)
            }
        }
    }

    /// Takes a row out.
    pub fn remove(&mut self, key: &K) -> Option<(K, V)> {
        let young = self.young.remove_entry(key);
        young.or_else(|| self.old.remove_entry(key))
    }

    /// Puts in a row that is not there; `forget` is given each that is forgotten for it.
    pub fn insert(&mut self, key: K, row: V, mut forget: impl FnMut(K, V)) {
        if self.young.len() >= REMEMBERED && !ALL.load(Ordering::Relaxed) {
            let young = std::mem::take(&mut self.young);
            for (key, row) in std::mem::replace(&mut self.old, young) {
                forget(key, row);
            }
        }
        self.young.spare();
        self.young.insert(key, row);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_met_again_and_again_is_not_forgotten() {
        let mut passing = Passing::default();
        let mut forgotten = 0;
        passing.insert(0, 0, |_, _| ());
        for i in 1..10 * REMEMBERED {
            passing.insert(i, i, |_, _| forgotten += 1);
            if i % 1000 == 0 {
                assert_eq!(passing.get(&0, |_, _| forgotten += 1), Some(0));
            }
        }
        assert_eq!(passing.get(&1, |_, _| ()), None);
        assert!(forgotten >= 7 * REMEMBERED);
        assert!(passing.young.len() + passing.old.len() <= 2 * REMEMBERED);
    }
}
