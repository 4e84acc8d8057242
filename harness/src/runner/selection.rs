//! Which scenarios run: by tag, by name, by line.

use cucumber::gherkin::tagexpr::TagOperation;
use cucumber::tag::Ext as _;
use regex::Regex;
use std::collections::BTreeSet;

/// What a scenario must be like to run. The default lets every scenario run.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    tags: Option<TagOperation>,
    name: Option<Regex>,
}

/// A filter that cannot be understood.
#[derive(Debug, thiserror::Error)]
pub enum FilterError {
    /// The tag expression.
    #[error(
        "`{expression}` is no tag expression: at character {column}; write for example `@slow and not (@redis or @wip)`"
    )]
    Tags {
        /// What was given.
        expression: String,
        /// Where it stops making sense, from 1.
        column: usize,
    },
    /// The regular expression.
    #[error("`{pattern}` is no regular expression: {reason}")]
    Name {
        /// What was given.
        pattern: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl Filter {
    /// Only scenarios whose tags (their own and those of the feature, rule and examples) satisfy a tag expression.
    ///
    /// # Errors
    ///
    /// It is none.
    pub fn tags(mut self, expression: &str) -> Result<Self, FilterError> {
        // The parser recurses once for each parenthesis: nobody nests them this deep on purpose.
        let too_deep = expression.len() > 4_000 || expression.matches(['(', 'n']).count() > 400;
        let parsed = match too_deep {
            true => Err(1),
            false => expression
                .trim()
                .parse::<TagOperation>()
                .map_err(|error| error.location.column),
        };
        self.tags = Some(parsed.map_err(|column| FilterError::Tags {
            expression: expression.chars().take(200).collect(),
            column,
        })?);
        Ok(self)
    }

    /// Only scenarios whose name a regular expression matches somewhere.
    ///
    /// # Errors
    ///
    /// It is none.
    pub fn name(mut self, pattern: &str) -> Result<Self, FilterError> {
        self.name = Some(Regex::new(pattern).map_err(|error| {
            FilterError::Name {
                pattern: pattern.to_owned(),
                // The library draws the expression first; its last line says what is wrong.
                reason: error
                    .to_string()
                    .lines()
                    .last()
                    .unwrap_or_default()
                    .trim_start_matches("error: ")
                    .to_owned(),
            }
        })?);
        Ok(self)
    }

    /// Whether it lets every scenario pass.
    pub fn is_empty(&self) -> bool {
        self.tags.is_none() && self.name.is_none()
    }

    pub(super) fn admits_tags<'a>(&self, tags: impl Iterator<Item = &'a String> + Clone) -> bool {
        self.tags
            .as_ref()
            .is_none_or(|expression| expression.eval(tags))
    }

    pub(super) fn admits_name(&self, name: &str) -> bool {
        self.name
            .as_ref()
            .is_none_or(|pattern| pattern.is_match(name))
    }

    pub(super) fn looks_at_names(&self) -> bool {
        self.name.is_some()
    }
}

/// The lines behind a file's name, `features/visits.feature:12:30`. None means all of the file.
pub(super) fn split_lines(argument: &str) -> Option<(&str, BTreeSet<usize>)> {
    let mut path = argument;
    let mut lines = BTreeSet::new();
    while let Some((before, line)) = path.rsplit_once(':') {
        let Ok(line) = line.parse() else { break };
        lines.insert(line);
        path = before;
    }
    (!lines.is_empty() && !path.is_empty()).then_some((path, lines))
}
