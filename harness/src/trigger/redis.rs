//! A message on a Redis channel: every component whose trigger listens there handles it, each in an instance of its own
//! (`crates/trigger-redis/src/lib.rs` in Spin).

use super::bounded::{Ended, trap, within_bounds};
use super::instantiate::{CountedStore, instantiate};
use crate::engine::{CompiledComponent, RedisChannel, RedisHandler};
use crate::host::InstanceState;
use crate::host::bindings::{redis_3, redis_types};
use crate::sandbox::{Chain, Failure, Mistake, RedisServer, Session, by_likeness};
use bytes::Bytes;
use futures::future::join_all;
use std::collections::BTreeSet;
use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use wasmtime::component::Instance;

/// A message as a server sends it to those that listen on a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedisMessage {
    /// The channel.
    pub channel: String,
    /// What was published.
    pub payload: Bytes,
    /// The server; not needed where triggers listen on that channel of one server only.
    pub server: Option<RedisServer>,
}

/// What came of a message in one of the components that listened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageHandling {
    /// The component.
    pub component: Arc<str>,
    /// How it ended.
    pub outcome: MessageOutcome,
}

/// How the handling of a message ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MessageOutcome {
    /// Well.
    Handled,
    /// With an error, which Spin writes into its own log.
    Failed(Failure),
    /// Its instance ended before its work was done; why.
    Trapped(String),
}

impl fmt::Display for MessageOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Handled => f.write_str("handled"),
            Self::Failed(failure) => write!(f, "failed with {failure}"),
            Self::Trapped(why) => f.write_str(why),
        }
    }
}

impl Session {
    /// Lets a message arrive and waits until every component that listens has no work left. In the order of the manifest.
    ///
    /// Must be awaited inside the scenario's own runtime.
    ///
    /// # Errors
    ///
    /// No trigger listens there, or triggers listen on that channel of several servers and the message names none.
    pub async fn deliver(&self, message: RedisMessage) -> Result<Vec<MessageHandling>, Mistake> {
        let listening = self.listening(&message)?;
        let handlers = listening.iter().zip(1..).filter_map(|(channel, lane)| {
            // The app would not have been loaded without it.
            let component = self.app().component(&channel.component)?;
            Some((component, component.redis_handler()?, lane))
        });
        let payload = &message.payload;
        let mut handlings: Vec<_> = handlers
            .map(|(component, handler, lane)| handle(self, component, handler, payload, lane))
            .collect();
        Ok(match handlings.len() {
            1 => vec![handlings.remove(0).await],
            _ => self.schedule().interleave(join_all(handlings)).await,
        })
    }

    fn listening(&self, message: &RedisMessage) -> Result<Vec<&RedisChannel>, Mistake> {
        let all = self.app().redis_channels();
        let wanted = message.server.as_ref();
        let listening: Vec<_> = all
            .iter()
            .filter(|it| it.channel == message.channel)
            .filter(|it| wanted.is_none_or(|server| it.server == *server))
            .collect();
        let Some(first) = listening.first() else {
            return Err(Mistake::NoListener {
                channel: message.channel.clone(),
                server: wanted.map(ToString::to_string),
                listened: listened(all, &message.channel),
            });
        };
        if listening.iter().any(|it| it.server != first.server) {
            let servers: BTreeSet<_> = listening.iter().map(|it| it.server.to_string()).collect();
            return Err(Mistake::SeveralServers {
                channel: message.channel.clone(),
                servers: servers.into_iter().collect(),
            });
        }
        Ok(listening)
    }
}

/// What the app listens on, the most similar first.
fn listened(all: &[RedisChannel], channel: &str) -> Vec<String> {
    let shown = |it: &RedisChannel| format!("\"{}\" of {}", it.channel, it.server);
    by_likeness(
        channel,
        all.iter().map(|it| (it.channel.clone(), shown(it))),
    )
}

async fn handle(
    session: &Session,
    component: &CompiledComponent,
    handler: &RedisHandler,
    payload: &Bytes,
    lane: u32,
) -> MessageHandling {
    let chain = Arc::new(Chain::default());
    let outcome = match InstanceState::new(session, component, lane, chain) {
        Ok(state) => in_instance(session, component, handler, state, payload.to_vec()).await,
        Err(error) => MessageOutcome::Trapped(format!("the instance could not be made: {error:#}")),
    };
    MessageHandling {
        component: Arc::clone(component.id()),
        outcome,
    }
}

async fn in_instance(
    session: &Session,
    component: &CompiledComponent,
    handler: &RedisHandler,
    state: InstanceState,
    payload: Vec<u8>,
) -> MessageOutcome {
    let (instance, stop) = (state.caller.instance, Arc::clone(&state.stop));
    let chain = Arc::clone(&state.caller.chain);
    let handling = async {
        let (store, instance) = instantiate(component, handler, state).await?;
        match handler.is_async {
            true => call_3(store, instance, handler, payload).await,
            false => call_1(store, instance, handler, payload).await,
        }
    };
    let ended: Result<Result<(), Failure>, Ended> =
        within_bounds(session, &stop, &chain, handling).await;
    match ended {
        Ok(Ok(())) => MessageOutcome::Handled,
        Ok(Err(failure)) => MessageOutcome::Failed(failure),
        Err(ended) => {
            let trap = trap(session, component, instance, &ended);
            let why = trap.to_string();
            session.trapped(trap);
            MessageOutcome::Trapped(why)
        }
    }
}

/// `fermyon:spin/inbound-redis`.
async fn call_1(
    mut store: CountedStore,
    instance: Instance,
    handler: &RedisHandler,
    payload: Vec<u8>,
) -> wasmtime::Result<Result<(), Failure>> {
    type Given = (Result<(), redis_types::Error>,);
    let function = instance.get_typed_func::<(Vec<u8>,), Given>(&mut store, handler.function)?;
    let (result,) = function.call_async(&mut store, (payload,)).await?;
    Ok(result.map_err(|error| {
        Failure::new(match error {
            redis_types::Error::Success => "success",
            redis_types::Error::Error => "error",
        })
    }))
}

/// `spin:redis/inbound-redis@3.0.0`: the instance may have work left when it has answered.
async fn call_3(
    mut store: CountedStore,
    instance: Instance,
    handler: &RedisHandler,
    payload: Vec<u8>,
) -> wasmtime::Result<Result<(), Failure>> {
    type Given = (Result<(), redis_3::Error>,);
    let function = instance.get_typed_func::<(Vec<u8>,), Given>(&mut store, handler.function)?;
    let (result,) = store
        .run_concurrent(async |accessor| {
            let given = function.call_concurrent(accessor, (payload,)).await?;
            poll_fn(|cx| accessor.poll_no_interesting_tasks(cx)).await;
            wasmtime::error::Ok(given)
        })
        .await??;
    Ok(result.map_err(|error| match error {
        redis_3::Error::InvalidAddress => Failure::new("invalid-address"),
        redis_3::Error::TooManyConnections => Failure::new("too-many-connections"),
        redis_3::Error::TypeError => Failure::new("type-error"),
        redis_3::Error::Other(text) => Failure::with_text("other", text),
    }))
}
