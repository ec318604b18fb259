//! Paths and URLs of linked documents.

/// True for `http://…` and `https://…`.
pub(crate) fn is_url(location: &str) -> bool {
    let scheme = location.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    matches!(scheme.as_deref(), Some("http" | "https"))
}

/// What `href`, written in the document at `base`, points to: an absolute path or a URL, without `.` and `..`.
///
/// `file://` becomes a path; other schemes (`s3://`) and GDAL's own paths (`/vsizip/…`) stay as they are.
pub(crate) fn resolve(base: &str, href: &str) -> String {
    if let Some(path) = href.strip_prefix("file://") {
        return path.to_owned();
    }
    if href.contains("://") || href.starts_with("/vsi") {
        return href.to_owned();
    }
    let Some((scheme, rest)) = base.split_once("://") else {
        let folder = base.rsplit_once('/').map_or("", |(folder, _)| folder);
        let joined = if href.starts_with('/') { href.to_owned() } else { format!("{folder}/{href}") };
        return without_dots(&joined);
    };
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
    format!("{scheme}://{host}{}{query}", without_dots(&joined))
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
