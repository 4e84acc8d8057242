//! What a Redis server answers, and how its errors reach a guest.

use bytes::Bytes;

/// An answer, as the second version of the protocol has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Nothing is there.
    Nil,
    /// A word of the server's own: `OK`.
    Status(&'static str),
    /// A whole number.
    Integer(i64),
    /// Bytes.
    Bulk(Bytes),
    /// Several answers in one.
    Array(Vec<Reply>),
}

impl Reply {
    /// The status of what has no other answer.
    pub const OK: Self = Self::Status("OK");

    /// Bytes, or that there are none.
    pub fn bulk_or_nil(bytes: Option<Bytes>) -> Self {
        bytes.map_or(Self::Nil, Self::Bulk)
    }

    /// A number of things.
    pub fn count(things: usize) -> Self {
        Self::Integer(i64::try_from(things).unwrap_or(i64::MAX))
    }

    /// An array of bytes.
    pub fn bulks(items: impl IntoIterator<Item = Bytes>) -> Self {
        Self::Array(items.into_iter().map(Self::Bulk).collect())
    }

    /// Its size in bytes, but for what holds it together.
    pub fn size(&self) -> usize {
        match self {
            Self::Nil => 0,
            Self::Status(text) => text.len(),
            Self::Integer(_) => 8,
            Self::Bulk(bytes) => bytes.len(),
            Self::Array(items) => items.iter().map(Self::size).sum(),
        }
    }

    /// The answers in it without the arrays around them, as Spin gives them to a guest.
    pub fn flat(self) -> Vec<Self> {
        match self {
            Self::Array(items) => items.into_iter().flat_map(Self::flat).collect(),
            one => vec![one],
        }
    }
}

/// Why a command has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The server says so: its error, code first.
    #[error("{0}")]
    Server(String),
    /// The model lacks it: no answer would be better than a wrong one.
    #[error("{0}")]
    Unknown(String),
}

impl Refusal {
    /// An error of the server.
    pub fn server(text: impl Into<String>) -> Self {
        Self::Server(text.into())
    }

    /// The key holds something of another type.
    pub fn wrong_type() -> Self {
        Self::server("WRONGTYPE Operation against a key holding the wrong kind of value")
    }

    /// What the words of a command do not mean anything.
    pub fn syntax() -> Self {
        Self::server("ERR syntax error")
    }

    /// Not an integer.
    pub fn not_an_integer() -> Self {
        Self::server("ERR value is not an integer or out of range")
    }
}

/// A server's error as the crate that Spin uses puts it into words (redis 0.32, `impl Display for RedisError` in
/// `src/types.rs`): those that begin with `ERR` are told by kind, others with a colon after the code.
pub fn in_words_of_the_client(error: &str) -> String {
    match error.split_once(' ') {
        Some(("ERR", detail)) => {
            format!("An error was signalled by the server - ResponseError: {detail}")
        }
        Some((code, detail)) => format!("{code}: {detail}"),
        None => format!("{error}: Unknown extension error encountered"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_in_arrays_are_one_list_for_a_guest() {
        let inner = Reply::Array(vec![Reply::Nil, Reply::Integer(1)]);
        let outer = Reply::Array(vec![Reply::OK, inner, Reply::Array(Vec::new())]);
        assert_eq!(outer.flat(), [Reply::OK, Reply::Nil, Reply::Integer(1)]);
        assert_eq!(Reply::Nil.flat(), [Reply::Nil]);
    }

    /// The crate's own words are the judge.
    #[test]
    fn errors_read_as_the_client_of_spin_writes_them() {
        for error in [
            "ERR wrong number of arguments for 'get' command",
            "WRONGTYPE Operation against a key holding the wrong kind of value",
            "OOM",
        ] {
            let parsed = redis::parse_redis_value(format!("-{error}\r\n").as_bytes());
            let words = parsed.unwrap().extract_error().unwrap_err().to_string();
            assert_eq!(in_words_of_the_client(error), words);
        }
    }
}
