//! Given steps about what the stores hold.

use super::table::Column;
use super::world::{joined, number};
use super::{Failed, World};
use crate::sandbox::Session;
use crate::storage::{Store, spin_file};
use crate::value::Value;
use bytes::Bytes;
use cucumber::gherkin::Step;
use cucumber::given;
use std::collections::BTreeMap;

/// More than any store of a test needs, and few enough to store in no time.
const MAX_TUPLES: usize = 1_000_000;

#[given(expr = "the key-value store {string} contains:")]
fn contains(world: &mut World, label: String, step: &Step) -> Result<(), Failed> {
    let label = world.text(&label)?;
    let columns = [Column::Needed("key"), Column::Needed("value")];
    let folder = world.base_dir()?;
    let mut tuples = BTreeMap::new();
    for [key, value] in world.table(step, columns)?.rows {
        let value = Value::parse(&value, folder).map_err(Failed::explained)?;
        if tuples.insert(key.clone(), value.into_bytes()).is_some() {
            return Err(Failed::new(format!("the table has the key {key:?} twice")));
        }
    }
    world.given_content(label, Content::Listed(tuples))
}

#[given(expr = "the key-value store {string} is empty")]
fn is_empty(world: &mut World, label: String) -> Result<(), Failed> {
    let label = world.text(&label)?;
    world.given_content(label, Content::Nothing)
}

#[given(expr = "the key-value store {string} holds {int} tuple(s)")]
fn holds(world: &mut World, label: String, count: String) -> Result<(), Failed> {
    let label = world.text(&label)?;
    let count = number(&count, "a number of tuples")?;
    if count > MAX_TUPLES {
        return Err(Failed::new(format!(
            "a scenario can store at most {MAX_TUPLES} tuples"
        )));
    }
    world.given_content(label, Content::Count(count))
}

#[given(expr = "the key-value store {string} is loaded from {string}")]
fn is_loaded_from(world: &mut World, label: String, path: String) -> Result<(), Failed> {
    let (label, path) = (world.text(&label)?, world.text(&path)?);
    let folder = world.base_dir()?;
    let database = joined(folder, &path);
    if spin_file::is_database(&database) {
        let tuples = spin_file::read(&database, &label)?;
        return world.given_content(label, Content::Loaded(tuples));
    }
    let file = Value::parse(&format!("file:{path}"), folder).map_err(Failed::explained)?;
    let json: serde_json::Value = serde_json::from_slice(file.bytes()).map_err(|error| {
        Failed::new(format!(
            "{path:?} is not JSON: {error}; a store is loaded from JSON, or from Spin's own `sqlite_key_value.db`"
        ))
    })?;
    let serde_json::Value::Object(members) = json else {
        return Err(Failed::new(format!(
            "{path:?} must hold one JSON object: its names are the keys, its values what is stored"
        )));
    };
    let mut tuples = BTreeMap::new();
    for (key, value) in members {
        let value = match value {
            serde_json::Value::String(text) => Value::parse(&text, folder)
                .map_err(Failed::explained)?
                .into_bytes(),
            json => Bytes::from(json.to_string()),
        };
        tuples.insert(key, value);
    }
    world.given_content(label, Content::Loaded(tuples))
}

/// What a Given step says about one store.
#[derive(Clone, Debug)]
enum Content {
    /// These tuples, among others.
    Listed(BTreeMap<String, Bytes>),
    /// The tuples of a file, among others.
    Loaded(BTreeMap<String, Bytes>),
    /// One tuple, among others.
    Put(String, Bytes),
    /// No tuple.
    Nothing,
    /// So many tuples in all: what else is stored, and tuples that fill it up.
    Count(usize),
}

/// What the Given steps said about the stores, in their order.
#[derive(Debug, Default)]
pub(super) struct Stored(Vec<(String, Content)>);

impl Stored {
    /// A step replaces an earlier one of its kind about the same store; "is empty" replaces all of them.
    fn say(&mut self, label: String, content: Content) {
        let kind = std::mem::discriminant(&content);
        let everything = matches!(content, Content::Nothing);
        // Tuples are put one by one: only one of the same key replaces the other, which the store itself does.
        let one = matches!(content, Content::Put(..));
        self.0.retain(|(other, earlier)| {
            *other != label || (!everything && (one || std::mem::discriminant(earlier) != kind))
        });
        self.0.push((label, content));
    }

    /// Fills the stores. Counts come last: they are about the whole.
    pub fn apply(&self, session: &Session) -> Result<(), Failed> {
        let is_count = |content: &Content| matches!(content, Content::Count(_));
        let (counts, others): (Vec<_>, Vec<_>) =
            self.0.iter().partition(|(_, content)| is_count(content));
        for (label, content) in others.into_iter().chain(counts) {
            session.with_store_mut(label, |store| fill(store, label, content))??;
        }
        Ok(())
    }
}

impl World {
    /// Stores a tuple, as the table of `Given the key-value store "default" contains:` does, past grants, faults and
    /// limits; for Given steps of your own. Before the first When it is collected and the app is not loaded yet; after
    /// it the store changes at once. What other steps store stays.
    ///
    /// # Errors
    ///
    /// After the first When: no store has that label.
    pub fn put(
        &mut self,
        store: impl Into<String>,
        key: impl Into<String>,
        value: impl Into<Bytes>,
    ) -> Result<(), Failed> {
        let content = Content::Put(key.into(), value.into());
        self.given_content(store.into(), content)
    }

    /// Before the first When it is collected, after it the store changes at once.
    fn given_content(&mut self, label: String, content: Content) -> Result<(), Failed> {
        let Some(running) = self.started_mut() else {
            self.arrangement.stored.say(label, content);
            return Ok(());
        };
        let content = match content {
            Content::Count(count) => {
                let missing = running
                    .session
                    .with_store(&label, |store| fillers(store, &label, count))??;
                Content::Listed(missing)
            }
            content => content,
        };
        running
            .session
            .with_store_mut(&label, |store| fill(store, &label, &content))??;
        // "Is unchanged" is about what the app did: what this step stores is no change.
        let index = running.session.store_index(&label);
        match index.and_then(|index| running.given.get_mut(index)) {
            Some(given) => fill(given, &label, &content),
            None => Ok(()),
        }
    }
}

fn fill(store: &mut Store, label: &str, content: &Content) -> Result<(), Failed> {
    match content {
        Content::Listed(tuples) | Content::Loaded(tuples) => put_all(store, tuples.clone()),
        Content::Put(key, value) => {
            store.put(key.clone(), value.clone());
        }
        Content::Nothing => store.clear(),
        Content::Count(count) => {
            let missing = fillers(store, label, *count)?;
            put_all(store, missing);
        }
    }
    Ok(())
}

fn put_all(store: &mut Store, tuples: BTreeMap<String, Bytes>) {
    for (key, value) in tuples {
        store.put(key, value);
    }
}

/// The tuples that fill a store up to `count`: `tuple-1`, `tuple-2` and so on, as far as these keys are free.
fn fillers(store: &Store, label: &str, count: usize) -> Result<BTreeMap<String, Bytes>, Failed> {
    let Some(missing) = count.checked_sub(store.len()) else {
        return Err(Failed::new(format!(
            "the key-value store \"{label}\" can't hold {count} tuples: it holds {} already",
            store.len()
        )));
    };
    Ok((1_usize..)
        .map(|number| (format!("tuple-{number}"), number))
        .filter(|(key, _)| !store.contains(key))
        .map(|(key, number)| (key, Bytes::from(format!("value {number}"))))
        .take(missing)
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tuples(keys: &[&str]) -> BTreeMap<String, Bytes> {
        keys.iter()
            .map(|key| ((*key).to_owned(), Bytes::from("1")))
            .collect()
    }

    fn labels_and_kinds(stored: &Stored) -> Vec<String> {
        let kind = |content: &Content| match content {
            Content::Listed(_) => "listed",
            Content::Loaded(_) => "loaded",
            Content::Put(..) => "put",
            Content::Nothing => "nothing",
            Content::Count(_) => "count",
        };
        stored
            .0
            .iter()
            .map(|(label, content)| format!("{label} {}", kind(content)))
            .collect()
    }

    #[test]
    fn a_later_step_of_the_same_kind_replaces_the_earlier_one() {
        let mut stored = Stored::default();
        stored.say("a".to_owned(), Content::Listed(tuples(&["x"])));
        stored.say("b".to_owned(), Content::Listed(tuples(&["x"])));
        stored.say("a".to_owned(), Content::Loaded(tuples(&["y"])));
        stored.say("a".to_owned(), Content::Listed(tuples(&["z"])));
        assert_eq!(
            labels_and_kinds(&stored),
            ["b listed", "a loaded", "a listed"]
        );
        for key in ["one", "other"] {
            stored.say(
                "b".to_owned(),
                Content::Put(key.to_owned(), Bytes::from("1")),
            );
        }
        assert_eq!(labels_and_kinds(&stored).len(), 5);
        stored.say("b".to_owned(), Content::Nothing);
        stored.say("b".to_owned(), Content::Listed(tuples(&["x"])));
        stored.say("b".to_owned(), Content::Nothing);
        stored.say("a".to_owned(), Content::Nothing);
        assert_eq!(labels_and_kinds(&stored), ["b nothing", "a nothing"]);
    }

    #[test]
    fn a_count_is_about_the_whole_store() {
        let mut store = Store::default();
        store.put("tuple-1", "mine");
        fill(&mut store, "a", &Content::Count(3)).unwrap();
        assert_eq!(store.len(), 3);
        assert_eq!(store.value("tuple-1"), Some(&Bytes::from("mine")));
        assert!(fill(&mut store, "a", &Content::Count(2)).is_err());
    }
}
