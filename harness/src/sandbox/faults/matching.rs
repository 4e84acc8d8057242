//! Which calls a rule is about: component, store label, operation, key.

use crate::sandbox::service::{AnyOperation, Family};
use globset::{GlobBuilder, GlobMatcher};
use std::sync::Arc;

/// Which calls a rule is about. What is `None` fits every call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Match {
    /// The component that calls.
    pub component: Option<Arc<str>>,
    /// The store label.
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
    /// `None` for a plain text, which is compared as it is.
    glob: Option<GlobMatcher>,
}

impl PartialEq for KeyPattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for KeyPattern {}

/// A key pattern that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{pattern}` is no pattern for keys: {reason}; `*` is any text, `?` any character, `[ab]` either character, \
     `{{one,two}}` either text, and `\\` before one of these takes it as it is"
)]
pub struct BadKeyPattern {
    pattern: String,
    reason: String,
}

impl KeyPattern {
    /// Reads a pattern.
    ///
    /// # Errors
    ///
    /// An unfinished `[…]` or `{…}`.
    pub fn new(pattern: &str) -> Result<Self, BadKeyPattern> {
        let text = Arc::from(pattern);
        if !pattern.contains(['*', '?', '[', '{', '\\']) {
            return Ok(Self { text, glob: None });
        }
        let glob = GlobBuilder::new(pattern)
            .literal_separator(false)
            .backslash_escape(true)
            .build()
            .map_err(|error| BadKeyPattern {
                pattern: pattern.to_owned(),
                reason: error.kind().to_string(),
            })?;
        Ok(Self {
            text,
            glob: Some(glob.compile_matcher()),
        })
    }

    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub(crate) fn fits(&self, key: &str) -> bool {
        match &self.glob {
            Some(glob) => glob.is_match(key),
            None => &*self.text == key,
        }
    }
}

impl Match {
    /// Whether its calls are those of a service other than key-value.
    pub(crate) fn is_of_service(&self) -> bool {
        self.family().is_some()
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
