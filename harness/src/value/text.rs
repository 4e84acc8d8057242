//! What the text of a step means: escapes, doc strings, and `${name}`.

use std::collections::BTreeMap;

/// The text of a `{string}` as written between its quotes: `\"` is a quote, `\\` a backslash;
/// any other backslash stands for itself.
pub fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        match after.chars().next() {
            Some(escaped @ ('"' | '\\')) => {
                out.push(escaped);
                rest = &after[1..];
            }
            _ => {
                out.push('\\');
                rest = after;
            }
        }
    }
    out + rest
}

/// A doc string without its first and its last newline (`\n` or `\r\n`), if it has them.
pub fn doc_string(text: &str) -> &str {
    let strip = |text: &'_ str| -> usize {
        match text {
            _ if text.starts_with("\r\n") => 2,
            _ if text.starts_with('\n') => 1,
            _ => 0,
        }
    };
    let text = &text[strip(text)..];
    match text.strip_suffix('\n') {
        Some(text) => text.strip_suffix('\r').unwrap_or(text),
        None => text,
    }
}

/// A doc string as the Gherkin parser gives it, without the media type behind its opening quotes: `json`, `text/plain`. None
/// where there is none.
pub(crate) fn without_media_type(text: &str) -> Option<String> {
    let (first, rest) = text.split_once('\n')?;
    let media_type = first.trim();
    let is_of_one = |it: char| it.is_ascii_alphanumeric() || "/.+-_".contains(it);
    if media_type.is_empty() || !media_type.chars().all(is_of_one) {
        return None;
    }
    // The parser measured the indentation with that first line in it.
    let indent = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let lines = rest.split_inclusive('\n');
    let told = lines.clone().filter(|line| !line.trim().is_empty());
    let common = told.map(indent).min().unwrap_or_default();
    let dedented = lines.map(|line| match line.trim().is_empty() {
        true if line.ends_with('\n') => "\n",
        true => "",
        false => &line[common..],
    });
    Some(std::iter::once("\n").chain(dedented).collect())
}

/// `text` with every `${name}` replaced by what was remembered under that name.
///
/// `$${` is a literal `${`. A `${` without a `}` after it stands for itself, and so does any
/// other `$`. Remembered text is put in as it is: a `${` inside it means nothing.
///
/// # Errors
///
/// If nothing was remembered under a name.
pub fn interpolate(text: &str, names: &BTreeMap<String, String>) -> Result<String, UnknownName> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let (before, from) = rest.split_at(at);
        if let Some(before) = before.strip_suffix('$') {
            out.push_str(before);
            out.push_str("${");
            rest = &from[2..];
            continue;
        }
        out.push_str(before);
        let Some(end) = from.find('}') else {
            rest = from;
            break;
        };
        let name = &from[2..end];
        let value = names
            .get(name)
            .ok_or_else(|| UnknownName::new(name, names))?;
        out.push_str(value);
        rest = &from[end + 1..];
    }
    Ok(out + rest)
}

/// A `${name}` in a step, and nothing was remembered under that name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("nothing is remembered as \"{}\"{}", short(.name), suggestion(.nearest.as_deref()))]
#[diagnostic(help(
    "a value is remembered by a step such as `When I remember the JSON path \"$.id\" as \"id\"`; \
     write $${{ for a literal ${{"
))]
pub struct UnknownName {
    /// The name as written.
    pub name: String,
    /// The most similar name that is remembered, if one is similar.
    pub nearest: Option<String>,
}

impl UnknownName {
    fn new(name: &str, names: &BTreeMap<String, String>) -> Self {
        Self {
            name: name.to_string(),
            nearest: nearest(name, names.keys().map(String::as_str)).map(str::to_owned),
        }
    }
}

/// The candidate that `wrong` was most likely meant to be, if one is near enough.
pub(crate) fn nearest<'a>(
    wrong: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    // Measuring a distance takes time in the product of the lengths; nothing the user meant to name is that long.
    if wrong.len() > 100 {
        return None;
    }
    let normal = |name: &str| name.to_lowercase().replace('-', "_");
    let wrong = normal(wrong);
    candidates
        .into_iter()
        // A file may have very many names, and as many mistakes.
        .take(500)
        .filter(|candidate| candidate.len() <= 100)
        .map(|candidate| {
            (
                strsim::damerau_levenshtein(&wrong, &normal(candidate)),
                candidate,
            )
        })
        .filter(|(distance, candidate)| {
            *distance <= (wrong.chars().count().max(candidate.chars().count()) / 3).max(1)
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

fn suggestion(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!("; did you mean \"{name}\"?"))
}

fn short(name: &str) -> String {
    match name.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", super::visible(&name[..end])),
        None => super::visible(name).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        let pair = |(name, value): &(&str, &str)| (name.to_string(), value.to_string());
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn only_quotes_and_backslashes_are_escaped() {
        assert_eq!(unescape(r#"say \"hi\""#), r#"say "hi""#);
        assert_eq!(unescape(r"\\d \d \n \"), r"\d \d \n \");
        assert_eq!(unescape(r"\\\\"), r"\\");
        assert_eq!(unescape(r"\é"), r"\é");
    }

    #[test]
    fn a_doc_string_loses_one_newline_at_each_end() {
        assert_eq!(doc_string("\n{}\n"), "{}");
        assert_eq!(doc_string("\r\na\r\nb\r\n"), "a\r\nb");
        assert_eq!(doc_string("\n\na\n\n"), "\na\n");
        assert_eq!(doc_string("a"), "a");
        assert_eq!(doc_string("\n"), "");
        assert_eq!(doc_string(""), "");
    }

    #[test]
    fn a_media_type_is_no_part_of_a_doc_string() {
        let of = |text| without_media_type(text);
        let json = "json\n      {\n        \"a\": 1\n\n      }\n      ";
        assert_eq!(of(json).as_deref(), Some("\n{\n  \"a\": 1\n\n}\n"));
        assert_eq!(of("text/plain\r\na\n").as_deref(), Some("\na\n"));
        assert_eq!(of("\njson\n"), None);
        assert_eq!(of("json"), None);
        assert_eq!(of("hello world\nagain\n"), None);
    }

    #[test]
    fn names_are_replaced_once() {
        let names = names(&[("token", "a${id}b"), ("id", "7"), ("two words", "2")]);
        let text = |text| interpolate(text, &names).unwrap();
        assert_eq!(text("Bearer ${token}"), "Bearer a${id}b");
        assert_eq!(text("/${id}/${two words}/${id}"), "/7/2/7");
        assert_eq!(text("$${id} $5 $ ${id"), "${id} $5 $ ${id");
        assert_eq!(text("$$${id}"), "$${id}");
        assert_eq!(text(""), "");
    }

    #[test]
    fn an_unknown_name_suggests_a_similar_one() {
        let names = names(&[("token", ""), ("tokens", "")]);
        let error = interpolate("${tokn}", &names).unwrap_err();
        assert_eq!(error.nearest.as_deref(), Some("token"));
        assert_eq!(
            error.to_string(),
            "nothing is remembered as \"tokn\"; did you mean \"token\"?"
        );
        let error = interpolate("${}", &names).unwrap_err();
        assert_eq!((error.name.as_str(), error.nearest), ("", None));
        let long = format!("${{{}}}", "x".repeat(100_000));
        assert!(interpolate(&long, &names).unwrap_err().to_string().len() < 200);
    }
}
