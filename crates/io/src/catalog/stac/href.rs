//! Paths and URLs of linked documents.

use std::path::Path;

/// True for `http://…` and `https://…`.
pub(crate) fn is_url(location: &str) -> bool {
    let scheme = scheme_of(location).map(str::to_ascii_lowercase);
    matches!(scheme.as_deref(), Some("http" | "https"))
}

/// The path that a `file://` address names, `None` of any other.
pub(crate) fn file_of(location: &str) -> Option<String> {
    let rest =
        location.get(7..).filter(|_| scheme_of(location).is_some_and(|s| s.eq_ignore_ascii_case("file")))?;
    let path = rest.strip_prefix("localhost/").map_or_else(|| rest.to_owned(), |path| format!("/{path}"));
    // As some write it: with the characters of the path themselves.
    Some(there_or_decoded(path))
}

/// What stands before `://`, where it is the name of a scheme and not a part of a path or query.
fn scheme_of(location: &str) -> Option<&str> {
    let (scheme, _) = location.split_once("://")?;
    let letters = scheme.starts_with(|first: char| first.is_ascii_alphabetic());
    let named = scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    (letters && named).then_some(scheme)
}

/// What `href`, written in the document at `base`, points to: an absolute path or a URL, without `.` and `..`.
///
/// `file://` becomes a path; other schemes (`s3://`) and GDAL's own paths (`/vsizip/…`) stay as they are. In a path, `%20`
/// is a blank unless a file has it in its name.
pub(crate) fn resolve(base: &str, href: &str) -> String {
    if let Some(path) = file_of(href) {
        return path;
    }
    if scheme_of(href).is_some() || href.starts_with("/vsi") || is_drive(href) {
        return href.to_owned();
    }
    let Some((scheme, rest)) = base.split_once("://") else {
        let base = if is_drive(base) { base.replace('\\', "/") } else { base.to_owned() };
        let folder = base.rsplit_once('/').map_or("", |(folder, _)| folder);
        let joined = if href.starts_with('/') { href.to_owned() } else { format!("{folder}/{href}") };
        return there_or_decoded(without_dots(&joined));
    };
    if href.starts_with("//") {
        return format!("{scheme}:{href}");
    }
    // The query of a base names the document, not its folder.
    let rest = rest.split(['?', '#']).next().unwrap_or(rest);
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    if let Some(query) = href.strip_prefix('?') {
        return format!("{scheme}://{host}/{path}?{query}");
    }
    let (href, query) = match href.find(['?', '#']) {
        Some(at) => href.split_at(at),
        None => (href, ""),
    };
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let joined = if href.starts_with('/') { href.to_owned() } else { format!("/{folder}/{href}") };
    let joined = without_dots(&joined);
    let path = if is_url(base) { joined.replace(' ', "%20") } else { joined };
    format!("{scheme}://{host}{path}{query}")
}

/// True for `C:\…` and `C:/…`.
fn is_drive(path: &str) -> bool {
    matches!(path.as_bytes(), [letter, b':', b'\\' | b'/', ..] if letter.is_ascii_alphabetic())
}

/// A path as it is written where it holds no `%`, or there is such a file; else with its `%20` decoded.
fn there_or_decoded(path: String) -> String {
    match path.contains('%') && !Path::new(&path).exists() {
        true => percent_decoded(&path).unwrap_or(path),
        false => path,
    }
}

/// A text without its `%20`; `None` where it is no UTF-8 then.
fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let code =
            after.get(..2).filter(|_| *first == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        let code = code
            .filter(|digits| !digits.starts_with('+'))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(code.unwrap_or(*first));
        rest = if code.is_some() { &after[2..] } else { after };
    }
    String::from_utf8(bytes).ok()
}

/// The path from a folder to a file, both absolute or both relative to one folder: `../assets/B04.tif`.
pub(crate) fn relative(folder: &str, file: &str) -> String {
    let parts = |path: &str| without_dots(path).split('/').map(str::to_owned).collect::<Vec<_>>();
    let (from, to) = (parts(folder.trim_end_matches('/')), parts(file));
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..", from.len() - shared);
    let down = to[shared..].iter().map(String::as_str);
    let path: Vec<&str> = up.chain(down).collect();
    if path.first() == Some(&"..") { path.join("/") } else { format!("./{}", path.join("/")) }
}

fn without_dots(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "." => {}
            "" if !parts.is_empty() => {}
            ".." if parts.last().is_some_and(|last| !last.is_empty() && *last != "..") => {
                parts.pop();
            }
            ".." if parts == [""] => {}
            _ => parts.push(part),
        }
    }
    if parts == [""] { "/".to_owned() } else { parts.join("/") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_where_they_say() {
        for (base, href, expected) in [
            ("/data/s2/item.json", "../assets/B04.tif", "/data/assets/B04.tif"),
            ("/data/s2/item.json", "./B04.tif", "/data/s2/B04.tif"),
            ("/data/s2/item.json", "B04.tif", "/data/s2/B04.tif"),
            ("/data/s2/item.json", "/other/B04.tif", "/other/B04.tif"),
            ("/data/item.json", "../../../B04.tif", "/B04.tif"),
            ("/data/item.json", "file:///x/B04.tif", "/x/B04.tif"),
            ("/data/item.json", "file:///a/my%20dir/%C3%A4/x.tif", "/a/my dir/ä/x.tif"),
            ("/data/item.json", "FILE://localhost/a/x%2b.tif", "/a/x+.tif"),
            ("/data/item.json", "file:///a/100%/x%zz.tif", "/a/100%/x%zz.tif"),
            ("/data/item.json", "my%20dir/x.tif", "/data/my dir/x.tif"),
            ("/data/my dir/item.json", "x.tif", "/data/my dir/x.tif"),
            ("C:\\data\\item.json", "./x/B04.tif", "C:/data/x/B04.tif"),
            ("C:\\data\\item.json", "D:\\B04.tif", "D:\\B04.tif"),
            ("s3://bucket/s2/item.json", "../my dir/B04.tif", "s3://bucket/my dir/B04.tif"),
            ("https://a.org/s2/item.json", "my dir/B04.tif", "https://a.org/s2/my%20dir/B04.tif"),
            ("https://a.org/s2/item.json", "file:///x%20/B04.tif", "/x /B04.tif"),
            ("https://a.org/s2/item.json", "//b.org/B04.tif", "https://b.org/B04.tif"),
            ("https://a.org/s2/item.json", "x?of=http://b.org/y", "https://a.org/s2/x?of=http://b.org/y"),
            ("/data/item.json", "https://a.org/B04.tif", "https://a.org/B04.tif"),
            ("/data/item.json", "s3://bucket/B04.tif", "s3://bucket/B04.tif"),
            ("/data/item.json", "/vsizip//x.zip/B04.tif", "/vsizip//x.zip/B04.tif"),
            ("https://a.org/v1/s/item.json", "../B04.tif?sig=a/b", "https://a.org/v1/B04.tif?sig=a/b"),
            ("https://a.org/v1/search?page=1/2", "items", "https://a.org/v1/items"),
            ("https://a.org/v1/search", "?page=2", "https://a.org/v1/search?page=2"),
            ("https://a.org", "search", "https://a.org/search"),
            ("https://a.org/v1/", "search", "https://a.org/v1/search"),
            ("https://a.org/v1", "/search", "https://a.org/search"),
        ] {
            assert_eq!(resolve(base, href), expected, "{href} in {base}");
        }
    }

    #[test]
    fn a_relative_path_leads_back() {
        for (folder, file) in [("/a/b/c", "/a/x/y.tif"), ("/a", "/a/y.tif"), ("/a/b", "/y.tif")] {
            let href = relative(folder, file);
            assert_eq!(resolve(&format!("{folder}/item.json"), &href), file, "{href}");
        }
        assert_eq!(relative("s2/item", "assets/B04.tif"), "../../assets/B04.tif");
        assert_eq!(relative("s2", "s2/B04.tif"), "./B04.tif");
    }

    #[test]
    fn only_http_is_a_url() {
        assert!(is_url("https://a.org") && is_url("HTTP://a.org"));
        assert!(!is_url("/data/catalog.json") && !is_url("s3://bucket/catalog.json"));
    }
}
