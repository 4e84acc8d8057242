//! Redis triggers: what they listen on, and how a component takes their messages.

use super::component::Linked;
use crate::app::{LoadError, LockedApp, Problem};
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
        0 => {
            let exports = linked.exports();
            format!(
                "component \"{component}\" has a Redis trigger, and does not export a Redis interface; it exports {}",
                match exports.is_empty() {
                    true => "nothing".to_owned(),
                    false => exports.join(", "),
                }
            )
        }
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
    let of_app = manifest
        .trigger_settings
        .get("redis")
        .and_then(|settings| settings.get("address"))
        .and_then(toml::Value::as_str)
        .unwrap_or_default();
    let (mut channels, mut problems) = (Vec::new(), Vec::new());
    for (trigger, redis) in manifest.redis_triggers() {
        let Some(component) = trigger.component.clone() else {
            continue;
        };
        let address = redis.address.as_deref().unwrap_or(of_app);
        let resolved = app.resolve(address).and_then(|address| {
            let address = RedisAddress::parse(&address).map_err(|bad| bad.to_string())?;
            Ok((address, app.resolve(&redis.channel)?))
        });
        match resolved {
            Ok((address, channel)) => channels.push(RedisChannel {
                server: address.server().clone(),
                channel,
                component,
            }),
            Err(why) => {
                let text = format!("the Redis trigger \"{}\" cannot start: {why}", trigger.id);
                let problem = Problem::error("app::bad_redis_trigger", text)
                    .labelled("this trigger")
                    .help(
                        "name its server: `address = \"redis://HOST:PORT\"` here, or below `[application.trigger.redis]` for \
                         all of them",
                    );
                problems.push(problem.at(&manifest.source, trigger.span.clone()));
            }
        }
    }
    LoadError::from_problems(problems)?;
    Ok(channels)
}
