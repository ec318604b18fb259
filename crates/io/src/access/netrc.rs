//! `.netrc`: logins by machine, as ftp wrote it down and curl reads it.

/// A login at a machine.
#[derive(PartialEq, Eq)]
pub(super) struct Login {
    pub(super) machine: String,
    pub(super) login: String,
    pub(super) password: String,
}

/// The entries that name a machine, a login and a password. `default`, which would give one password to every host, and
/// macros are left out, and so is what is incomplete.
pub(super) fn logins(text: &str) -> Vec<Login> {
    let mut logins = Vec::new();
    let mut words = words(text).into_iter();
    let mut open: Option<[Option<String>; 3]> = None;
    while let Some(word) = words.next() {
        let place = match word.as_str() {
            "machine" => {
                logins.extend(open.take().and_then(complete));
                open = Some([words.next(), None, None]);
                continue;
            }
            "default" => {
                logins.extend(open.take().and_then(complete));
                continue;
            }
            "login" => 1,
            "password" => 2,
            "account" => {
                words.next();
                continue;
            }
            _ => continue,
        };
        let value = words.next();
        if let Some(entry) = &mut open {
            entry[place] = value;
        }
    }
    logins.extend(open.and_then(complete));
    logins
}

fn complete([machine, login, password]: [Option<String>; 3]) -> Option<Login> {
    Some(Login { machine: machine?, login: login?, password: password? })
}

/// The words of all lines but comments and macros, which last to the next empty line; quoted ones may hold blanks.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut in_macro = false;
    for line in text.lines() {
        let line = line.trim();
        in_macro = (in_macro && !line.is_empty()) || line.starts_with("macdef");
        if in_macro || line.starts_with('#') {
            continue;
        }
        let mut rest = line;
        while let Some(first) = rest.chars().next() {
            let (word, after) = match rest.strip_prefix('"') {
                Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
                None => rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len())),
            };
            // In quotes a word may be empty.
            if !word.is_empty() || first == '"' {
                words.push(word.to_owned());
            }
            rest = after.trim_start();
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[[&str; 3]]) {
        let found: Vec<[String; 3]> =
            logins(text).into_iter().map(|l| [l.machine, l.login, l.password]).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn entries_are_read_as_curl_does() {
        check("machine a.org login me password pw", &[["a.org", "me", "pw"]]);
        check(
            "# mine\nmachine a.org\n\tlogin me\n\tpassword \"p w\"\n\nmachine b.org login you account x password pw2\n",
            &[["a.org", "me", "p w"], ["b.org", "you", "pw2"]],
        );
        check("machine a.org password pw login me", &[["a.org", "me", "pw"]]);
        check(
            "macdef init\nmachine m.org login x password y\n\nmachine a.org login me password pw",
            &[["a.org", "me", "pw"]],
        );
    }

    #[test]
    fn what_is_for_everyone_or_half_is_left_out() {
        check("default login me password pw", &[]);
        check("machine a.org login me password pw default login x password y", &[["a.org", "me", "pw"]]);
        check("machine a.org login me\nmachine b.org password pw", &[]);
        check("machine", &[]);
        check("", &[]);
    }
}
