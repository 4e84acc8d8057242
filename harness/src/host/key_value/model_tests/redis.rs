//! Spin's Redis store as the harness asks it beside its own, with the handles of a guest.

use super::backend::{Answer, Backend, Operation};
use super::real::{Handles, answer};
use super::redis_server::Server;
use crate::storage::real::RealRedis;
use ::redis::{Commands, RedisResult};

pub struct Redis<'s> {
    server: &'s Server,
    /// Empty only while it is being replaced: a database is used by one at a time.
    store: Option<RealRedis>,
    handles: Handles,
}

impl<'s> Redis<'s> {
    pub fn new(server: &'s Server) -> Self {
        let mut redis = Self {
            server,
            store: None,
            handles: Handles::default(),
        };
        redis.begin();
        redis
    }
}

impl Backend for Redis<'_> {
    fn name(&self) -> &'static str {
        "Redis"
    }

    fn begin(&mut self) {
        // What is dropped leaves an empty database behind, or the next would not open.
        self.store = None;
        self.store = Some(RealRedis::open(&self.server.url).unwrap());
        self.handles = Handles::default();
    }

    fn apply(&mut self, operation: &Operation) -> Answer {
        let store = self.store.as_mut().expect("it has begun");
        answer(store, &mut self.handles, operation)
    }
}

#[test]
fn names_taken_for_tuples_make_spins_client_panic() {
    let Some(server) = Server::start() else {
        return;
    };
    let mut connection = server.connect();
    let _: () = connection.set("a", "1").unwrap();
    let mut ask = |key: &str| {
        let tuples: RedisResult<Vec<(String, Option<Vec<u8>>)>> = connection.keys(vec![key]);
        tuples.unwrap()
    };
    assert_eq!(ask("none"), []);
    let asked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| ask("a")));
    assert!(asked.is_err(), "{asked:?}");
}
