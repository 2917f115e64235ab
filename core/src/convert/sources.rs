//! What the source says, read once when the run has ended, so that the trace can be read where the
//! source is not: the text of sites that the rewriter did not see, and the variable that a
//! primitive was first assigned to.

use std::path::Path;

use rustc_hash::FxHashMap;

use super::files;
use super::numbers::Numbers;

const LARGEST_FILE: u64 = 4 << 20;
const LONGEST_TEXT: usize = 200;

/// The lines of the files that were asked for; a file that cannot be read has none.
#[derive(Default)]
struct Files(FxHashMap<u32, Vec<String>>);

impl Files {
    fn line(&mut self, file: u32, name: &[u8], number: u32) -> Option<&str> {
        let lines = self.0.entry(file).or_insert_with(|| read(name));
        let index = (number as usize).checked_sub(1)?;
        lines.get(index).map(String::as_str)
    }
}

fn read(name: &[u8]) -> Vec<String> {
    let name = String::from_utf8_lossy(name);
    let bytes = files::read(Path::new(&*name), LARGEST_FILE).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    text.lines().map(str::to_owned).collect()
}

/// Fills in texts of sites and labels of objects that have none.
pub fn complete(numbers: &mut Numbers) {
    let mut files = Files::default();
    for i in 0..numbers.tables.sites.len() {
        let site = &numbers.tables.sites[i];
        let name = numbers.strings.get(site.file);
        if let Some(line) = files.line(site.file, name, site.line) {
            if site.text == 0 {
                let end = (site.end_line == site.line).then_some(site.end_column);
                let text = segment(line, site.column, end);
                numbers.tables.sites[i].text = numbers.strings.intern(text.as_bytes());
            }
        }
    }
    for i in 0..numbers.tables.objects.len() {
        let object = &numbers.tables.objects[i];
        let Some(site) = (object.site as usize)
            .checked_sub(1)
            .filter(|_| object.label == 0)
            .and_then(|row| numbers.tables.sites.get(row))
        else {
            continue;
        };
        let name = numbers.strings.get(site.file);
        let line = files.line(site.file, name, site.line);
        if let Some(target) = line.and_then(|line| assigned(line, site.column)) {
            numbers.tables.objects[i].label = numbers.strings.intern(target.as_bytes());
        }
    }
}

/// The part of a line between two columns, which count bytes from 1.
fn segment(line: &str, column: u32, end: Option<u32>) -> &str {
    let start = (column as usize).saturating_sub(1);
    let end = end.map_or(line.len(), |end| (end as usize).saturating_sub(1));
    let text = line.get(start..end.min(line.len())).unwrap_or(line).trim();
    let mut cut = text.len().min(LONGEST_TEXT);
    while !text.is_char_boundary(cut) {
        cut -= 1;
    }
    &text[..cut]
}

/// The variable in `name = Call(…)` or `self.name: Type = Call(…)`, if the call at `column` is the
/// whole right side as far as the line shows it.
fn assigned(line: &str, column: u32) -> Option<&str> {
    let before = line.get(..(column as usize).checked_sub(1)?)?.trim_end();
    let target = before.strip_suffix('=')?.trim();
    let target = target
        .split_once(':')
        .map_or(target, |(name, _)| name)
        .trim();
    let plain = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    (!target.is_empty() && target.chars().all(plain)).then_some(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_of_an_assignment() {
        assert_eq!(assigned("lock = threading.Lock()", 8), Some("lock"));
        assert_eq!(
            assigned("    self.q: Queue[int] = Queue()", 26),
            Some("self.q")
        );
        assert_eq!(assigned("    locks.append(Lock())", 18), None);
        assert_eq!(assigned("x == Lock()", 6), None);
        assert_eq!(assigned("a, b = Lock(), Lock()", 8), None);
        assert_eq!(assigned("", 40), None);
    }

    #[test]
    fn a_segment_never_splits_a_character() {
        assert_eq!(segment("q.put('ö')", 1, Some(12)), "q.put('ö')");
        assert_eq!(segment("ööö", 2, Some(3)), "ööö");
        assert_eq!(segment(&"ö".repeat(300), 1, None).len(), LONGEST_TEXT);
    }
}
