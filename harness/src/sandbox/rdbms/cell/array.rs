//! Arrays as Postgres writes them: `{1,NULL,"a b"}`.

/// Reads an array; `NULL` outside quotes is a missing element.
pub(super) fn of<T>(cell: &str, element: impl Fn(&str) -> Option<T>) -> Option<Vec<Option<T>>> {
    let inside = cell.trim().strip_prefix('{')?.strip_suffix('}')?;
    if inside.trim().is_empty() {
        return Some(Vec::new());
    }
    elements(inside)?
        .into_iter()
        .map(|(text, quoted)| match quoted {
            false if text.eq_ignore_ascii_case("null") => Some(None),
            false if text.is_empty() => None,
            _ => element(&text).map(Some),
        })
        .collect()
}

/// The texts between commas, and whether quotes stood around them.
fn elements(inside: &str) -> Option<Vec<(String, bool)>> {
    let mut all = Vec::new();
    let (mut text, mut quoted, mut within) = (String::new(), false, false);
    let mut characters = inside.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => text.push(characters.next()?),
            '"' => {
                within = !within;
                quoted = true;
            }
            ',' if !within => all.push((ended(&mut text, quoted), std::mem::take(&mut quoted))),
            '{' | '}' if !within => return None,
            // Blanks around an element mean nothing.
            blank if blank.is_whitespace() && !within && (text.is_empty() || quoted) => {}
            other => text.push(other),
        }
    }
    all.push((ended(&mut text, quoted), quoted));
    (!within).then_some(all)
}

fn ended(text: &mut String, quoted: bool) -> String {
    let text = std::mem::take(text);
    match quoted {
        true => text,
        false => text.trim_end().to_owned(),
    }
}
