//! Patterns of URLs, as answers and fault rules have them.

use crate::sandbox::{BadKeyPattern, KeyPattern};
use std::borrow::Cow;

/// A pattern of URLs: `*` is any text, as in key patterns. A URL without a path has the path `/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UrlPattern(KeyPattern);

impl UrlPattern {
    /// Reads a pattern.
    ///
    /// # Errors
    ///
    /// An unfinished `[…]` or `{…}`, or something that no URL of a request fits.
    pub fn new(text: &str) -> Result<Self, BadKeyPattern> {
        url_pattern(text).map(Self)
    }

    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether a URL fits.
    pub fn fits(&self, url: &str) -> bool {
        self.0.fits(url)
    }
}

/// The same as a fault rule has it.
pub(in crate::sandbox) fn url_pattern(text: &str) -> Result<KeyPattern, BadKeyPattern> {
    check(text).map_err(|reason| BadKeyPattern::NoUrl {
        text: crate::value::visible(text).into_owned(),
        reason,
    })?;
    KeyPattern::spelled(text, &with_plain_queries(&normal(text)), normal)
}

/// A question mark begins a query here, and is no wildcard.
fn with_plain_queries(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    let mut is_escaped = false;
    for c in text.chars() {
        if c == '?' && !is_escaped {
            pattern.push('\\');
        }
        is_escaped = c == '\\' && !is_escaped;
        pattern.push(c);
    }
    pattern
}

/// What means more than itself in a pattern.
const WILD: [char; 4] = ['*', '[', '{', '\\'];

/// Whether a request could have a URL that fits, as far as the text says it without wildcards.
fn check(text: &str) -> Result<(), String> {
    if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err("there is a blank in it".to_owned());
    }
    // A path alone goes to the app itself.
    if text.starts_with('/') || text.starts_with(WILD) {
        return Ok(());
    }
    let Some((scheme, rest)) = text.split_once("://") else {
        return Err("it has no `://`".to_owned());
    };
    if !scheme.contains(WILD) && !matches!(scheme, "http" | "https") {
        return Err(format!(
            "requests go to `http` or `https`, and not to `{scheme}`"
        ));
    }
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    if authority.is_empty() {
        return Err("it names no host".to_owned());
    }
    match authority.contains(WILD) {
        true => Ok(()),
        false => url::Url::parse(&format!("https://{authority}"))
            .map(drop)
            .map_err(|error| error.to_string()),
    }
}

/// A URL without a user and password, which are secrets.
pub(super) fn without_user(url: &str) -> Cow<'_, str> {
    let start = url.find("://").map_or(0, |at| at + 3);
    let end = url[start..]
        .find(['/', '?', '#'])
        .map_or(url.len(), |at| start + at);
    match url[start..end].rfind('@') {
        Some(at) => Cow::Owned(format!("{}{}", &url[..start], &url[start + at + 1..])),
        None => Cow::Borrowed(url),
    }
}

/// With the path that a URL has where none is written.
pub(super) fn normal(url: &str) -> Cow<'_, str> {
    let start = url.find("://").map_or(0, |end| end + 3);
    let end = url[start..].find(['/', '?', '*']).map(|at| start + at);
    match end {
        None => Cow::Owned(format!("{url}/")),
        Some(end) if url[end..].starts_with('?') => {
            Cow::Owned(format!("{}/{}", &url[..end], &url[end..]))
        }
        Some(_) => Cow::Borrowed(url),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_reads_a_user_in_a_url() {
        for (url, without) in [
            (
                "https://user:pa55@a.example/x@y?z=@",
                "https://a.example/x@y?z=@",
            ),
            ("https://u:p@ss@a.example", "https://a.example"),
            ("https://a.example/@", "https://a.example/@"),
        ] {
            assert_eq!(without_user(url), without);
        }
    }

    #[test]
    fn urls_fit_patterns() {
        for (pattern, url) in [
            ("https://a.example", "https://a.example/"),
            ("https://a.example/", "https://a.example"),
            (
                "https://a.example/users/*",
                "https://a.example/users/7?full=yes",
            ),
            ("https://a.example?x=1", "https://a.example/?x=1"),
            ("https://a.example/a\\?x=1", "https://a.example/a?x=1"),
            ("https://*/x", "https://a.example/x"),
            ("*", "https://a.example/x"),
        ] {
            assert!(
                UrlPattern::new(pattern).unwrap().fits(url),
                "{pattern} {url}"
            );
        }
        for (pattern, url) in [
            ("https://a.example/users", "https://a.example/users/7"),
            ("https://a.example/x?y=1", "https://a.example/xzy=1"),
            ("http://a.example", "https://a.example"),
        ] {
            assert!(
                !UrlPattern::new(pattern).unwrap().fits(url),
                "{pattern} {url}"
            );
        }
    }
}
