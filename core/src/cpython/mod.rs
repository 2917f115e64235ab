//! What depends on the insides of CPython, and nothing else does: a structure's layout, a private
//! function, a table that CPython reads. One file for each dependence says on which versions it
//! rests, how that is checked, what happens elsewhere, and why it is safe; a test looks for these words.
//!
//! To support another version of CPython is to look through the files of this folder, and the tables of
//! edits in `tracer/primitives`.

#![warn(clippy::undocumented_unsafe_blocks, clippy::missing_safety_doc)]

pub mod bytesio;
pub mod callables;
pub mod deaths;
pub mod descriptors;
pub mod evaluation;
mod frame_layout;
pub mod frames;
pub mod instructions;
pub mod iterators;
pub mod locals;
pub mod lock_methods;
pub mod locks;
pub mod memory;
pub mod methods;
pub mod originals;
mod places;
pub mod profiles;
pub mod slots;
pub mod thread_exit;
pub mod types;
