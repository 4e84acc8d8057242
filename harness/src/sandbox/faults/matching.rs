//! Which calls a rule is about: component, store label, operation, key.

use crate::sandbox::service::{AnyOperation, Family};
use globset::{GlobBuilder, GlobMatcher};
use std::borrow::Cow;
use std::sync::Arc;

/// Which calls a rule is about. What is `None` fits every call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Match {
    /// The component that calls.
    pub component: Option<Arc<str>>,
    /// The label of a store or database, the address of a server.
    pub store: Option<Arc<str>>,
    /// The operation, whatever interface it comes through; `None` for every one of a key-value store.
    pub operation: Option<AnyOperation>,
    /// A pattern for the key; a batch fits when one of its keys does.
    pub key: Option<KeyPattern>,
}

/// A pattern for keys: `*` is any text, `?` any character, `[ab]` either character, `{one,two}` either text; `\`, on
/// every system, takes the next character as it is.
#[derive(Clone, Debug)]
pub struct KeyPattern {
    text: Arc<str>,
    /// The text in the one spelling.
    plain: Arc<str>,
    /// `None` for a plain text, which is compared as it is.
    glob: Option<GlobMatcher>,
    /// How a key is spelled here, where it can be spelled in several ways.
    spelling: Spelling,
}

/// The one spelling that a key is compared in.
pub(crate) type Spelling = fn(&str) -> Cow<'_, str>;

impl PartialEq for KeyPattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for KeyPattern {}

/// A key pattern that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadKeyPattern {
    /// A `[…]` or `{…}` in it has no end, or is empty.
    #[error(
        "`{pattern}` is no pattern for keys: {reason}; `*` is any text, `?` any character, `[ab]` either character, \
         `{{one,two}}` either text, and `\\` before one of these takes it as it is"
    )]
    Unreadable {
        /// The text.
        pattern: String,
        /// What is wrong with it.
        reason: String,
    },
    /// No request can have such a URL.
    #[error(
        "\"{text}\" fits no request: {reason}; write a URL such as \"https://example.com/users/*\""
    )]
    NoUrl {
        /// The text.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl KeyPattern {
    /// Reads a pattern.
    ///
    /// # Errors
    ///
    /// An unfinished `[…]` or `{…}`.
    pub fn new(pattern: &str) -> Result<Self, BadKeyPattern> {
        Self::spelled(pattern, pattern, |key| Cow::Borrowed(key))
    }

    /// Reads a pattern whose keys have several spellings; `text` is how it was written.
    pub(crate) fn spelled(
        text: &str,
        pattern: &str,
        spelling: Spelling,
    ) -> Result<Self, BadKeyPattern> {
        let is_glob = pattern.contains(['*', '?', '[', '{', '\\']);
        let glob = || {
            GlobBuilder::new(pattern)
                .literal_separator(false)
                .backslash_escape(true)
                .build()
                .map(|glob| glob.compile_matcher())
                .map_err(|error| BadKeyPattern::Unreadable {
                    pattern: text.to_owned(),
                    reason: error.kind().to_string(),
                })
        };
        Ok(Self {
            text: Arc::from(text),
            plain: Arc::from(pattern),
            glob: is_glob.then(glob).transpose()?,
            spelling,
        })
    }

    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub(crate) fn fits(&self, key: &str) -> bool {
        let key = (self.spelling)(key);
        match &self.glob {
            Some(glob) => glob.is_match(&*key),
            None => *self.plain == *key,
        }
    }
}

impl Match {
    /// Whether its calls are those of a service other than key-value.
    pub(crate) fn is_of_service(&self) -> bool {
        self.family().is_some()
    }

    /// Reads what its operation's calls are about; empty text fits every call, as an empty cell does.
    ///
    /// # Errors
    ///
    /// An unfinished `[…]` or `{…}`, or a URL that no request has.
    pub(crate) fn key_pattern(&self, text: &str) -> Result<Option<KeyPattern>, BadKeyPattern> {
        let read = || match self.operation {
            Some(operation) => operation.key_pattern(text),
            None => KeyPattern::new(text),
        };
        (!text.is_empty()).then(read).transpose()
    }

    /// Writes the label as calls have it.
    pub(super) fn normalise_store(&mut self) {
        if let (Some(operation), Some(store)) = (self.operation, &self.store) {
            self.store = Some(Arc::from(operation.normal_label(store)));
        }
    }

    /// The service that it is about, other than key-value.
    pub(super) fn family(&self) -> Option<&'static Family> {
        self.operation.and_then(AnyOperation::family)
    }

    fn fits_operation(&self, operation: AnyOperation) -> bool {
        match self.operation {
            Some(wanted) => wanted == operation,
            None => matches!(operation, AnyOperation::KeyValue(_)),
        }
    }

    pub(super) fn fits(
        &self,
        component: &str,
        store: &str,
        operation: AnyOperation,
        keys: &[&str],
    ) -> bool {
        self.fits_operation(operation)
            && self.store.as_deref().is_none_or(|wanted| wanted == store)
            && self
                .component
                .as_deref()
                .is_none_or(|wanted| wanted == component)
            && self
                .key
                .as_ref()
                .is_none_or(|pattern| keys.iter().any(|key| pattern.fits(key)))
    }

    /// In how many of its conditions a call differs: what "nearest" means when a rule never fired.
    pub(crate) fn distance(
        &self,
        component: &str,
        store: &str,
        operation: AnyOperation,
        keys: &[&str],
    ) -> usize {
        usize::from(!self.fits_operation(operation)) * 2
            + usize::from(self.store.as_deref().is_some_and(|wanted| wanted != store))
            + usize::from(
                self.component
                    .as_deref()
                    .is_some_and(|wanted| wanted != component),
            )
            + usize::from(
                self.key
                    .as_ref()
                    .is_some_and(|pattern| !keys.iter().any(|key| pattern.fits(key))),
            )
    }
}
