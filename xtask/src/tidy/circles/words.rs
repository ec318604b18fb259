//! A Rust file as words: names, `::` and single signs, without comments, string literals and what only tests see.

/// The words of `text`. A number is a word too; a lifetime is none.
pub(super) fn words(text: &str) -> Vec<String> {
    let signs: Vec<char> = text.chars().collect();
    let mut words = vec![];
    let mut at = 0;
    while let Some(&sign) = signs.get(at) {
        let next = signs.get(at + 1).copied();
        match sign {
            '/' if next == Some('/') => at = after_line(&signs, at),
            '/' if next == Some('*') => at = after_comment(&signs, at),
            '"' => at = after_string(&signs, at + 1),
            '\'' => at = after_quote(&signs, at),
            ':' if next == Some(':') => {
                words.push("::".to_owned());
                at += 2;
            }
            _ if is_letter(sign) => {
                let end = after_name(&signs, at);
                let name: String = signs[at..end].iter().collect();
                match end_of_raw(&signs, end).filter(|_| ["r", "br", "cr"].contains(&name.as_str())) {
                    Some(after) => at = after,
                    None => {
                        words.push(name);
                        at = end;
                    }
                }
            }
            _ => {
                if !sign.is_whitespace() {
                    words.push(sign.to_string());
                }
                at += 1;
            }
        }
    }
    words
}

fn is_letter(sign: char) -> bool {
    sign.is_alphanumeric() || sign == '_'
}

fn after_name(signs: &[char], from: usize) -> usize {
    signs[from..].iter().position(|sign| !is_letter(*sign)).map_or(signs.len(), |length| from + length)
}

fn after_line(signs: &[char], from: usize) -> usize {
    signs[from..].iter().position(|sign| *sign == '\n').map_or(signs.len(), |length| from + length)
}

/// Behind a `/* … */`, which may hold others.
fn after_comment(signs: &[char], from: usize) -> usize {
    let (mut at, mut depth) = (from, 0_usize);
    while at < signs.len() {
        match (signs[at], signs.get(at + 1)) {
            ('/', Some('*')) => (at, depth) = (at + 2, depth + 1),
            ('*', Some('/')) => (at, depth) = (at + 2, depth - 1),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

fn after_string(signs: &[char], from: usize) -> usize {
    let mut at = from;
    while let Some(sign) = signs.get(at) {
        match sign {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    signs.len()
}

/// Behind `'a'`, `'\''` or the lifetime `'a`.
fn after_quote(signs: &[char], from: usize) -> usize {
    match (signs.get(from + 1), signs.get(from + 2)) {
        (Some('\\'), _) => {
            let end = signs.iter().skip(from + 3).position(|sign| *sign == '\'');
            end.map_or(signs.len(), |length| from + 3 + length + 1)
        }
        (Some(_), Some('\'')) => from + 3,
        (Some(_), _) => after_name(signs, from + 1),
        (None, _) => signs.len(),
    }
}

/// Behind the raw string whose `#"` or `"` begins at `from`; none where something else begins.
fn end_of_raw(signs: &[char], from: usize) -> Option<usize> {
    let hashes = signs[from..].iter().take_while(|sign| **sign == '#').count();
    if signs.get(from + hashes) != Some(&'"') {
        return None;
    }
    let end: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
    let start = from + hashes + 1;
    let length = signs[start..].windows(end.len()).position(|found| found == end);
    Some(length.map_or(signs.len(), |length| start + length + end.len()))
}

/// The words without the items under `#[cfg(test)]`, and the names of the modules among these that are files.
pub(super) fn without_tests(words: &[String]) -> (Vec<String>, Vec<String>) {
    let (mut kept, mut modules) = (vec![], vec![]);
    let mut at = 0;
    while at < words.len() {
        if begins(&words[at..], &["#", "!", "[", "cfg", "(", "test", ")"]) {
            return (vec![], modules);
        }
        if !begins(&words[at..], &["#", "[", "cfg", "(", "test", ")"]) {
            kept.push(words[at].clone());
            at += 1;
            continue;
        }
        let end = after_item(words, at);
        let module = words[at..end].windows(3).find(|three| three[0] == "mod" && three[2] == ";");
        modules.extend(module.map(|three| three[1].clone()));
        at = end;
    }
    (kept, modules)
}

fn begins(words: &[String], expected: &[&str]) -> bool {
    words.len() >= expected.len() && words.iter().zip(expected).all(|(word, expected)| word == expected)
}

/// Behind the item with its attributes: at its `;`, or at the `}` that ends its body.
fn after_item(words: &[String], from: usize) -> usize {
    let mut depth = 0_usize;
    for (at, word) in words.iter().enumerate().skip(from) {
        match word.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" if depth == 0 => return at,
            ")" | "]" => depth -= 1,
            "}" => {
                depth -= 1;
                // That of `use a::{b};` has a `;` of its own.
                if depth == 0 && words.get(at + 1).is_none_or(|word| word != ";") {
                    return at + 1;
                }
            }
            ";" if depth == 0 => return at + 1,
            _ => {}
        }
    }
    words.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(words(text).join(" "), expected, "{text}");
    }

    #[test]
    fn comments_and_literals_are_no_words() {
        check("use crate::a; // crate::b\nf()", "use crate :: a ; f ( )");
        check("/// see crate::b\nf", "f");
        check("a /* b /* c */ d */ e", "a e");
        check(r#"f("crate::b \" c", d)"#, "f ( , d )");
        check(r##"f(r"\", d, r#"a " b"#, e)"##, "f ( , d , , e )");
        check(r##"f(br#"a"#, b"a", r#type)"##, "f ( , b , r # type )");
        check(r"f('a', '\'', '\u{e9}', '\\', b'x', g)", "f ( , , , , b , g )");
        check("fn f<'a>(x: &'a str, y: &'_ u8)", "fn f < > ( x : & str , y : & u8 )");
        check("\"http://x\" a", "a");
    }

    #[track_caller]
    fn check_tests(text: &str, expected: &str, expected_modules: &[&str]) {
        let (kept, modules) = without_tests(&words(text));
        assert_eq!(kept.join(" "), expected, "{text}");
        assert_eq!(modules, expected_modules, "{text}");
    }

    #[test]
    fn what_only_tests_see_is_left_out_and_what_follows_is_not() {
        check_tests("a; #[cfg(test)] mod tests { use crate::b; } c", "a ; c", &[]);
        check_tests("#[cfg(test)] #[path = \"x_tests.rs\"] mod tests; c", "c", &["tests"]);
        check_tests("#[cfg(test)] pub(crate) mod parity; c", "c", &["parity"]);
        check_tests("#[cfg(test)] use crate::{a, b}; c", "c", &[]);
        check_tests("#[cfg(test)] fn f(x: [u8; 2]) -> u8 { g({ 1 }) } c", "c", &[]);
        check_tests("struct S { a: u8, #[cfg(test)] b: u8 } c", "struct S { a : u8 , } c", &[]);
        check_tests("#[cfg(feature)] mod a; c", "# [ cfg ( feature ) ] mod a ; c", &[]);
        check_tests("#![cfg(test)] use crate::a;", "", &[]);
    }
}
