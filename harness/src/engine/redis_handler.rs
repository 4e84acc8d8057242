//! Redis triggers: what they listen on, and how a component takes their messages.

use super::component::Linked;
use crate::app::{LoadError, LockedApp, Problem, Span};
use crate::host::InstanceState;
use crate::sandbox::{RedisAddress, RedisServer};
use wasmtime::component::{ComponentExportIndex, InstancePre};

/// A channel that a Redis trigger listens on.
#[derive(Clone, Debug)]
pub(crate) struct RedisChannel {
    pub server: RedisServer,
    pub channel: String,
    pub component: String,
}

/// The interfaces through which a component takes messages, and whether their function is an `async` one.
const INTERFACES: [(&str, bool); 2] = [
    ("fermyon:spin/inbound-redis", false),
    ("spin:redis/inbound-redis@3.0.0", true),
];

/// What to do about an address that is none.
const WRITE_SERVER: &str = "name a server: `address = \"redis://HOST:PORT\"`";

/// What to do about a channel that cannot be resolved.
const CHANNEL: &str = "it is a template over the app's variables, which must have values";

/// What to do where there is no address.
const NAME_SERVER: &str = "name its server: `address = \"redis://HOST:PORT\"` here, or below `[application.trigger.redis]` \
                           for all of them";

/// How a component takes Redis messages.
pub(crate) struct RedisHandler {
    pub pre: InstancePre<InstanceState>,
    pub function: ComponentExportIndex,
    pub is_async: bool,
}

impl RedisHandler {
    /// Every way in which a component takes messages.
    pub fn all_of(pre: &InstancePre<InstanceState>) -> Vec<Self> {
        let handler = |(interface, is_async): (&str, bool)| {
            let component = pre.component();
            let instance = component.get_export_index(None, interface)?;
            Some(Self {
                pre: pre.clone(),
                function: component.get_export_index(Some(&instance), "handle-message")?,
                is_async,
            })
        };
        INTERFACES.into_iter().filter_map(handler).collect()
    }
}

/// Spin says so when a message arrives (`HandlerType` in `crates/trigger-redis/src/lib.rs`), and writes it into its own log.
pub(super) fn require_one(linked: &Linked, component: &str) -> Result<(), Box<Problem>> {
    let text = match linked.redis.len() {
        1 => return Ok(()),
        0 => format!(
            "component \"{component}\" has a Redis trigger, and does not export a Redis interface; it exports {}",
            linked.shown_exports()
        ),
        _ => format!(
            "component \"{component}\" has a Redis trigger, and exports multiple Redis interfaces; it should export one"
        ),
    };
    let [(one, _), (other, _)] = INTERFACES;
    let help = format!("the interfaces are `{one}` and `{other}`");
    Err(Box::new(Problem::error("app::no_handler", text).help(help)))
}

/// What the Redis triggers of an app listen on, in the order of the manifest.
///
/// # Errors
///
/// A channel or an address is no template or lacks a value, or an address is none: then Spin does not start the trigger.
pub(super) fn channels(app: &LockedApp) -> Result<Vec<RedisChannel>, LoadError> {
    let manifest = &app.manifest;
    let server = |address: &str| {
        let address = app.resolve(address)?;
        let address = RedisAddress::parse(&address).map_err(|bad| bad.to_string())?;
        Ok(address.server().clone())
    };
    let of_app = manifest
        .trigger_settings
        .get("redis")
        .and_then(|settings| settings.get("address"))
        .and_then(toml::Value::as_str)
        .map(server);
    let (mut channels, mut problems) = (Vec::new(), Vec::new());
    let mut add = |who: &str, why: &str, span: Option<&Span>, label: &str, help: &str| {
        let text = format!("{who} cannot start: {why}");
        let problem = Problem::error("app::bad_redis_trigger", text).labelled(label);
        problems.push(
            problem
                .help(help)
                .at(&manifest.source, span.cloned().unwrap_or_default()),
        );
    };
    let mut told = false;
    for (trigger, redis) in manifest.redis_triggers() {
        let Some(component) = trigger.component.clone() else {
            continue;
        };
        let who = format!("the Redis trigger \"{}\"", trigger.id);
        let server = match (&redis.address, &of_app) {
            (Some(address), _) => server(address)
                .map_err(|why: String| {
                    add(
                        &who,
                        &why,
                        redis.address_span.as_ref(),
                        "this address",
                        WRITE_SERVER,
                    )
                })
                .ok(),
            (None, Some(Ok(server))) => Some(server.clone()),
            (None, Some(Err(why))) => {
                // It is one mistake, however many triggers share it.
                if !std::mem::replace(&mut told, true) {
                    let span = manifest.redis_address_span.as_ref();
                    add(
                        "the Redis triggers",
                        why,
                        span,
                        "this address",
                        WRITE_SERVER,
                    );
                }
                None
            }
            (None, None) => {
                let why = "neither it nor `[application.trigger.redis]` has an `address`";
                add(&who, why, Some(&trigger.span), "this trigger", NAME_SERVER);
                None
            }
        };
        let channel = app
            .resolve(&redis.channel)
            .map_err(|why| {
                add(
                    &who,
                    &why,
                    Some(&redis.channel_span),
                    "this channel",
                    CHANNEL,
                )
            })
            .ok();
        if let (Some(server), Some(channel)) = (server, channel) {
            channels.push(RedisChannel {
                server,
                channel,
                component,
            });
        }
    }
    LoadError::from_problems(problems)?;
    Ok(channels)
}
