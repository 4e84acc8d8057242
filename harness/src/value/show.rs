//! How a value stands in a message: short, on one line, and unable to garble a terminal.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Characters of a text that are shown.
const MAX_CHARS: usize = 80;
/// Characters of a text that stands in a sentence, which a person may have to recognise or to copy.
const MAX_QUOTED: usize = 300;
/// Characters of JSON that are shown.
const MAX_JSON: usize = 300;
/// Bytes of a binary value that are shown.
const MAX_BYTES: usize = 16;

/// A value for a message: text in quotes, or the first bytes in hexadecimal.
///
/// Long values are cut and their length in bytes follows: `"aaaa…" (1048577 bytes)`,
/// `binary, 12 bytes: 00 ff …`. UTF-8 without control characters other than those of
/// written text is text.
pub fn show(value: &[u8]) -> String {
    match std::str::from_utf8(value) {
        Ok(text) if !text.chars().any(is_binary) => show_text(text),
        _ => show_binary(value),
    }
}

/// JSON on one line, cut after about 300 characters.
pub fn show_json(value: &serde_json::Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(MAX_JSON) {
        Some((end, _)) => format!("{}… ({} bytes)", visible(&text[..end]), text.len()),
        None => visible(&text).into_owned(),
    }
}

/// `text` with control characters, and those that change the direction of text, escaped.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match is_hidden(character) {
            true => push_escaped(&mut out, character),
            false => out.push(character),
        }
    }
    Cow::Owned(out)
}

/// A text between quotes as a step writes it, on one line; after 300 characters it is cut, and its length in bytes follows.
pub fn quoted(text: &str) -> String {
    cut_and_quoted(text, MAX_QUOTED)
}

/// A text between quotes for a step that is to be copied. After 300 characters it is cut, and `any` stands for what
/// follows: a wildcard of the step's. So it does for each hidden character, which no step can write down.
pub fn quoted_for_step(text: &str, any: &str) -> String {
    let (start, rest) = match text.char_indices().nth(MAX_QUOTED) {
        Some((end, _)) => (&text[..end], any),
        None => (text, ""),
    };
    let parts: Vec<String> = start.split(is_hidden).map(escaped).collect();
    format!("\"{}{rest}\"", parts.join(any))
}

fn show_text(text: &str) -> String {
    cut_and_quoted(text, MAX_CHARS)
}

fn cut_and_quoted(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("\"{}…\" ({} bytes)", escaped(&text[..end]), text.len()),
        None => format!("\"{}\"", escaped(text)),
    }
}

/// A text as it stands between quotes.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            _ if is_hidden(character) => push_escaped(&mut out, character),
            _ => out.push(character),
        }
    }
    out
}

fn show_binary(value: &[u8]) -> String {
    let noun = if value.len() == 1 { "byte" } else { "bytes" };
    let mut out = format!("binary, {} {noun}:", value.len());
    for byte in value.iter().take(MAX_BYTES) {
        // Writing to a String can't fail.
        let _ = write!(out, " {byte:02x}");
    }
    if value.len() > MAX_BYTES {
        out.push_str(" …");
    }
    out
}

fn push_escaped(out: &mut String, character: char) {
    out.extend(character.escape_debug());
}

/// Control characters that no written text has; escape is there for coloured output.
fn is_binary(character: char) -> bool {
    character.is_ascii_control() && !matches!(character, '\t' | '\n' | '\r' | '\u{1b}')
}

/// Characters that would be invisible, or change how what follows is displayed.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_text_stands_in_quotes() {
        assert_eq!(show(b""), "\"\"");
        assert_eq!(show("é \"a\" \\ \n".as_bytes()), r#""é \"a\" \\ \n""#);
        assert_eq!(show(b"\x1b[31m"), r#""\u{1b}[31m""#);
        assert_eq!(show("a\u{202e}b".as_bytes()), r#""a\u{202e}b""#);
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        let shown = show("é".repeat(81).as_bytes());
        assert_eq!(shown, format!("\"{}…\" (162 bytes)", "é".repeat(80)));
        assert_eq!(show("é".repeat(80).as_bytes()).chars().count(), 82);
        let million = show(&vec![b'a'; 1_048_577]);
        assert!(million.ends_with("aaa…\" (1048577 bytes)"), "{million}");
    }

    #[test]
    fn what_is_quoted_reads_back_and_has_an_end() {
        let text = r#"select "a\b" from t"#;
        let quoted_text = quoted(text);
        let inside = quoted_text
            .strip_prefix('"')
            .and_then(|it| it.strip_suffix('"'));
        assert_eq!(crate::value::unescape(inside.unwrap()), text);
        assert_eq!(quoted("a\u{1b}[31m"), r#""a\u{1b}[31m""#);
        let long = format!("{}\"", "é".repeat(300));
        let start = "é".repeat(300);
        assert_eq!(quoted(&long), format!("\"{start}…\" (601 bytes)"));
        assert_eq!(quoted_for_step(&long, "%"), format!("\"{start}%\""));
        assert_eq!(quoted_for_step(&start, "%"), format!("\"{start}\""));
        let hidden = "say \"a\"\u{1b}[31m\u{200b}";
        assert_eq!(quoted_for_step(hidden, "%"), r#""say \"a\"%[31m%""#);
    }

    #[test]
    fn binary_is_hexadecimal() {
        assert_eq!(show(&[0]), "binary, 1 byte: 00");
        assert_eq!(show(&[0xff, 0x0a]), "binary, 2 bytes: ff 0a");
        let shown = show(&[7; 17]);
        assert_eq!(shown, format!("binary, 17 bytes:{} …", " 07".repeat(16)));
    }

    #[test]
    fn json_is_cut() {
        let value = serde_json::json!({ "a": "é".repeat(1_000) });
        let shown = show_json(&value);
        assert!(shown.ends_with("… (2008 bytes)"), "{shown}");
        assert_eq!(show_json(&serde_json::json!([1, "a"])), r#"[1,"a"]"#);
    }
}
