//! Since when servers and files have given nothing, over all threads: a server that is down is waited for once, and not
//! once for each of its files.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

static SINCE: Mutex<BTreeMap<String, Instant>> = Mutex::new(BTreeMap::new());

/// Takes note of a failure of a remote file; gives for how long it, or all that was asked of its server, has failed.
pub(crate) fn failed(path: &Path) -> Duration {
    let (server, file) = keys(path);
    let now = Instant::now();
    let mut since = since();
    let earliest = [server, file].into_iter().map(|key| *since.entry(key).or_insert(now)).min();
    earliest.map_or(Duration::ZERO, |earliest| now - earliest)
}

/// Takes note that a remote file was read.
pub(crate) fn over(path: &Path) {
    let mut since = since();
    if !since.is_empty() {
        let (server, file) = keys(path);
        since.remove(&server);
        since.remove(&file);
    }
}

/// The server and the file without its signature, which may change from one search to the next.
fn keys(path: &Path) -> (String, String) {
    let file = without_query(path);
    let (scheme, rest) = file.split_once("://").unwrap_or(("", &file));
    let host = rest.split('/').find(|part| !part.is_empty()).unwrap_or_default();
    (format!("{scheme}://{host}"), file)
}

/// A location without its signature, and whatever else stands after a question mark.
pub(crate) fn without_query(path: &Path) -> String {
    let text = path.to_string_lossy();
    text.split('?').next().unwrap_or_default().to_owned()
}

fn since() -> MutexGuard<'static, BTreeMap<String, Instant>> {
    // Nothing panics while the lock is held, and a map of times is whole at any moment.
    SINCE.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_gives_another_file_is_up() {
        let [a, b] = ["http://troubles.test/a.tif?sig=1", "http://troubles.test/b.tif"].map(Path::new);
        assert_eq!(failed(a), Duration::ZERO);
        std::thread::sleep(Duration::from_millis(5));
        assert!(failed(b) >= Duration::from_millis(5), "the server was in trouble before");
        over(b);
        assert_eq!(failed(b), Duration::ZERO);
        assert!(failed(Path::new("http://troubles.test/a.tif?sig=2")) >= Duration::from_millis(5));
        over(a);
        over(b);
    }
}
