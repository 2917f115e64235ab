//! Blocks: the msgpack maps that a file is a stream of.
//!
//! A block is `{"kind", "first"?, "n", "size", "crc32", "data"}`, `data` last, so that its place in
//! the file is known without reading it. The first block also names the format and its version.

use super::pack::{self, Result, Unpacker};
use super::{FileError, FORMAT, VERSION};

/// The most bytes that one block may hold, unpacked. Writers stay far below.
pub const MAX_SIZE: usize = 64 << 20;
/// The most bytes of a block before its data.
pub const MAX_ENVELOPE: usize = 256;

/// A block as found in the file; its data stays where it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Block {
    pub kind: String,
    /// The sequence number of the first event of an event block; 0 for any other.
    pub first: u64,
    pub n: usize,
    pub size: usize,
    pub crc32: u32,
    /// Where the data is, from the start of the file.
    pub offset: u64,
    pub len: usize,
}

/// Append a block with the payload, compressed.
pub fn write(out: &mut Vec<u8>, kind: &str, first: Option<u64>, n: usize, payload: &[u8]) {
    let data = zstd::bulk::compress(payload, 3).expect("zstd compresses anything into a Vec");
    let header = kind == "header";
    pack::put_map(
        out,
        5 + usize::from(first.is_some()) + 2 * usize::from(header),
    );
    if header {
        pack::put_str(out, "format");
        pack::put_str(out, FORMAT);
        pack::put_str(out, "version");
        pack::put_int(out, VERSION);
    }
    pack::put_str(out, "kind");
    pack::put_str(out, kind);
    if let Some(seq) = first {
        pack::put_str(out, "first");
        pack::put_int(out, seq as i64);
    }
    for (key, value) in [("n", n), ("size", payload.len())] {
        pack::put_str(out, key);
        pack::put_int(out, value as i64);
    }
    pack::put_str(out, "crc32");
    pack::put_int(out, i64::from(crc32fast::hash(&data)));
    pack::put_str(out, "data");
    rmp::encode::write_bin(out, &data).expect("a Vec grows");
}

/// Whether a file that begins so is of this format, whatever its state.
pub fn is_first(head: &[u8]) -> bool {
    let mut key = Vec::new();
    pack::put_str(&mut key, "format");
    head.get(1..).is_some_and(|rest| rest.starts_with(&key))
}

/// Read the envelope of the block that starts at `at`, of which `head` are the first bytes.
pub fn read(head: &[u8], at: u64) -> Result<Block> {
    let mut unpacker = Unpacker::new(head);
    // Nothing but a format name can make a foreign file look like ours.
    let keys = unpacker.map()?;
    let mut block = Block::default();
    let mut named = false;
    for i in 0..keys {
        let key = unpacker.text()?;
        match key {
            b"format" if at == 0 && i == 0 => named = unpacker.text()? == FORMAT.as_bytes(),
            b"version" if named && i == 1 => {
                let version = unpacker.int()?;
                if version != VERSION {
                    return Err(FileError::bad(format!(
                        "version {version} of the format; this racetrace reads version {VERSION}"
                    )));
                }
            }
            b"kind" => block.kind = unpacker.str()?,
            b"first" => block.first = unpacker.uint()?,
            b"n" => block.n = unpacker.uint()?,
            b"size" => block.size = unpacker.uint()?,
            b"crc32" => block.crc32 = unpacker.uint()?,
            b"data" if i + 1 == keys => {
                block.len = unpacker.bin_len()?;
                block.offset = at + unpacker.position() as u64;
            }
            _ => {
                return Err(FileError::bad(format!(
                    "an unknown key in the block at byte {at}"
                )))
            }
        }
    }
    if at == 0 && !named {
        return Err(FileError::bad("not a racetrace trace file"));
    }
    if block.size > MAX_SIZE || block.len > MAX_SIZE {
        return Err(FileError::bad(format!(
            "the block at byte {at} is too large"
        )));
    }
    if block.offset == 0 {
        return Err(FileError::bad(format!(
            "the block at byte {at} has no data"
        )));
    }
    Ok(block)
}

impl Block {
    pub fn end(&self) -> u64 {
        self.offset + self.len as u64
    }

    pub fn check(&self, data: &[u8]) -> Result<()> {
        if crc32fast::hash(data) != self.crc32 {
            return Err(FileError::bad(format!(
                "checksum error in the {} block at byte {}",
                self.kind, self.offset
            )));
        }
        Ok(())
    }

    /// The payload. Never takes more memory than the block says, and at most `MAX_SIZE`.
    pub fn unpack(&self, data: &[u8]) -> Result<Vec<u8>> {
        let wrong = || {
            FileError::bad(format!(
                "the {} block at byte {} does not unpack",
                self.kind, self.offset
            ))
        };
        let payload = zstd::bulk::decompress(data, self.size).map_err(|_| wrong())?;
        if payload.len() != self.size {
            return Err(wrong());
        }
        Ok(payload)
    }
}
