//! Patterns of keys as Redis has them (`stringmatchlen`): `*`, `?`, `[abc]`, `[^a]`, `[a-z]`, and `\` before any of them.

/// Whether a key fits a pattern.
pub fn fits(pattern: &[u8], key: &[u8]) -> bool {
    let (mut at, mut in_key) = (0, 0);
    // Where to go on if what follows the last `*` does not fit: let it stand for one byte more.
    let mut retry: Option<(usize, usize)> = None;
    loop {
        let step = match pattern.get(at) {
            Some(b'*') => {
                retry = Some((at + 1, in_key));
                at += 1;
                continue;
            }
            None if in_key == key.len() => return true,
            None => None,
            Some(_) => key.get(in_key).and_then(|byte| one(&pattern[at..], *byte)),
        };
        match (step, retry) {
            (Some(width), _) => {
                at += width;
                in_key += 1;
            }
            (None, Some((after, from))) if from < key.len() => {
                retry = Some((after, from + 1));
                (at, in_key) = (after, from + 1);
            }
            (None, _) => return false,
        }
    }
}

/// How much of the beginning of a pattern, which is no `*`, a byte fits.
fn one(pattern: &[u8], byte: u8) -> Option<usize> {
    match pattern {
        [b'?', ..] => Some(1),
        [b'\\', escaped, ..] => (*escaped == byte).then_some(2),
        [b'[', class @ ..] => {
            let (fits, width) = in_class(class, byte);
            fits.then_some(1 + width)
        }
        [first, ..] => (*first == byte).then_some(1),
        [] => None,
    }
}

/// Whether a byte is in a class, and how long that is with its `]`, or to the end of the pattern where that is missing.
fn in_class(class: &[u8], byte: u8) -> (bool, usize) {
    let not = class.first() == Some(&b'^');
    let mut at = usize::from(not);
    let mut found = false;
    loop {
        match &class[at.min(class.len())..] {
            [] => break,
            [b']', ..] => {
                at += 1;
                break;
            }
            [b'\\', escaped, _, ..] => {
                found |= *escaped == byte;
                at += 2;
            }
            [from, b'-', to, ..] => {
                found |= (*from.min(to)..=*from.max(to)).contains(&byte);
                at += 3;
            }
            [other, ..] => {
                found |= *other == byte;
                at += 1;
            }
        }
    }
    (found != not, at)
}
