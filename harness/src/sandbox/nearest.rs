//! What a scenario states that is most like something it says nothing of.

use crate::value::visible;

/// Characters that are compared: the comparison takes time in the product of the lengths.
const COMPARED: usize = 500;

/// How much two texts are alike, from 0 to 1: their beginnings, whatever the case of their letters.
fn likeness(one: &str, other: &str) -> f64 {
    let start = |text: &str| {
        let start = text.chars().take(COMPARED);
        start.flat_map(char::to_lowercase).collect::<String>()
    };
    strsim::normalized_damerau_levenshtein(&start(one), &start(other))
}

/// What is stated, each text once and the most similar first. Of each its text to compare, and how it is shown, to which
/// what a terminal would hide or obey is made visible.
pub(crate) fn by_likeness(
    wanted: &str,
    stated: impl IntoIterator<Item = (String, String)>,
) -> Vec<String> {
    let mut stated: Vec<(f64, String)> = stated
        .into_iter()
        .map(|(text, shown)| (likeness(&text, wanted), shown))
        .collect();
    stated.sort_by(|(a, one), (b, other)| b.total_cmp(a).then_with(|| one.cmp(other)));
    stated.dedup();
    let shown = stated.into_iter().map(|(_, shown)| shown);
    shown.map(|shown| visible(&shown).into_owned()).collect()
}

/// The three that are most similar, of what is shown as it is compared.
pub(crate) fn nearest(wanted: &str, stated: impl IntoIterator<Item = String>) -> Vec<String> {
    nearest_shown(wanted, stated.into_iter().map(|text| (text.clone(), text)))
}

/// The three that are most similar.
pub(crate) fn nearest_shown(
    wanted: &str,
    stated: impl IntoIterator<Item = (String, String)>,
) -> Vec<String> {
    let mut nearest = by_likeness(wanted, stated);
    nearest.truncate(3);
    nearest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(wanted: &str, stated: &[&str]) -> Vec<String> {
        nearest(wanted, stated.iter().map(|text| (*text).to_owned()))
    }

    #[test]
    fn three_each_once_and_the_most_similar_first() {
        let stated = ["select b", "insert", "SELECT A", "select b", "select abc"];
        assert_eq!(
            of("select a", &stated),
            ["SELECT A", "select b", "select abc"]
        );
    }

    #[test]
    fn what_a_terminal_would_obey_is_shown() {
        assert_eq!(of("delete", &["del\u{1b}[31mete"]), [r"del\u{1b}[31mete"]);
    }

    #[test]
    fn long_texts_are_compared_by_their_beginnings() {
        let long = |start: &str| format!("{start}{}", "x".repeat(100_000));
        assert_eq!(
            of(&long("weather"), &["news", &long("whether")]),
            [long("whether"), "news".to_owned()]
        );
    }
}
