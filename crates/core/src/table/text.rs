//! The text of a table, of whatever encoding.

use super::error::TableError;
use encoding_rs::{UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use std::path::{Path, PathBuf};

/// What stands behind the name of a file of Windows' code page.
const WINDOWS: &str = "#cp1252";

/// How the text of a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableEncoding {
    /// UTF-8, or UTF-16 of either order, which can be told apart.
    Unicode,
    /// Windows' code page for Western Europe, 1252, in which any bytes are text.
    Windows1252,
}

impl TableEncoding {
    /// The file that a name means, and how its text is written: `FILE#cp1252` is text of Windows' code page.
    pub fn of(name: &Path) -> (PathBuf, Self) {
        let plain = |text: &str| {
            let (file, told) = text.split_at_checked(text.len().checked_sub(WINDOWS.len())?)?;
            told.eq_ignore_ascii_case(WINDOWS).then(|| PathBuf::from(file))
        };
        match name.to_str().and_then(plain) {
            Some(file) => (file, Self::Windows1252),
            None => (name.to_owned(), Self::Unicode),
        }
    }
}

/// Bytes as text, whose lines end with `\n` alone and which has no mark of its order.
pub(super) fn decoded(bytes: &[u8], encoding: TableEncoding) -> Result<String, TableError> {
    let encoding = match encoding {
        TableEncoding::Windows1252 => WINDOWS_1252,
        TableEncoding::Unicode => match bytes {
            [0xff, 0xfe, ..] => UTF_16LE,
            [0xfe, 0xff, ..] => UTF_16BE,
            // The header is ASCII more often than not, and no text holds a zero.
            [first, 0, ..] if *first != 0 => UTF_16LE,
            [0, second, ..] if *second != 0 => UTF_16BE,
            _ => UTF_8,
        },
    };
    let (text, bad) = encoding.decode_with_bom_removal(bytes);
    if bad || text.contains('\0') {
        let wrong = |c: char| c == char::REPLACEMENT_CHARACTER || c == '\0';
        let line = text.split('\n').position(|line| line.contains(wrong)).unwrap_or(0);
        return Err(TableError::NoText { line: line as u64 + 1 });
    }
    // The reader of cells would count lines that end with two marks wrongly; old ones of a Macintosh have the first alone.
    Ok(text.replace("\r\n", "\n").replace('\r', "\n"))
}
