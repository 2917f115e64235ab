//! Rows by ids that are given one after the other and taken away in any order. What is taken away takes
//! no room, but for what still lies in the same page.

use crate::reserve::Table;

const ROWS: usize = 64;

struct Page<T> {
    rows: [Option<T>; ROWS],
    left: usize,
}

pub struct Paged<T> {
    pages: Vec<Option<Box<Page<T>>>>,
    /// How many ids were given.
    count: u32,
}

impl<T> Page<T> {
    fn new() -> Box<Page<T>> {
        Box::new(Page {
            rows: [const { None }; ROWS],
            left: 0,
        })
    }
}

impl<T> Default for Paged<T> {
    fn default() -> Self {
        Paged {
            pages: Vec::new(),
            count: 0,
        }
    }
}

impl<T> Paged<T> {
    /// How many rows were put in, so the last id.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Puts a row in; returns its id, from 1 on.
    pub fn push(&mut self, row: T) -> u32 {
        let at = self.count as usize;
        if at / ROWS == self.pages.len() {
            self.pages.spare();
            self.pages.push(Some(Page::new()));
        }
        if let Some(page) = &mut self.pages[at / ROWS] {
            page.rows[at % ROWS] = Some(row);
            page.left += 1;
        }
        self.count += 1;
        self.count
    }

    /// Puts a row in with an id that was given elsewhere, in the place of what it has.
    pub fn put(&mut self, id: u32, row: T) {
        let Some(at) = (id as usize).checked_sub(1) else {
            return;
        };
        while self.pages.len() <= at / ROWS {
            self.pages.spare();
            self.pages.push(None);
        }
        let page = self.pages[at / ROWS].get_or_insert_with(Page::new);
        page.left += usize::from(page.rows[at % ROWS].replace(row).is_none());
        self.count = self.count.max(id);
    }

    pub fn get(&self, id: u32) -> Option<&T> {
        let at = (id as usize).wrapping_sub(1);
        self.pages.get(at / ROWS)?.as_ref()?.rows[at % ROWS].as_ref()
    }

    pub fn get_mut(&mut self, id: u32) -> Option<&mut T> {
        let at = (id as usize).wrapping_sub(1);
        self.pages.get_mut(at / ROWS)?.as_mut()?.rows[at % ROWS].as_mut()
    }

    pub fn remove(&mut self, id: u32) {
        let at = (id as usize).wrapping_sub(1);
        let Some(slot) = self.pages.get_mut(at / ROWS) else {
            return;
        };
        let Some(page) = slot else {
            return;
        };
        if page.rows[at % ROWS].take().is_some() {
            page.left -= 1;
        }
        // The last page is still being filled.
        if page.left == 0 && at / ROWS < self.count as usize / ROWS {
            *slot = None;
        }
    }

    pub fn rows_mut(&mut self) -> impl Iterator<Item = &mut T> {
        let pages = self.pages.iter_mut().flatten();
        pages.flat_map(|page| page.rows.iter_mut().flatten())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_found_by_their_ids_until_they_are_removed() {
        let mut paged = Paged::default();
        for i in 1..=1000_u32 {
            assert_eq!(paged.push(i * 2), i);
        }
        for id in (1..=1000).filter(|id| id % 300 != 0) {
            paged.remove(id);
            paged.remove(id);
        }
        assert_eq!(paged.count(), 1000);
        assert_eq!(paged.rows_mut().count(), 3);
        assert_eq!(paged.get(300), Some(&600));
        assert_eq!(
            (paged.get(0), paged.get(301), paged.get(1001)),
            (None, None, None)
        );
        assert!(paged.pages.iter().filter(|page| page.is_some()).count() <= 4);
        paged.put(5, 55);
        paged.put(300, 33);
        assert_eq!((paged.get(5), paged.get(300)), (Some(&55), Some(&33)));
        assert_eq!(paged.push(7), 1001);
        assert_eq!(paged.get_mut(1001), Some(&mut 7));
    }
}
