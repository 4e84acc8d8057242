//! What the Given steps of a scenario said, and the session that comes of it.

use super::Failed;
use super::given_databases::{Filled, run_option};
use super::given_faults::read_eventually;
use super::given_real_servers::PassedOn;
use super::given_redis::RedisFilled;
use super::given_stored::Stored;
use super::place::Place;
use super::world::quoted;
use crate::app::{GrantOverrides, nearest};
use crate::engine::App;
use crate::runner::{ConfigKey, RunOptions, ScenarioContext};
use crate::sandbox::{
    AnyOperation, Bounds, Fault, Interface, ModelAnswer, Recorder, Recording, SandboxOptions, Seed,
    ServiceInterface, ServiceOperation, Session, StatementStub, Stub, TcpServer,
};
use crate::storage::{Limits, Operation, Store};
use crate::value::visible;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What the Given steps said. What they left open is as the options of the run say.
#[derive(Debug, Default)]
pub(super) struct Arrangement {
    pub app: Option<PathBuf>,
    pub profile: Option<String>,
    pub runtime_config: Option<ConfigKey>,
    pub variables: BTreeMap<String, String>,
    pub grants: GrantOverrides,
    pub environment: Vec<(String, String)>,
    pub reuse_instances: bool,
    pub seed: Option<Seed>,
    pub time: Option<Duration>,
    pub limits: Option<Limits>,
    pub bounds: Option<Bounds>,
    pub client_address: Option<String>,
    pub authority: Option<String>,
    pub stored: Stored,
    pub databases: Filled,
    /// What the Redis servers hold.
    pub redis: RedisFilled,
    pub faults: Vec<(Fault, Place)>,
    /// What other hosts answer.
    pub outgoing: Vec<Stub>,
    /// What other hosts answered once.
    pub recordings: Vec<Recording>,
    /// What asks real servers in their place.
    pub recorder: Option<Recorder>,
    /// What language models answer.
    pub model_answers: Vec<ModelAnswer>,
    /// What database servers answer.
    pub servers: Vec<StatementStub>,
    /// What TCP servers do.
    pub tcp_servers: Vec<(SocketAddr, TcpServer)>,
    /// Real servers that the other statements go to.
    pub real_servers: Vec<PassedOn>,
    /// Stores whose reads may miss the last write.
    pub eventual: BTreeSet<String>,
}

/// A scenario under way.
#[derive(Debug)]
pub(super) struct Running {
    pub session: Session,
    /// The stores as the Given steps made them, by the session's index.
    pub given: Vec<Store>,
}

impl Arrangement {
    /// Loads the app, makes the session, fills the stores and puts the fault rules in force.
    pub fn start(&self, context: &ScenarioContext) -> Result<Running, Failed> {
        let options = &context.options;
        let manifest = match &self.app {
            Some(app) => app.as_path(),
            None if options.app.as_os_str().is_empty() => Path::new("spin.toml"),
            None => &options.app,
        };
        // What the command line says is about its own app.
        let of_run = options.profile.as_ref().filter(|_| self.app.is_none());
        let profile = self.profile.as_ref().or(of_run).map(String::as_str);
        let of_options = || options.runtime_config.clone().map(ConfigKey::File);
        let runtime_config = self.runtime_config.clone().or_else(of_options);
        let app = context
            .apps
            .get(
                manifest,
                profile,
                runtime_config.as_ref(),
                &self.variables(options),
            )
            .map_err(|error| Failed::of_app(&error, options.color))?;
        self.require_declared(&app)?;
        let session = Session::new(app, self.sandbox_options(context), context.watcher.clone())?;
        for (key, value) in &options.key_values {
            session.with_store_mut("default", |store| store.put(key.clone(), value.clone()))?;
        }
        self.stored.apply(&session)?;
        for (label, statements) in &options.sql {
            run_option(&session, label, statements)
                .map_err(|failed| failed.note("in `--sqlite`"))?;
        }
        self.databases.apply(&session)?;
        self.redis.apply(&session)?;
        for label in &self.eventual {
            read_eventually(&session, label)?;
        }
        for (fault, place) in &self.faults {
            require_expressible(&session, fault).map_err(|failed| place.tell(&failed))?;
        }
        session.with_faults(|faults| {
            for (fault, _) in &self.faults {
                faults.push(fault.clone());
            }
        });
        session.with_outgoing(|outgoing| {
            self.outgoing
                .iter()
                .cloned()
                .for_each(|stub| outgoing.push(stub));
            let recordings = self.recordings.iter().cloned();
            recordings.for_each(|recording| outgoing.replay(recording));
            if let Some(recorder) = &self.recorder {
                outgoing.record(recorder.clone());
            }
        });
        session.with_llm(|llm| {
            let answers = self.model_answers.iter().cloned();
            answers.for_each(|answer| llm.push(answer));
        });
        session.with_tcp(|tcp| {
            let servers = self.tcp_servers.iter().cloned();
            servers.for_each(|(address, server)| tcp.serve(address, server));
        });
        session.with_database_servers(|servers| {
            let stubs = self.servers.iter().cloned();
            stubs.for_each(|stub| servers.push(stub));
        });
        for real in &self.real_servers {
            session.with_database_servers(|servers| real.clone().put_in_force(servers))?;
        }
        let given = session.state().stores.clone();
        Ok(Running { session, given })
    }

    fn variables<'a>(&'a self, options: &'a RunOptions) -> Cow<'a, BTreeMap<String, String>> {
        if self.variables.is_empty() {
            return Cow::Borrowed(&options.variables);
        }
        let mut variables = options.variables.clone();
        variables.extend(self.variables.clone());
        Cow::Owned(variables)
    }

    /// A value that no component can read would leave a scenario testing something else than it says. A value from the
    /// command line is for many apps: that one only gets the app's warning.
    fn require_declared(&self, app: &App) -> Result<(), Failed> {
        let declared = &app.manifest().variables;
        let Some(name) = self
            .variables
            .keys()
            .find(|name| !declared.contains_key(*name))
        else {
            return Ok(());
        };
        let known = || declared.keys().map(String::as_str);
        let advice = match nearest(name, known()) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => format!("it declares {}", quoted(known())),
        };
        Err(Failed::new(format!(
            "the app declares no variable \"{}\"; {advice}",
            visible(name)
        )))
    }

    fn sandbox_options(&self, context: &ScenarioContext) -> SandboxOptions {
        let options = &context.options;
        let defaults = SandboxOptions::default();
        let or = |own: &Option<String>, run: &Option<String>, default| {
            own.clone().or_else(|| run.clone()).unwrap_or(default)
        };
        let mut environment = options.environment.clone();
        for (name, value) in &self.environment {
            environment.retain(|(other, _)| other != name);
            environment.push((name.clone(), value.clone()));
        }
        SandboxOptions {
            seed: self.seed.unwrap_or(context.seed),
            time: self.time.unwrap_or(defaults.time),
            limits: self.limits.unwrap_or(options.limits),
            bounds: self.bounds.unwrap_or(options.bounds),
            reuse_instances: self.reuse_instances,
            grants: self.grants.clone(),
            environment,
            client_address: or(
                &self.client_address,
                &options.client_address,
                defaults.client_address,
            ),
            authority: or(&self.authority, &options.authority, defaults.authority),
            real_stores: options.real_stores.clone(),
        }
    }
}

/// Whether some interface that the app imports can answer with the rule's error, and whether what the rule names exists.
pub(super) fn require_expressible(session: &Session, fault: &Fault) -> Result<(), Failed> {
    if let Some(store) = &fault.matches.store
        && !fault.matches.is_of_service()
        && session.store_index(store).is_none()
    {
        session
            .with_store(store, |_| ())
            .map_err(|error| Failed::from(error).note(&format!("in the rule `{fault}`")))?;
    }
    if let Some(component) = &fault.matches.component {
        let known = session.app().require_component(component);
        known.map_err(|error| Failed::from(error).note(&format!("in the rule `{fault}`")))?;
    }
    if let Some(AnyOperation::Service(operation)) = fault.matches.operation {
        return require_service(session, fault, operation);
    }
    let imported = session.app().key_value_interfaces();
    if imported.is_empty() {
        return Err(no_interface(fault));
    }
    let names = || quoted(imported.iter().map(|interface| interface.name()));
    let operation = fault.matches.operation.and_then(AnyOperation::of_store);
    if let Some(operation) = operation
        && !imported.iter().any(|interface| interface.has(operation))
    {
        let able = Interface::ALL.iter().filter(|it| it.has(operation));
        return match fault.optional {
            true => Ok(()),
            false => Err(Failed::new(format!(
                "the rule `{fault}` can never hold: the app imports {}, which has no \"{operation}\"; only {} has",
                names(),
                quoted(able.map(|interface| interface.name()))
            ))),
        };
    }
    let Some(action) = &fault.effect.then else {
        return Ok(());
    };
    let operations = match &operation {
        Some(operation) => std::slice::from_ref(operation),
        None => &Operation::ALL[..],
    };
    let can_say = |interface: &Interface| {
        operations
            .iter()
            .any(|operation| action.can_be_said(*interface, *operation))
    };
    if imported.iter().any(can_say) {
        return Ok(());
    }
    let able: Vec<_> = Interface::ALL
        .iter()
        .filter(|interface| can_say(interface))
        .collect();
    let advice = if able.is_empty() {
        "no key-value interface can".to_owned()
    } else {
        format!(
            "only {} can",
            quoted(able.iter().map(|interface| interface.name()))
        )
    };
    Err(Failed::new(format!(
        "the rule `{fault}` can never hold: the app imports {}, which cannot {}; {advice}",
        names(),
        action.deed()
    )))
}

/// The same of a rule about a service other than key-value.
fn require_service(
    session: &Session,
    fault: &Fault,
    operation: &'static ServiceOperation,
) -> Result<(), Failed> {
    let family = operation.family();
    let app = session.app();
    let imported: Vec<&ServiceInterface> = app
        .imports()
        .filter_map(ServiceInterface::of_import)
        .filter(|interface| interface.family == family.name)
        .collect();
    let names = || quoted(imported.iter().map(|interface| interface.name));
    let reason = match &fault.effect.then {
        _ if imported.is_empty() => {
            format!(
                "no component of the app imports an interface of {}",
                family.name
            )
        }
        Some(action) => {
            let able = |it: &&ServiceInterface| action.can_be_said_of(it, operation);
            if imported.iter().any(able) {
                return Ok(());
            }
            let deed = action.deed();
            format!("the app imports {}, which cannot {deed}", names())
        }
        None => return Ok(()),
    };
    Err(Failed::new(format!(
        "the rule `{fault}` can never hold: {reason}"
    )))
}

fn no_interface(fault: &Fault) -> Failed {
    Failed::new(format!(
        "the rule `{fault}` can never hold: no component of the app imports a key-value interface"
    ))
}
