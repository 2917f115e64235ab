//! The numbers of rows by what the rows are, without a second copy of them.

use std::hash::{Hash, Hasher};

use rustc_hash::{FxHashMap, FxHasher};

/// Finds rows that are kept elsewhere. Of rows with one hash each has a place of its own, one after the
/// other.
#[derive(Default)]
pub struct Index(FxHashMap<u64, u32>);

impl Index {
    /// The number of the row that is like `key`, as `is_it` tells; else `next`, which is that from now on.
    pub fn number<K: Hash + ?Sized>(
        &mut self,
        key: &K,
        next: u32,
        is_it: impl Fn(u32) -> bool,
    ) -> u32 {
        let mut place = hash(key);
        loop {
            match self.0.get(&place) {
                Some(number) if is_it(*number) => return *number,
                Some(_) => place = place.wrapping_add(1),
                None => {
                    self.0.insert(place, next);
                    return next;
                }
            }
        }
    }
}

fn hash<K: Hash + ?Sized>(key: &K) -> u64 {
    let mut hasher = FxHasher::default();
    key.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All of one hash.
    #[derive(PartialEq)]
    struct Alike(u32);

    impl Hash for Alike {
        fn hash<H: Hasher>(&self, state: &mut H) {
            state.write_u8(0);
        }
    }

    #[test]
    fn rows_of_one_hash_are_told_apart() {
        let rows = [Alike(7), Alike(8), Alike(9)];
        let mut index = Index::default();
        for round in 0..2 {
            for (i, row) in rows.iter().enumerate() {
                let next = if round == 0 { i as u32 } else { 100 };
                assert_eq!(
                    index.number(row, next, |n| rows[n as usize] == *row),
                    i as u32
                );
            }
        }
    }
}
