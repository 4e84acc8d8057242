//! Numbers as sentences have them.

/// The ending of a noun of which there are so many.
pub fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// `never`, `once`, `3 times`.
pub fn times<N: From<u8> + PartialEq + std::fmt::Display>(count: N) -> String {
    if count == N::from(0) {
        return "never".to_owned();
    }
    match count == N::from(1) {
        true => "once".to_owned(),
        false => format!("{count} times"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_no_several() {
        assert_eq!([0, 1, 2].map(plural), ["s", "", "s"]);
        assert_eq!([0_u64, 1, 2].map(times), ["never", "once", "2 times"]);
    }
}
