//! Which instruction of one code object is that of another one, made of the same source with more in it.
//!
//! Versions: 3.11 and newer, which say where in the source each instruction comes from.
//! Check: none is needed: `co_positions` and `co_code` are public.
//! Elsewhere: there is no other.
//! Safe: what is read are attributes.

use pyo3::prelude::*;
use rustc_hash::FxHashMap;

/// Where an instruction comes from: line, column, last line, last column.
pub type Position = [i64; 4];

/// What each two bytes of the code that runs are: where they come from (-1: nowhere), and the
/// operation, 0 for what belongs to the one before.
pub fn instructions(code: &Bound<'_, PyAny>) -> PyResult<Vec<(Position, u8)>> {
    let kind = code.get_type();
    // From the type: they are this code's own.
    let positions = kind.getattr("co_positions")?.call1((code,))?;
    let bytes = kind.getattr("co_code")?.call_method1("__get__", (code,))?;
    let bytes: Vec<u8> = bytes.extract()?;
    let mut found = Vec::with_capacity(bytes.len() / 2);
    for (index, position) in positions.try_iter()?.enumerate() {
        let [line, end_line, column, end_column] = position?.extract::<[Option<i64>; 4]>()?;
        let position = [line, column, end_line, end_column].map(|n| n.unwrap_or(-1));
        found.push((position, bytes.get(2 * index).copied().unwrap_or_default()));
    }
    Ok(found)
}

/// For each instruction that of the original: the same operation at the same place in the source, else
/// the last one there, else the one before the next place that both have.
pub fn places(ours: &[(Position, u8)], theirs: &[(Position, u8)]) -> Vec<i32> {
    let mut same: FxHashMap<(Position, u8), Vec<i32>> = FxHashMap::default();
    let mut there: FxHashMap<Position, i32> = FxHashMap::default();
    let mut on_line: FxHashMap<i64, i32> = FxHashMap::default();
    for (index, &(position, operation)) in theirs.iter().enumerate() {
        if operation != 0 {
            let at = 2 * index as i32;
            same.entry((position, operation)).or_default().push(at);
            there.insert(position, at);
            on_line.insert(position[0], at);
        }
    }
    let mut used: FxHashMap<(Position, u8), usize> = FxHashMap::default();
    let mut last = 0;
    ours.iter()
        .map(|&(position, operation)| {
            if operation == 0 {
                // A call is over behind all that belongs to it.
                let next = last + 2;
                let belongs = theirs
                    .get(next as usize / 2)
                    .is_some_and(|&(_, code)| code == 0);
                last = if belongs { next } else { last };
                return last;
            }
            let count = used.entry((position, operation)).or_insert(0);
            let nth = same.get(&(position, operation));
            let nth = nth.and_then(|all| all.get(*count).or(all.last()));
            *count += 1;
            last = nth
                .or_else(|| there.get(&position))
                .or_else(|| on_line.get(&position[0]))
                .copied()
                .unwrap_or(last);
            last
        })
        .collect()
}
