//! Which values fit a key, by the value that it has by default.

use crate::{Error, Result};
use toml::{Table, Value};

/// Keys that take a list of class codes or the like.
const CODES: &[&str] = &["inputs.mask.values", "labels.ignore"];

/// Keys that take a list of numbers even where the list that stands there is empty; the other lists are of texts.
const NUMBERS: &[&str] = &["timeline.years"];

/// Keys that take a word or a number, kept as text.
const WORDS_OR_NUMBERS: &[&str] = &["split.gap_m"];

/// Refuses a value of another type.
pub(super) fn check_type(name: &str, value: &Value, expected: &Value, origin: &str) -> Result<()> {
    let codes = CODES.contains(&name);
    let numbers = is_of_numbers(name, expected);
    let is_item = |item: &Value| match item.as_integer() {
        Some(number) if numbers => number >= 0,
        Some(code) => codes && (0..=255).contains(&code),
        None => !codes && !numbers && item.is_str(),
    };
    // A single item may stand for a list of one, and a whole number for a fraction.
    let (fits, words) = match (expected, value) {
        (Value::Integer(_), Value::Integer(number)) => (*number >= 0, "integer of 0 or more"),
        (Value::Integer(_), _) => (false, "integer of 0 or more"),
        (Value::Float(_), _) => (value.is_integer() || value.is_float(), "number"),
        (Value::String(_), _) if WORDS_OR_NUMBERS.contains(&name) => {
            (value.is_str() || value.is_integer() || value.is_float(), "word or number")
        }
        (Value::Array(_), Value::Array(items)) if codes => {
            (items.iter().all(is_item), "list of codes from 0 to 255")
        }
        (Value::Array(_), Value::Array(items)) if numbers => (items.iter().all(is_item), "list of numbers"),
        (Value::Array(_), Value::Array(items)) => (items.iter().all(is_item), "list of texts"),
        (Value::Array(_), _) if codes => (is_item(value), "list of codes from 0 to 255"),
        (Value::Array(_), _) => (is_item(value), if numbers { "list of numbers" } else { "list of texts" }),
        _ => (value.same_type(expected), expected.type_str()),
    };
    if fits {
        return Ok(());
    }
    Err(Error::WrongType {
        origin: origin.to_owned(),
        key: name.to_owned(),
        expected: words,
        found: value.to_string(),
    })
}

/// Turns a whole number into a fraction, a number into text and a single item into a list where the key wants one.
pub(super) fn fitted(expected: &Value, value: Value) -> Value {
    match (expected, value) {
        (Value::Float(_), Value::Integer(number)) => Value::Float(number as f64),
        (Value::String(_), number @ (Value::Integer(_) | Value::Float(_))) => {
            Value::String(number.to_string())
        }
        (Value::Array(_), item @ (Value::String(_) | Value::Integer(_))) => Value::Array(vec![item]),
        (_, value) => value,
    }
}

/// A value typed on the command line: TOML where it is, a plain word where a text or list is expected.
pub(super) fn typed(key: &str, expected: &Value, text: &str) -> Value {
    let parsed = format!("value = {text}").parse::<Table>().ok().and_then(|mut table| table.remove("value"));
    match (expected, parsed) {
        (Value::String(_), Some(Value::String(quoted))) => Value::String(quoted),
        (Value::String(_), _) => Value::String(text.to_owned()),
        (Value::Array(_), Some(Value::Array(list))) => Value::Array(list),
        (Value::Array(_), _) => {
            // Rectangles have commas of their own.
            let between = if key == "grid.aoi" { ';' } else { ',' };
            let items = text.split(between).map(str::trim).filter(|item| !item.is_empty());
            // The list that stands there may be empty and tell nothing.
            let numbers = CODES.contains(&key) || is_of_numbers(key, expected);
            Value::Array(items.map(|item| item_value(item, numbers)).collect())
        }
        (_, Some(value)) => value,
        (_, None) => Value::String(text.to_owned()),
    }
}

/// Whether the list that stands there is one of numbers, as a network's widths are.
fn is_of_numbers(key: &str, expected: &Value) -> bool {
    NUMBERS.contains(&key)
        || expected.as_array().and_then(|items| items.first()).is_some_and(Value::is_integer)
}

fn item_value(item: &str, number: bool) -> Value {
    match item.parse::<i64>() {
        Ok(value) if number => Value::Integer(value),
        _ => Value::String(item.to_owned()),
    }
}

/// The value of a key such as `train.epochs`.
pub(super) fn look_up<'a>(table: &'a Table, key: &str) -> Option<&'a Value> {
    let (first, rest) = key.split_once('.').map_or((key, None), |(first, rest)| (first, Some(rest)));
    match (table.get(first)?, rest) {
        (Value::Table(inner), Some(rest)) => look_up(inner, rest),
        (value, None) => Some(value),
        _ => None,
    }
}
