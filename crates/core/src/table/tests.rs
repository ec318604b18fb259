//! Tables of every kind that people have.

use super::*;
use crate::ClassCode;
use proptest::prelude::*;
use std::path::Path;

const PLAIN: &str = "id,x,y,name\n1,10.5,20,wet meadow\n2,11,21,Öd\n";

fn parse(bytes: &[u8]) -> Result<Table, TableError> {
    Table::parse(bytes, TableEncoding::Unicode)
}

fn cells(table: &Table) -> Vec<Vec<String>> {
    table.rows.iter().map(|row| row.cells.clone()).collect()
}

#[track_caller]
fn check_alike(bytes: &[u8]) {
    let (plain, other) = (parse(PLAIN.as_bytes()).unwrap(), parse(bytes).unwrap());
    assert_eq!(other.header, plain.header);
    let number = |table: &Table| table.rows.iter().map(|row| table.number(&row.cells[1])).collect::<Vec<_>>();
    assert_eq!(number(&other), [Some(10.5), Some(11.0)]);
    assert_eq!(cells(&other)[1], cells(&plain)[1]);
}

fn utf_16(text: &str, mark: bool, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    let mark = mark.then_some(0xfeff_u16);
    mark.into_iter().chain(text.encode_utf16()).flat_map(bytes).collect()
}

#[test]
fn tables_of_many_kinds_are_one() {
    check_alike(format!("\u{feff}{PLAIN}").as_bytes());
    check_alike(PLAIN.replace('\n', "\r\n").as_bytes());
    check_alike(PLAIN.replace('\n', "\r").as_bytes());
    check_alike(PLAIN.replace(',', "\t").as_bytes());
    check_alike(PLAIN.replace(',', ";").replace("10.5", "10,5").as_bytes());
    check_alike(format!("sep=;\n{}", PLAIN.replace(',', ";").replace("10.5", "10,5")).as_bytes());
    check_alike(format!("sep=,\n{PLAIN}").as_bytes());
    check_alike(format!("sep=\t\r\n{}", PLAIN.replace(',', "\t")).as_bytes());
    check_alike(&utf_16(PLAIN, true, u16::to_le_bytes));
    check_alike(&utf_16(PLAIN, true, u16::to_be_bytes));
    check_alike(&utf_16(PLAIN, false, u16::to_le_bytes));
    check_alike(&utf_16(PLAIN, false, u16::to_be_bytes));
    check_alike("id,x,y,name,\n1,10.5,20,wet meadow,\n,,,,\n2,11,21,Öd,\n".as_bytes());
}

#[test]
fn text_of_windows_is_read_where_its_name_says_so() {
    let bytes = b"id,name\n1,meadow\n2,\xd6d \x80\n";
    let (file, encoding) = TableEncoding::of(Path::new("a/points.csv#CP1252"));
    assert_eq!((file.as_path(), encoding), (Path::new("a/points.csv"), TableEncoding::Windows1252));
    assert_eq!(Table::parse(bytes, encoding).unwrap().rows[1].cells, ["2", "Öd €"]);
    let (file, encoding) = TableEncoding::of(Path::new("a/points.csv"));
    assert_eq!((file.as_path(), encoding), (Path::new("a/points.csv"), TableEncoding::Unicode));
    let refused = Table::parse(bytes, encoding).unwrap_err().to_string();
    assert!(
        refused.starts_with("line 3 is neither UTF-8 nor UTF-16") && refused.contains("FILE#cp1252"),
        "{refused}"
    );
}

#[test]
fn lines_are_those_of_the_file() {
    let text = "\n\nid,name\n\n1,\"two\nlines\"\n,\n2,b\n";
    for text in [text.to_owned(), text.replace('\n', "\r\n")] {
        let table = parse(text.as_bytes()).unwrap();
        assert_eq!(table.rows.iter().map(|row| row.line).collect::<Vec<_>>(), [5, 8]);
        assert_eq!(table.rows[0].cells[1], "two\nlines");
    }
}

#[track_caller]
fn check_refused(text: &str, words: &str) {
    let message = parse(text.as_bytes()).unwrap_err().to_string();
    assert!(message.contains(words), "{message}");
}

#[test]
fn what_is_not_clear_is_refused() {
    check_refused("", "the table is empty");
    check_refused(",,\n,\n", "the table is empty");
    check_refused("a;b,c\n1;2,3\n", "line 1: `a;b,c` may be cut at `,` or at `;`");
    check_refused("x;y\n10,5;1\n10.5;2\n", "column `x` has 10.5 in line 3 and 10,5 in line 2");
    check_refused("x,y\n1,2\n10,5,1\n", "line 3 has 3 cells and the header 2");
    check_refused("x,y,code\n1,2,3\n10,5", "line 3 has 2 cells and the header 3");
}

#[test]
fn a_header_with_two_separators_is_cut_where_all_rows_are() {
    let table = parse("id;what, and where\n1;a\n2;b\n".as_bytes()).unwrap();
    assert_eq!(table.header, ["id", "what, and where"]);
    let table = parse("id,\"a;b\"\n1,2\n".as_bytes()).unwrap();
    assert_eq!(table.header, ["id", "a;b"]);
}

#[test]
fn codes_are_whole_numbers_of_a_byte() {
    let (points, commas) = (parse(b"a,b\n").unwrap(), parse(b"a;b\n").unwrap());
    assert_eq!([points.code("3"), points.code("3.0"), points.code("003")], [Some(ClassCode(3)); 3]);
    assert_eq!([commas.code("3,0"), commas.code("3.0")], [Some(ClassCode(3)); 2]);
    for cell in ["", "3.5", "256", "-1", "forest", "NaN", "3,0"] {
        assert_eq!(points.code(cell), None, "{cell}");
    }
    assert_eq!([commas.number("1.234,5"), commas.number("1,234,5"), commas.number("inf")], [None; 3]);
}

proptest! {
    #[test]
    fn any_cells_come_back(rows in prop::collection::vec(prop::collection::vec("[ -~äé]{0,6}", 3), 1..6)) {
        for separator in [b',', b';', b'\t'] {
            let mut writer = csv::WriterBuilder::new().delimiter(separator).from_writer(Vec::new());
            writer.write_record(["a", "b", "c"]).unwrap();
            rows.iter().for_each(|row| writer.write_record(row).unwrap());
            let table = parse(&writer.into_inner().unwrap());
            let trimmed: Vec<Vec<String>> =
                rows.iter().map(|row| row.iter().map(|cell| cell.trim().to_owned()).collect()).collect();
            let wanted: Vec<Vec<String>> =
                trimmed.into_iter().filter(|row: &Vec<String>| row.iter().any(|cell| !cell.is_empty())).collect();
            match table {
                Ok(table) => prop_assert_eq!(cells(&table), wanted),
                Err(error) => prop_assert!(matches!(error, TableError::PointsAndCommas { .. }), "{error}"),
            }
        }
    }
}
