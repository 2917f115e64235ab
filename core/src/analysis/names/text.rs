//! Keys as Python's source has them, and how long texts are cut.

use std::borrow::Cow;

/// What takes more bytes is cut: an owner's name stands in those of all that lies in it.
const LONGEST: usize = 160;

/// A text, or its beginning and a sum of the whole, so that two long ones are told apart.
pub fn short(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&beginning(bytes)).into_owned()
}

/// The same of bytes. The sum is that of all of them.
pub fn beginning(bytes: &[u8]) -> Cow<'_, [u8]> {
    if bytes.len() <= LONGEST {
        return Cow::Borrowed(bytes);
    }
    // Not within a character.
    let mut end = LONGEST - 16;
    while end > 0 && bytes[end] & 0xc0 == 0x80 {
        end -= 1;
    }
    let mut cut = bytes[..end].to_vec();
    cut.extend(format!("…{:08x}", crc32fast::hash(bytes)).into_bytes());
    Cow::Owned(cut)
}

/// A float as Python writes it.
pub fn float(value: f64) -> String {
    let text = format!("{value:?}");
    let Some((digits, exponent)) = text.split_once('e') else {
        return text;
    };
    let (sign, exponent) = match exponent.strip_prefix('-') {
        Some(exponent) => ('-', exponent),
        None => ('+', exponent),
    };
    format!("{digits}e{sign}{exponent:0>2}")
}

/// A str in quotes, with what cannot be printed escaped.
pub fn string(text: &str) -> String {
    let quote = quote(text.contains('\''), text.contains('"'));
    let mut out = String::from(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => out.extend(['\\', c]),
            c if c.is_control() => out.push_str(&format!("\\x{:02x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push(quote);
    out
}

pub fn bytes(bytes: &[u8]) -> String {
    let quote = quote(bytes.contains(&b'\''), bytes.contains(&b'"'));
    let mut out = format!("b{quote}");
    for &byte in bytes {
        match byte {
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            byte if char::from(byte) == quote => out.extend(['\\', quote]),
            b' '..=b'~' => out.push(char::from(byte)),
            byte => out.push_str(&format!("\\x{byte:02x}")),
        }
    }
    out.push(quote);
    out
}

fn quote(single: bool, double: bool) -> char {
    if single && !double {
        '"'
    } else {
        '\''
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_as_python_writes_them() {
        for (value, text) in [
            (0.25, "0.25"),
            (2.0, "2.0"),
            (1e20, "1e+20"),
            (1e-7, "1e-07"),
            (f64::INFINITY, "inf"),
        ] {
            assert_eq!(float(value), text);
        }
    }

    #[test]
    fn long_texts_are_cut_and_told_apart() {
        assert_eq!(short("ö".repeat(80).as_bytes()), "ö".repeat(80));
        let (a, b) = ("ö".repeat(5000), "ö".repeat(5001));
        assert!(short(a.as_bytes()).starts_with(&"ö".repeat(72)));
        assert!(short(a.as_bytes()).len() <= LONGEST);
        assert_ne!(short(a.as_bytes()), short(b.as_bytes()));
    }

    #[test]
    fn texts_are_quoted_as_python_does() {
        assert_eq!(string("it's"), "\"it's\"");
        assert_eq!(string("a\n\"'\x01"), "'a\\n\"\\'\\x01'");
        assert_eq!(bytes(b"a\xff'"), "b\"a\\xff'\"");
    }
}
