//! Patterns of names: `?` is any one character, `*` any number of them.

/// True where a name as a whole follows a pattern, in upper or lower case.
pub(super) fn follows(name: &str, pattern: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else {
        return name.len() == pattern.len() && starts(name, pattern);
    };
    starts(name, head)
        && (head.len()..=name.len()).any(|from| name.get(from..).is_some_and(|name| follows(name, rest)))
}

/// True where a name begins as a pattern without `*` says.
fn starts(name: &str, pattern: &str) -> bool {
    name.len() >= pattern.len()
        && name.bytes().zip(pattern.bytes()).all(|(n, p)| p == b'?' || n.eq_ignore_ascii_case(&p))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_patterns() {
        #[track_caller]
        fn check(name: &str, pattern: &str, expected: bool) {
            assert_eq!(follows(name, pattern), expected, "{name} {pattern}");
        }
        check("S2A_28QCH_20200714_0_L2A", "S2?_*_????????_?_L2A", true);
        check("S2A_1CCV_20200714_0_L2A", "S2?_*_????????_?_L2A", true);
        check("S2A_28QCH_20200714_0_L1C", "S2?_*_????????_?_L2A", false);
        check("HLS.S30.T35UNQ.2022078T092029.v2.0", "HLS.S30.*", true);
        check("hls.s30.", "HLS.S30.*", true);
        check("HLS.L30.T35UNQ", "HLS.S30.*", false);
        check("abc", "abc", true);
        check("abcd", "abc", false);
        check("é", "*", true);
    }
}
