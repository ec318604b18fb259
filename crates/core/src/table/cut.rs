//! Where cells end.

use super::error::TableError;
use super::row::TableRow;

/// What may stand between cells.
const SEPARATORS: [char; 3] = [',', ';', '\t'];

/// The lines of a table that hold anything, its header first.
pub(super) struct Lines {
    pub(super) separator: char,
    pub(super) lines: Vec<TableRow>,
}

/// Cuts text into cells, at the separator that its first line tells, or that its header shows.
pub(super) fn lines(text: &str) -> Result<Lines, TableError> {
    if let Some((separator, rest)) = told(text) {
        return Ok(Lines { separator, lines: cut(rest, separator, 1) });
    }
    let Some((line, header)) = text.lines().enumerate().find(|(_, line)| !line.trim().is_empty()) else {
        return Ok(Lines { separator: ',', lines: Vec::new() });
    };
    let shown: Vec<char> =
        SEPARATORS.into_iter().filter(|separator| outside_quotes(header, *separator)).collect();
    // Of two that the header shows, that which cuts every row into as many cells.
    let even: Vec<char> = match shown.as_slice() {
        [_, _, ..] => shown.iter().copied().filter(|separator| is_even(&cut(text, *separator, 0))).collect(),
        shown => shown.to_vec(),
    };
    let separator = match (even.as_slice(), shown.as_slice()) {
        ([separator], _) => *separator,
        (_, []) => ',',
        (_, [one, other, ..]) | (_, [one @ other]) => {
            let (line, found) = (line as u64 + 1, header.to_owned());
            return Err(TableError::Separators { line, found, one: *one, other: *other });
        }
    };
    Ok(Lines { separator, lines: cut(text, separator, 0) })
}

/// The separator of a first line `sep=;`, and what follows it.
fn told(text: &str) -> Option<(char, &str)> {
    let (first, rest) = text.split_once('\n')?;
    let told = first.trim_end_matches([',', ' ']).trim_matches('"');
    let mut separator = match first.strip_prefix("sep=") {
        // The separator may be the comma itself.
        Some(separator) => separator.chars(),
        None => told.strip_prefix("sep=")?.chars(),
    };
    let first = separator.next()?;
    SEPARATORS.contains(&first).then_some((first, rest))
}

fn outside_quotes(line: &str, separator: char) -> bool {
    let mut quoted = false;
    line.chars().any(|c| {
        quoted ^= c == '"';
        !quoted && c == separator
    })
}

fn is_even(lines: &[TableRow]) -> bool {
    lines.first().is_some_and(|header| lines.iter().all(|row| row.cells.len() == header.cells.len()))
}

/// All rows that are not empty; `before` lines of the file precede the text.
fn cut(text: &str, separator: char, before: u64) -> Vec<TableRow> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator as u8)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    // Text of any number of cells a row cannot fail.
    let rows = reader.records().map_while(Result::ok).map(|record| {
        let begin = record.position().map_or(0, |position| position.byte() as usize);
        // Empty lines before a row are passed over with it.
        let begin = begin + text[begin..].len() - text[begin..].trim_start_matches('\n').len();
        let line = before + 1 + text[..begin].matches('\n').count() as u64;
        TableRow { line, cells: record.iter().map(str::to_owned).collect() }
    });
    rows.filter(|row| row.cells.iter().any(|cell| !cell.is_empty())).collect()
}
