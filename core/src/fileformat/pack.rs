//! msgpack, as far as a trace needs it: writing into a `Vec`, and a cursor that trusts nothing.

use rmp::Marker;

use super::FileError;

pub type Result<T> = std::result::Result<T, FileError>;

/// Append an int in its shortest form.
#[inline]
pub fn put_int(out: &mut Vec<u8>, value: i64) {
    if (0..128).contains(&value) || (-32..0).contains(&value) {
        out.push(value as u8);
    } else {
        rmp::encode::write_sint(out, value).expect("a Vec grows");
    }
}

pub fn put_float(out: &mut Vec<u8>, value: f64) {
    rmp::encode::write_f64(out, value).expect("a Vec grows");
}

pub fn put_bool(out: &mut Vec<u8>, value: bool) {
    out.push(if value { 0xc3 } else { 0xc2 });
}

pub fn put_nil(out: &mut Vec<u8>) {
    out.push(0xc0);
}

pub fn put_array(out: &mut Vec<u8>, len: usize) {
    rmp::encode::write_array_len(out, len as u32).expect("a Vec grows");
}

pub fn put_map(out: &mut Vec<u8>, len: usize) {
    rmp::encode::write_map_len(out, len as u32).expect("a Vec grows");
}

pub fn put_str(out: &mut Vec<u8>, text: &str) {
    rmp::encode::write_str(out, text).expect("a Vec grows");
}

/// Append a str where the bytes are UTF-8, else a bin (a Python str may hold lone surrogates).
pub fn put_text(out: &mut Vec<u8>, bytes: &[u8]) {
    match std::str::from_utf8(bytes) {
        Ok(text) => put_str(out, text),
        Err(_) => rmp::encode::write_bin(out, bytes).expect("a Vec grows"),
    }
}

/// How deep an object may nest before it is called hostile.
const MAX_DEPTH: u32 = 32;

/// A cursor over msgpack data. Lengths are checked against what is left before anything is
/// allocated, so that no claim costs more than the bytes that back it.
pub struct Unpacker<'a> {
    data: &'a [u8],
    pos: usize,
}

impl<'a> Unpacker<'a> {
    pub fn new(data: &'a [u8]) -> Self {
        Unpacker { data, pos: 0 }
    }

    pub fn position(&self) -> usize {
        self.pos
    }

    pub fn at_end(&self) -> bool {
        self.pos == self.data.len()
    }

    /// The end was reached where more was needed.
    fn short(&self) -> FileError {
        FileError::Short
    }

    fn wrong(&self, wanted: &str) -> FileError {
        FileError::bad(format!("{wanted} expected at byte {} of a block", self.pos))
    }

    #[inline]
    fn byte(&mut self) -> Result<u8> {
        let byte = *self.data.get(self.pos).ok_or(FileError::Short)?;
        self.pos += 1;
        Ok(byte)
    }

    pub fn take(&mut self, len: usize) -> Result<&'a [u8]> {
        let end = self
            .pos
            .checked_add(len)
            .filter(|&end| end <= self.data.len())
            .ok_or_else(|| self.short())?;
        let bytes = &self.data[self.pos..end];
        self.pos = end;
        Ok(bytes)
    }

    fn fixed<const N: usize>(&mut self) -> Result<[u8; N]> {
        Ok(self.take(N)?.try_into().expect("N bytes were taken"))
    }

    #[inline]
    pub fn int(&mut self) -> Result<i64> {
        let byte = self.byte()?;
        if !(0x80..0xe0).contains(&byte) {
            return Ok(i64::from(byte as i8));
        }
        self.long_int(byte)
    }

    fn long_int(&mut self, byte: u8) -> Result<i64> {
        Ok(match Marker::from_u8(byte) {
            Marker::U8 => i64::from(self.byte()?),
            Marker::U16 => i64::from(u16::from_be_bytes(self.fixed()?)),
            Marker::U32 => i64::from(u32::from_be_bytes(self.fixed()?)),
            Marker::U64 => i64::try_from(u64::from_be_bytes(self.fixed()?))
                .map_err(|_| self.wrong("an int of 63 bits"))?,
            Marker::I8 => i64::from(self.byte()? as i8),
            Marker::I16 => i64::from(i16::from_be_bytes(self.fixed()?)),
            Marker::I32 => i64::from(i32::from_be_bytes(self.fixed()?)),
            Marker::I64 => i64::from_be_bytes(self.fixed()?),
            _ => return Err(self.wrong("an int")),
        })
    }

    /// An int of 0 or more that fits `T`.
    #[inline]
    pub fn uint<T: TryFrom<i64>>(&mut self) -> Result<T> {
        let value = self.int()?;
        T::try_from(value).map_err(|_| self.wrong("an int in range"))
    }

    pub fn float(&mut self) -> Result<f64> {
        match Marker::from_u8(self.byte()?) {
            Marker::F64 => Ok(f64::from_be_bytes(self.fixed()?)),
            Marker::F32 => Ok(f64::from(f32::from_be_bytes(self.fixed()?))),
            _ => Err(self.wrong("a float")),
        }
    }

    pub fn bool(&mut self) -> Result<bool> {
        match self.byte()? {
            0xc2 => Ok(false),
            0xc3 => Ok(true),
            _ => Err(self.wrong("a bool")),
        }
    }

    /// Whether a nil comes next; it is consumed if so.
    pub fn nil(&mut self) -> Result<bool> {
        let nil = *self.data.get(self.pos).ok_or_else(|| self.short())? == 0xc0;
        self.pos += usize::from(nil);
        Ok(nil)
    }

    pub fn next_marker(&self) -> Result<Marker> {
        let byte = *self.data.get(self.pos).ok_or_else(|| self.short())?;
        Ok(Marker::from_u8(byte))
    }

    /// A str or a bin.
    pub fn text(&mut self) -> Result<&'a [u8]> {
        let len = match Marker::from_u8(self.byte()?) {
            Marker::FixStr(len) => usize::from(len),
            Marker::Str8 | Marker::Bin8 => usize::from(self.byte()?),
            Marker::Str16 | Marker::Bin16 => usize::from(u16::from_be_bytes(self.fixed()?)),
            Marker::Str32 | Marker::Bin32 => u32::from_be_bytes(self.fixed()?) as usize,
            _ => return Err(self.wrong("a str or a bin")),
        };
        self.take(len)
    }

    pub fn str(&mut self) -> Result<String> {
        let bytes = self.text()?;
        Ok(String::from_utf8_lossy(bytes).into_owned())
    }

    /// The length of a bin whose bytes follow, perhaps beyond the data at hand.
    pub fn bin_len(&mut self) -> Result<usize> {
        Ok(match Marker::from_u8(self.byte()?) {
            Marker::Bin8 => usize::from(self.byte()?),
            Marker::Bin16 => usize::from(u16::from_be_bytes(self.fixed()?)),
            Marker::Bin32 => u32::from_be_bytes(self.fixed()?) as usize,
            _ => return Err(self.wrong("a bin")),
        })
    }

    pub fn array(&mut self) -> Result<usize> {
        let len = match Marker::from_u8(self.byte()?) {
            Marker::FixArray(len) => usize::from(len),
            Marker::Array16 => usize::from(u16::from_be_bytes(self.fixed()?)),
            Marker::Array32 => u32::from_be_bytes(self.fixed()?) as usize,
            _ => return Err(self.wrong("an array")),
        };
        self.backed(len)
    }

    pub fn map(&mut self) -> Result<usize> {
        let len = match Marker::from_u8(self.byte()?) {
            Marker::FixMap(len) => usize::from(len),
            Marker::Map16 => usize::from(u16::from_be_bytes(self.fixed()?)),
            Marker::Map32 => u32::from_be_bytes(self.fixed()?) as usize,
            _ => return Err(self.wrong("a map")),
        };
        self.backed(len)
    }

    /// An item takes at least one byte.
    fn backed(&self, len: usize) -> Result<usize> {
        if len > self.data.len() - self.pos {
            return Err(self.short());
        }
        Ok(len)
    }

    /// An array of exactly `len` items.
    pub fn array_of(&mut self, len: usize) -> Result<()> {
        if self.array()? != len {
            return Err(self.wrong(&format!("an array of {len}")));
        }
        Ok(())
    }

    /// Pass over one object of any kind.
    pub fn skip(&mut self) -> Result<()> {
        self.skip_within(MAX_DEPTH)
    }

    fn skip_within(&mut self, depth: u32) -> Result<()> {
        if depth == 0 {
            return Err(FileError::bad("an object nests too deep"));
        }
        let items = match self.next_marker()? {
            Marker::FixArray(_) | Marker::Array16 | Marker::Array32 => self.array()?,
            Marker::FixMap(_) | Marker::Map16 | Marker::Map32 => self.map()? * 2,
            Marker::FixStr(_)
            | Marker::Str8
            | Marker::Str16
            | Marker::Str32
            | Marker::Bin8
            | Marker::Bin16
            | Marker::Bin32 => {
                self.text()?;
                0
            }
            Marker::F32 | Marker::F64 => {
                self.float()?;
                0
            }
            Marker::U64 => {
                self.take(9)?;
                0
            }
            Marker::Null | Marker::True | Marker::False => {
                self.byte()?;
                0
            }
            _ => {
                self.int()?;
                0
            }
        };
        for _ in 0..items {
            self.skip_within(depth - 1)?;
        }
        Ok(())
    }
}
