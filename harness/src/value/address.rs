//! Addresses as journals and reports show them: who reads those is not who may know the passwords.

/// An address without what it says of the user and without its query. Of words such as `host=a password=b`, as Postgres
/// takes them, only host and port. Where it is not clear what belongs to a password, only the scheme is left.
pub fn without_secrets(address: &str) -> String {
    let (scheme, rest) = match address.find("://") {
        Some(end) => address.split_at(end + 3),
        None => ("", address),
    };
    if scheme.is_empty() && (are_words(rest) || rest.contains('=') && !rest.contains('@')) {
        if rest.contains(['\'', '\\']) {
            // What stands between quotes may look like words of its own.
            return "…".to_owned();
        }
        let words = rest.split_whitespace();
        let told = words.filter(|word| word.starts_with("host=") || word.starts_with("port="));
        return told.collect::<Vec<_>>().join(" ");
    }
    if scheme.is_empty() && !rest.contains('@') {
        return rest.to_owned();
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let start = authority.rfind('@').map_or(0, |at| at + 1);
    if rest[start..].contains('@') {
        // A password that should have been percent-encoded, or something of the path that only looks so.
        return format!("{scheme}…");
    }
    let told = rest[start..].split(['?', '#']).next().unwrap_or_default();
    format!("{scheme}{told}")
}

/// Whether an address begins with a word such as `host=`.
fn are_words(address: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphabetic() || c == '_';
    let first = address.split_once('=').map(|(name, _)| name.trim());
    first.is_some_and(|name| !name.is_empty() && name.chars().all(is_letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_told_of_the_user() {
        for (address, told) in [
            ("default", "default"),
            ("what?", "what?"),
            ("redis://localhost:6379", "redis://localhost:6379"),
            ("redis://localhost:6379/2", "redis://localhost:6379/2"),
            ("redis://:secret@host/1", "redis://host/1"),
            ("mysql://user:p@ss@host:1/db?x=y", "mysql://host:1/db"),
            ("user:pass@host/db", "host/db"),
            ("https://db.example/?authToken=abc", "https://db.example/"),
            ("https://db.example#abc", "https://db.example"),
            ("host=a,b port=1 user=u password=p", "host=a,b port=1"),
            ("password=p@b host=a", "host=a"),
            ("password='p host=b' host=a", "…"),
            // Not encoded, so nobody can tell where the password ends.
            ("redis://user:pa/ss@host", "redis://…"),
            ("redis://user:pa?ss@host", "redis://…"),
            ("redis://user:p@a/ss@host", "redis://…"),
            ("redis://host/?password=a@b", "redis://…"),
        ] {
            assert_eq!(without_secrets(address), told, "{address}");
        }
    }
}
