//! What a spool is made of: the recorder writes it (`record`), and `convert` reads it. Both take its
//! words and layouts from here. docs/spool.md describes it.

pub mod files;
pub mod format;
pub mod page;
mod python;
pub mod records;

pub use python::register;
