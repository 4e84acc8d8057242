//! Text with variables in it: `https://{{ host }}/x`. Spin's rules and messages (`crates/expressions/src/template.rs`).

use std::fmt;

/// A text in which `{{ name }}` stands for the value of an application variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Variable(String),
}

impl Template {
    /// Parses a template. Whether its variables exist is not checked.
    ///
    /// # Errors
    ///
    /// `{{` without `}}`, in Spin's words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(start) = rest.find("{{") {
            if start > 0 {
                parts.push(Part::Text(rest[..start].to_owned()));
            }
            let after = &rest[start + 2..];
            let Some(end) = after.find("}}") else {
                return Err("unmatched '{{' in template".to_owned());
            };
            parts.push(Part::Variable(after[..end].trim().to_owned()));
            rest = &after[end + 2..];
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Ok(Self { parts })
    }

    /// The names of the variables it needs, in order.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Variable(name) => Some(name.as_str()),
            Part::Text(_) => None,
        })
    }

    /// Whether it needs no variable.
    pub fn is_literal(&self) -> bool {
        self.variables().next().is_none()
    }

    /// The text with each variable replaced by what `value` gives for its name.
    ///
    /// # Errors
    ///
    /// The first error that `value` gives.
    pub fn resolve<E>(
        &self,
        mut value: impl FnMut(&str) -> Result<String, E>,
    ) -> Result<String, E> {
        self.parts
            .iter()
            .try_fold(String::new(), |mut resolved, part| {
                match part {
                    Part::Text(text) => resolved.push_str(text),
                    Part::Variable(name) => resolved.push_str(&value(name)?),
                }
                Ok(resolved)
            })
    }
}

impl fmt::Display for Template {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts.iter().try_for_each(|part| match part {
            Part::Text(text) => formatter.write_str(text),
            Part::Variable(name) => write!(formatter, "{{{{ {name} }}}}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(text: &str) -> Result<String, String> {
        Template::parse(text)?.resolve(|name| {
            if name == "missing" {
                Err(format!("no {name}"))
            } else {
                Ok(format!("<{name}>"))
            }
        })
    }

    #[test]
    fn variables_stand_between_double_braces() {
        assert_eq!(resolved("plain"), Ok("plain".to_owned()));
        assert_eq!(resolved(""), Ok(String::new()));
        assert_eq!(
            resolved("https://{{ host }}/{{path}}!"),
            Ok("https://<host>/<path>!".to_owned())
        );
        assert_eq!(resolved("{{a}}{{b}}"), Ok("<a><b>".to_owned()));
        assert_eq!(resolved("a }} b { c"), Ok("a }} b { c".to_owned()));
        assert_eq!(resolved("{{ missing }}"), Err("no missing".to_owned()));
    }

    #[test]
    fn an_open_brace_pair_must_be_closed() {
        assert_eq!(
            resolved("{{ a }} {{ b"),
            Err("unmatched '{{' in template".to_owned())
        );
    }

    #[test]
    fn a_template_prints_as_it_was_meant() {
        assert_eq!(Template::parse("x{{y}}z").unwrap().to_string(), "x{{ y }}z");
    }
}
