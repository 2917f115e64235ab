//! A thread's file of records: blocks of one size. The first is mapped and written by plain stores,
//! so that what is in it survives any death of the process; once full it is copied to the end of
//! the file and begun anew. A page first touched in a mapping costs the kernel three times what a
//! copied one does.

use super::{page, window};
use crate::spool::records::{block_head, BLOCK, HEAD};
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

pub struct Blocks {
    path: PathBuf,
    first: *mut u8,
    full: u64,
}

impl Blocks {
    /// Makes the file, or empties it.
    pub fn open(path: &Path) -> Result<Blocks, i32> {
        let name = window::name(path)?;
        Ok(Blocks {
            path: path.to_owned(),
            first: window::map(&name, 0, BLOCK, libc::O_CREAT | libc::O_TRUNC, 0)?,
            full: 0,
        })
    }

    /// Where records go: from here up to the end.
    pub fn room(&self) -> (*mut u8, *mut u8) {
        // SAFETY: both lie in the block.
        unsafe { (self.first.add(HEAD), self.first.add(BLOCK)) }
    }

    /// Puts the first block, which is full, behind the others.
    pub fn turn(&mut self) -> Result<(), i32> {
        page::growing(|| self.append_first())
    }

    fn append_first(&mut self) -> Result<(), i32> {
        // SAFETY: the block is mapped as long as this lives.
        let block = unsafe { std::slice::from_raw_parts(self.first, BLOCK) };
        let offset = (self.full + 1) * BLOCK as u64;
        if !window::may_reach(offset as usize + BLOCK) {
            return Err(libc::EFBIG);
        }
        let file = File::options().write(true).open(&self.path);
        file.and_then(|file| file.write_all_at(block, offset))
            .map_err(|error| error.raw_os_error().unwrap_or(libc::EIO))?;
        self.full += 1;
        self.store_head(block_head(self.full, true));
        // SAFETY: the block is mapped as long as this lives.
        unsafe { self.first.add(HEAD).write_bytes(0, BLOCK - HEAD) };
        self.store_head(block_head(self.full, false));
        Ok(())
    }

    fn store_head(&self, head: u64) {
        // SAFETY: the block is mapped as long as this lives.
        unsafe { &*self.first.cast::<AtomicU64>() }.store(head, Ordering::SeqCst);
    }
}

impl Drop for Blocks {
    fn drop(&mut self) {
        // SAFETY: the block is mapped as long as this lives.
        unsafe { libc::munmap(self.first.cast(), BLOCK) };
    }
}
