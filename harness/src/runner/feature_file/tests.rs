//! What is read of feature files, and what of it is selected.

use super::*;
use crate::sandbox::Seed;

const TEXT: &str = "@all\nFeature: f\n  Background:\n    Given b\n\n  @one\n  Scenario: same\n    When w\n\n  Scenario: same\n    When w\n\n  \
    Scenario Outline: o <n>\n    When <n>\n    Examples:\n      | n |\n      | 1 |\n      # a comment\n      | 2 |\n    @more\n    \
    Examples: others\n      | n |\n      | 3 |\n\n  Rule: r\n    Background:\n      Given c\n    @in-rule\n    Scenario: in rule\n      Then t\n";

fn read(text: &str, lines: &[usize], filter: &Filter) -> Result<Arc<FeatureFile>, Box<Problem>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.feature");
    std::fs::write(&path, text).unwrap();
    let source = FeatureSource {
        path,
        place: Arc::from("a.feature"),
        lines: lines.iter().copied().collect(),
    };
    FeatureFile::read(&source, filter).map(Arc::new)
}

fn places(text: &str, lines: &[usize], filter: &Filter) -> Vec<String> {
    read(text, lines, filter)
        .unwrap()
        .planned()
        .map(|scenario| scenario.place())
        .collect()
}

#[test]
fn scenarios_have_a_place_a_label_and_all_their_steps_and_tags() {
    let file = read(TEXT, &[], &Filter::default()).unwrap();
    let planned: Vec<_> = file.planned().collect();
    let shown: Vec<_> = planned
        .iter()
        .map(|scenario| {
            let resolved = scenario.resolve();
            let steps: Vec<_> = resolved.steps.iter().map(|step| &*step.value).collect();
            let label = scenario.label().map_or("-", |label| label);
            format!(
                "{} {label} {} [{}] {}",
                scenario.line(),
                resolved.name,
                resolved.tags.join(" "),
                steps.join(",")
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            "7 - same [all one] b,w",
            "10 2 same [all] b,w",
            "17 row-1 o 1 [all] b,1",
            "19 row-2 o 2 [all] b,2",
            "23 row-3 o 3 [all more] b,3",
            "29 - in rule [all in-rule] b,c,t",
        ]
    );
}

#[test]
fn a_feature_of_cucumbers_parser_has_the_same_scenarios() {
    use cucumber::feature::Ext as _;
    let without_comment = TEXT.replace("      # a comment\n", "");
    let ours = read(&without_comment, &[], &Filter::default()).unwrap();
    let feature = parse::parse(&without_comment)
        .unwrap()
        .expand_examples()
        .unwrap();
    let theirs = Arc::new(FeatureFile::of_parsed(feature, Arc::from("a.feature")));
    let shown = |file: &Arc<FeatureFile>| -> Vec<_> {
        let planned = file.planned();
        planned
            .map(|scenario| {
                (
                    scenario.place(),
                    scenario.label().cloned(),
                    scenario.resolve().name,
                    scenario.resolve().tags,
                )
            })
            .collect()
    };
    assert_eq!(shown(&ours), shown(&theirs));
}

#[test]
fn a_line_selects_what_stands_there() {
    let at = |lines: &[usize]| places(TEXT, lines, &Filter::default());
    assert_eq!(at(&[7]), ["a.feature:7"]);
    assert_eq!(at(&[6]), ["a.feature:7"]);
    assert_eq!(at(&[8, 11]), ["a.feature:7", "a.feature:10"]);
    assert_eq!(at(&[19]), ["a.feature:19"]);
    assert_eq!(at(&[13]), ["a.feature:17", "a.feature:19", "a.feature:23"]);
    assert_eq!(at(&[25]), ["a.feature:29"]);
    assert_eq!(at(&[2]).len(), 6);
    let beyond = read(TEXT, &[31], &Filter::default()).unwrap_err();
    assert_eq!(
        beyond.to_string(),
        "no scenario stands at a.feature:31: the file has 30 lines"
    );
}

#[test]
fn tags_and_names_filter() {
    let tags = |expression: &str| places(TEXT, &[], &Filter::default().tags(expression).unwrap());
    assert_eq!(tags("@one or @more"), ["a.feature:7", "a.feature:23"]);
    assert_eq!(tags("@all and not (@one or @more)").len(), 4);
    assert_eq!(tags("@al"), [""; 0]);
    let name = Filter::default().name("^o [23]$").unwrap();
    assert_eq!(places(TEXT, &[], &name), ["a.feature:19", "a.feature:23"]);
    assert!(Filter::default().tags("@a and").is_err());
    assert!(Filter::default().tags(&"(".repeat(3_000)).is_err());
    assert!(Filter::default().name("(").is_err());
}

#[test]
fn a_scenario_has_its_own_seed_however_it_is_selected() {
    let seed = |lines: &[usize]| {
        let file = read(TEXT, lines, &Filter::default()).unwrap();
        let last = file.planned().last().unwrap();
        (last.place(), last.seed(Seed(7)))
    };
    assert_eq!(seed(&[]), seed(&[29]));
    assert_ne!(seed(&[7]).1, seed(&[10]).1);
}

#[test]
fn damaged_files_are_refused_with_a_reason() {
    let message = |text: &str| read(text, &[], &Filter::default()).unwrap_err().to_string();
    assert_eq!(
        message("Feature: f\nScenario: s\n\0"),
        "a.feature: not a text: a zero byte in line 3"
    );
    assert_eq!(
        message("Feature: f\n Scenario: s\n  Given a\n  Whne b\n"),
        "unexpected `Whne b`"
    );
    let ragged = "Feature: f\n Scenario: s\n  Given a:\n   | a |\n   | b | c |\n";
    assert!(message(ragged).starts_with("this row has 2 cells"));
    assert!(
        read(
            "\u{feff}Feature: f\r\n  Scenario: s\r\n    Given a\r\n",
            &[],
            &Filter::default()
        )
        .is_ok()
    );
}

#[test]
fn scenarios_that_check_nothing_are_suspicious() {
    let text = "Feature: f\n Scenario: empty\n\n Scenario: typo\n  Givne a\n  Then b\n\n Scenario Outline: o\n  Then <x>\n\n Scenario: fine\n  Given the words\n  Then b\n";
    let file = read(text, &[], &Filter::default()).unwrap();
    let warnings: Vec<_> = file
        .warnings
        .iter()
        .map(|warning| format!("{} {warning}", warning.location().unwrap()))
        .collect();
    assert_eq!(
        warnings,
        [
            "a.feature:2:2 the scenario \"empty\" has no steps",
            "a.feature:5:3 `Givne a` is no step: text before the first step is a description",
            "a.feature:8:2 the outline \"o\" has no examples: it runs once, as it stands",
        ]
    );
}
