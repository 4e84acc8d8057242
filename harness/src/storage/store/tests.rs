//! Tests of a store by itself.

use super::*;

fn swap(seen: Option<&'static str>, value: &'static str) -> Request {
    Request::Swap {
        key: "k".to_owned(),
        handle: 1,
        seen: seen.map(Bytes::from),
        watched: None,
        value: Bytes::from(value),
    }
}

#[test]
fn swap_compares_values_so_a_b_a_passes() {
    let mut store = Store::default();
    store.put("k", "a");
    store.put("k", "b");
    store.put("k", "a");
    assert_eq!(store.apply(&swap(Some("a"), "c")), Ok(Ok(Reply::Done)));
    assert_eq!(
        store.apply(&swap(Some("a"), "d")),
        Ok(Err(Error::CasFailed))
    );
    assert_eq!(store.value("k"), Some(&Bytes::from("c")));
}

#[test]
fn swap_from_a_missing_key_overwrites_what_came_meanwhile() {
    let mut store = Store::default();
    store.put("k", "theirs");
    assert_eq!(store.apply(&swap(None, "ours")), Ok(Ok(Reply::Done)));
    assert_eq!(store.value("k"), Some(&Bytes::from("ours")));
}

#[test]
fn swap_of_redis_is_told_to_have_failed_and_is_applied_unless_the_key_was_written() {
    let mut store = Store::new(Provider::Redis);
    store.put("k", "a");
    let swap = |store: &mut Store, watched, value: &'static str| {
        let request = Request::Swap {
            key: "k".to_owned(),
            handle: 1,
            seen: Some(Bytes::from("a")),
            watched,
            value: Bytes::from(value),
        };
        assert_eq!(store.apply(&request), Ok(Err(Error::CasFailed)));
        store.value("k").unwrap().clone()
    };
    let before = store.watch("k");
    store.put("k", "a");
    assert_eq!(swap(&mut store, before, "b"), "a");
    let now = store.watch("k");
    assert_eq!(swap(&mut store, now, "b"), "b");
    assert_eq!(swap(&mut store, None, "c"), "c");
    // What is taken back never was.
    let before = store.watch("k");
    let key = "k".to_owned();
    store.apply(&Request::Delete { key }).unwrap().unwrap();
    store.undo();
    assert_eq!(swap(&mut store, before, "d"), "d");
}

#[test]
fn get_many_of_redis_works_for_no_key_that_exists() {
    let mut store = Store::new(Provider::Redis);
    store.put("a", "1");
    let mut get_many = |keys: &[&str]| {
        store.apply(&Request::GetMany {
            keys: keys.iter().map(|key| (*key).to_owned()).collect(),
        })
    };
    assert_eq!(get_many(&[]), Ok(Ok(Reply::Tuples(Vec::new()))));
    assert_eq!(get_many(&["none"]), Ok(Ok(Reply::Tuples(Vec::new()))));
    assert!(get_many(&["a"]).is_err());
    assert!(matches!(get_many(&["a", "b"]), Ok(Err(Error::Other(_)))));
}

#[test]
fn swap_of_a_deleted_key_fails() {
    let mut store = Store::default();
    assert_eq!(
        store.apply(&swap(Some("a"), "b")),
        Ok(Err(Error::CasFailed))
    );
}

#[test]
fn increment_of_another_length_poisons_the_store() {
    let mut store = Store::default();
    store.put("k", "12");
    let increment = Request::Increment {
        key: "k".to_owned(),
        delta: 1,
    };
    assert!(store.apply(&increment).is_err());
    let get = Request::Get {
        key: "other".to_owned(),
    };
    assert!(store.apply(&get).is_err());
}

#[test]
fn increment_keeps_little_endian_in_sqlite_and_text_in_redis() {
    let increment = Request::Increment {
        key: "k".to_owned(),
        delta: 258,
    };
    let mut sqlite = Store::new(Provider::Spin);
    assert_eq!(sqlite.apply(&increment), Ok(Ok(Reply::Number(258))));
    assert_eq!(
        sqlite.value("k").unwrap().as_ref(),
        [2, 1, 0, 0, 0, 0, 0, 0]
    );
    let mut redis = Store::new(Provider::Redis);
    assert_eq!(redis.apply(&increment), Ok(Ok(Reply::Number(258))));
    assert_eq!(redis.value("k").unwrap().as_ref(), b"258");
}

#[test]
fn get_many_of_sqlite_leaves_out_missing_keys_and_sorts() {
    let request = Request::GetMany {
        keys: ["b", "none", "a", "b"].map(str::to_owned).to_vec(),
    };
    let mut store = Store::default();
    store.put("a", "1");
    store.put("b", "2");
    let found = |key: &str, value: &'static str| (key.to_owned(), Some(Bytes::from(value)));
    assert_eq!(
        store.apply(&request),
        Ok(Ok(Reply::Tuples(vec![found("a", "1"), found("b", "2")])))
    );
}

#[test]
fn a_value_past_128_mib_is_spins_error() {
    let mut store = Store::default();
    store.put("k", vec![0; MAX_RESULT_BYTES]);
    let get = Request::Get {
        key: "k".to_owned(),
    };
    assert_eq!(
        store.apply(&get),
        Ok(Err(Error::other(
            "query result exceeds limit of 134217728 bytes"
        )))
    );
}
