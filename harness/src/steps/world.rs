//! What the steps of one scenario share: what was said so far, the session once it runs, and what came back.

use super::Failed;
use super::arrangement::{Arrangement, Running};
use super::evidence::{Evidence, handling_lines, message_lines, request_lines, response_lines};
use super::reasons;
use super::verdict;
use crate::app::lexically_normal;
use crate::runner::{RunOptions, ScenarioContext};
use crate::sandbox::{Happening, Session};
use crate::storage::Store;
use crate::trigger::{MessageHandling, RedisMessage, Request, Response};
use crate::value;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

/// One scenario: the state that its steps share.
///
/// Given steps collect; the first When step loads the app and starts the session, and from then on requests go to it.
/// Steps of your own take a `&mut World` first, as the steps here do:
///
/// ```
/// use cucumber::then;
/// use spin_harness::steps::{Failed, World};
///
/// #[then(expr = "the response names {string}")]
/// fn names(world: &mut World, name: String) -> Result<(), Failed> {
///     let name = world.text(&name)?;
///     if !world.response()?.text().contains(&name) {
///         return Err(Failed::new(format!("the response does not name {name}")));
///     }
///     Ok(())
/// }
/// ```
#[derive(Default, cucumber::World)]
pub struct World {
    context: Option<ScenarioContext>,
    pub(super) arrangement: Arrangement,
    running: Option<Running>,
    /// Of the last When that sent something.
    exchanges: Vec<Exchange>,
    /// Of the last When, if it let a message arrive: what came of it, by component.
    message: Option<(RedisMessage, Vec<MessageHandling>)>,
    /// Calls in the journal when that When began.
    pub(super) calls_before: usize,
    /// What every request has, names in lower case; values with `${name}` as it stands in the step.
    pub(super) headers: Vec<(String, String)>,
    remembered: BTreeMap<String, String>,
    mistakes_told: usize,
    /// Of the whole scenario, where the run was asked to keep them.
    pub(super) all_responses: Vec<Response>,
}

/// A request and what came back.
#[derive(Clone, Debug)]
pub(super) struct Exchange {
    pub request: Request,
    pub response: Response,
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scenario = self.context.as_ref().map(|context| &*context.scenario);
        f.debug_struct("World")
            .field("scenario", &scenario)
            .field("running", &self.running.is_some())
            .finish_non_exhaustive()
    }
}

impl World {
    /// The world of a scenario before its first step.
    ///
    /// A world made in another way (`Default`, as cucumber's own runner does) belongs to no scenario: its steps fail and
    /// say so.
    pub fn begin(context: ScenarioContext) -> Self {
        Self {
            context: Some(context),
            ..Self::default()
        }
    }

    /// The session; the first call loads the app and applies what the Given steps said.
    ///
    /// # Errors
    ///
    /// The app does not load, or the Given steps ask for something that cannot be.
    pub fn session(&mut self) -> Result<&Session, Failed> {
        Ok(&self.running()?.session)
    }

    /// The response of the last When, if it sent one request.
    ///
    /// # Errors
    ///
    /// Nothing was sent yet, or several requests at once.
    pub fn response(&self) -> Result<&Response, Failed> {
        match self.exchanges.as_slice() {
            [exchange] => Ok(&exchange.response),
            [] => Err(Failed::new(
                "there is no response yet: send a request first, such as `When I send GET \"/\"`",
            )),
            several => Err(Failed::new(format!(
                "the last When sent {} requests at once, so \"the response\" could be any of theirs; there are steps about \
                 all of them, such as `Then every response status is 200`",
                several.len()
            ))),
        }
    }

    /// The response to the last request that was sent; of several at once that of the last in their order.
    pub fn last_response(&self) -> Option<&Response> {
        self.exchanges.last().map(|exchange| &exchange.response)
    }

    /// The responses to what the last When sent, in the order of the requests.
    pub fn responses(&self) -> impl ExactSizeIterator<Item = &Response> {
        self.exchanges.iter().map(|exchange| &exchange.response)
    }

    /// What was remembered so far, by name.
    pub fn remembered(&self) -> &BTreeMap<String, String> {
        &self.remembered
    }

    /// Remembers a value: `${name}` stands for it in every later step.
    pub fn remember(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.remembered.insert(name.into(), value.into());
    }

    /// Text with every `${name}` replaced by what was remembered.
    ///
    /// # Errors
    ///
    /// Nothing was remembered under a name.
    pub fn interpolate(&self, text: &str) -> Result<String, Failed> {
        if !text.contains("${") {
            return Ok(text.to_owned());
        }
        value::interpolate(text, &self.remembered).map_err(Failed::explained)
    }

    /// What a `{string}` of a step means: `\"` and `\\` resolved, then every `${name}`.
    ///
    /// # Errors
    ///
    /// As [`World::interpolate`].
    pub fn text(&self, string: &str) -> Result<String, Failed> {
        self.interpolate(&value::unescape(string))
    }

    /// Text in which every `${name}` stands between quotes: what takes its place cannot end them.
    pub(super) fn interpolate_quoted(&self, text: &str) -> Result<String, Failed> {
        if !text.contains("${") {
            return Ok(text.to_owned());
        }
        let escaped = self.remembered.iter().map(|(name, value)| {
            let value = value.replace('\\', "\\\\").replace('"', "\\\"");
            (name.clone(), value)
        });
        value::interpolate(text, &escaped.collect()).map_err(Failed::explained)
    }

    /// The folder of the feature file, from which paths in steps start.
    ///
    /// # Errors
    ///
    /// The world belongs to no scenario.
    pub fn feature_dir(&self) -> Result<PathBuf, Failed> {
        self.base_dir().map(Path::to_owned)
    }

    /// Sends one request to the app; it becomes [`World::response`].
    ///
    /// # Errors
    ///
    /// As [`World::session`]; and a fault rule that the interface in use cannot express.
    pub async fn send(&mut self, request: Request) -> Result<(), Failed> {
        let request = self.with_headers(request)?;
        let session = self.before_sending()?;
        self.tell(|| Happening::Sent(None, request_lines(&request)));
        let response = session.send(request.clone()).await;
        self.tell(|| received(None, &response));
        self.keep(std::slice::from_ref(&response));
        self.exchanges.push(Exchange { request, response });
        self.tell_mistakes()
    }

    /// Sends requests at once; they become [`World::responses`].
    ///
    /// # Errors
    ///
    /// As [`World::send`].
    pub async fn send_at_once(&mut self, requests: Vec<Request>) -> Result<(), Failed> {
        let requests = requests
            .into_iter()
            .map(|request| self.with_headers(request))
            .collect::<Result<Vec<_>, _>>()?;
        let session = self.before_sending()?;
        for (index, request) in requests.iter().enumerate() {
            self.tell(|| Happening::Sent(Some(index + 1), request_lines(request)));
        }
        let responses = session.send_at_once(requests.clone()).await;
        for (index, response) in responses.iter().enumerate() {
            self.tell(|| received(Some(index + 1), response));
        }
        self.keep(&responses);
        self.exchanges = requests
            .into_iter()
            .zip(responses)
            .map(|(request, response)| Exchange { request, response })
            .collect();
        self.tell_mistakes()
    }

    /// Lets a message arrive on a Redis channel of the app.
    ///
    /// # Errors
    ///
    /// As [`World::send`]; and no trigger listens there, or it is not clear on which server.
    pub async fn send_message(&mut self, message: RedisMessage) -> Result<(), Failed> {
        let session = self.before_sending()?;
        self.tell(|| Happening::Sent(None, message_lines(&message)));
        let handlings = session.deliver(message.clone()).await?;
        self.tell(|| Happening::Received(None, handling_lines(&handlings), None));
        self.message = Some((message, handlings));
        self.tell_mistakes()
    }

    /// The Redis message of the last When, and what came of it.
    pub(super) fn message(&self) -> Result<&(RedisMessage, Vec<MessageHandling>), Failed> {
        self.message.as_ref().ok_or_else(|| {
            Failed::new(
                "the last When let no message arrive: use a step such as `When a Redis message \"text\" arrives on channel \"orders\"`",
            )
        })
    }

    /// The same, if there was one.
    pub(super) fn last_message(&self) -> Option<&(RedisMessage, Vec<MessageHandling>)> {
        self.message.as_ref()
    }

    /// Ends the scenario, once its steps have passed.
    ///
    /// # Errors
    ///
    /// A fault rule that never fired, what the scenario asked for that could not be, and an injected failure whose call
    /// was never made, or an order that the requests could not follow.
    pub fn finish(&mut self) -> Result<(), Failed> {
        self.tell_mistakes()?;
        self.went_as_asked()?;
        match self
            .context
            .as_ref()
            .is_none_or(ScenarioContext::judges_rules)
        {
            true => verdict::rules_have_fired(self),
            false => Ok(()),
        }
    }

    /// What happened so far, for the report of a failing step.
    pub fn evidence(&self) -> Evidence {
        Evidence::of(self)
    }

    /// The scenario's context.
    pub(super) fn context(&self) -> Result<&ScenarioContext, Failed> {
        self.context.as_ref().ok_or_else(|| {
            Failed::new(
                "this World belongs to no scenario of spin-harness: scenarios are run by `spin_harness::runner`, not by \
                 cucumber's own runner",
            )
        })
    }

    /// As [`World::feature_dir`], without a copy.
    pub(super) fn base_dir(&self) -> Result<&Path, Failed> {
        let feature = &self.context()?.feature_path;
        Ok(feature.parent().unwrap_or(Path::new("")))
    }

    pub(super) fn options(&self) -> Result<&RunOptions, Failed> {
        Ok(&self.context()?.options)
    }

    /// Whether messages may have colour.
    pub(super) fn color(&self) -> bool {
        self.context
            .as_ref()
            .is_some_and(|context| context.options.color)
    }

    pub(super) fn seed(&self) -> Option<crate::sandbox::Seed> {
        let own = self.context.as_ref().map(|context| context.seed);
        self.arrangement.seed.or(own)
    }

    /// The session and the stores as the Given steps made them.
    pub(super) fn running(&mut self) -> Result<&mut Running, Failed> {
        if self.running.is_none() {
            let context = self.context()?;
            let running = self.arrangement.start(context)?;
            if let Some(exploration) = &context.exploration {
                running.session.with_faults(|faults| {
                    let injections = exploration.injections.iter().cloned();
                    injections.for_each(|injection| faults.inject(injection));
                });
                if let Some(guide) = &exploration.schedule {
                    running.session.follow(guide.clone());
                }
            }
            self.running = Some(running);
        }
        match &mut self.running {
            Some(running) => Ok(running),
            // It was set just now.
            None => Err(Failed::new("the session is gone")),
        }
    }

    /// The session, if some step has started it.
    pub(super) fn started(&self) -> Option<&Session> {
        self.running.as_ref().map(|running| &running.session)
    }

    /// As [`World::started`], with the stores as the Given steps made them; for steps that can still change them.
    pub(super) fn started_mut(&mut self) -> Option<&mut Running> {
        self.running.as_mut()
    }

    /// The store behind a label as the Given steps made it.
    pub(super) fn given_store(&mut self, label: &str) -> Result<&Store, Failed> {
        let running = self.running()?;
        // The label is checked first, so that the error is the session's.
        running.session.with_store(label, |_| ())?;
        let index = running.session.store_index(label);
        index
            .and_then(|index| running.given.get(index))
            .ok_or_else(|| Failed::new(format!("no key-value store has the label \"{label}\"")))
    }

    /// What a Given step may still change: everything before the app is loaded.
    ///
    /// `what` is the subject of the message: `the app`.
    pub(super) fn arranging(&mut self, what: &str) -> Result<&mut Arrangement, Failed> {
        if self.running.is_some() {
            return Err(Failed::new(format!(
                "{what} can't change while the scenario runs: this step must stand before the first When"
            )));
        }
        Ok(&mut self.arrangement)
    }

    pub(super) fn exchanges(&self) -> &[Exchange] {
        &self.exchanges
    }

    /// A request with the headers that every request has, unless it has one of that name itself.
    fn with_headers(&self, mut request: Request) -> Result<Request, Failed> {
        let missing: Vec<_> = self
            .headers
            .iter()
            .filter(|(name, _)| !request.has_header(name))
            .collect();
        for (name, value) in missing {
            let value = self.interpolate(value).map_err(|failed| {
                failed.note(&format!("in the header \"{name}\" that every request has"))
            })?;
            request = request.header(name, &value)?;
        }
        request.check()?;
        Ok(request)
    }

    fn tell(&self, happening: impl FnOnce() -> Happening) {
        if let Some(watcher) = self.context.as_ref().and_then(|c| c.watcher.as_ref()) {
            watcher(happening());
        }
    }

    fn before_sending(&mut self) -> Result<Session, Failed> {
        let session = self.session()?.clone();
        self.calls_before = session.with_journal(|journal| journal.calls().len());
        self.exchanges.clear();
        self.message = None;
        Ok(session)
    }

    /// Fails for what the scenario asked for and cannot be, as soon as it is known; each is told once.
    fn tell_mistakes(&mut self) -> Result<(), Failed> {
        let Some(session) = self.started() else {
            return Ok(());
        };
        let mistakes = session.mistakes();
        let told = std::mem::replace(&mut self.mistakes_told, mistakes.len());
        let mut messages: Vec<String> = Vec::new();
        for mistake in mistakes.iter().skip(told) {
            let message = mistake.to_string();
            if !messages.contains(&message) {
                messages.push(message);
            }
        }
        if messages.is_empty() {
            return Ok(());
        }
        Err(Failed::new(messages.join("\n")))
    }
}

fn received(number: Option<usize>, response: &Response) -> Happening {
    Happening::Received(
        number,
        response_lines(response),
        reasons::of_response(response),
    )
}

/// `path` as seen from `base`, without `..` where that can be told from the text: one app has one name then.
pub(super) fn joined(base: &Path, path: &str) -> PathBuf {
    let mut joined = lexically_normal(&base.join(path));
    if joined.as_os_str().is_empty() {
        joined.push(".");
    }
    joined
}

/// A number in a step, or why it is none.
pub(super) fn number<T: std::str::FromStr>(text: &str, what: &str) -> Result<T, Failed> {
    text.parse()
        .map_err(|_| Failed::new(format!("`{text}` can't be {what}")))
}

/// Several names for a message: `"a", "b"`, or `none`.
pub(super) fn quoted<'a>(names: impl IntoIterator<Item = &'a str>) -> Cow<'static, str> {
    let names: Vec<_> = names
        .into_iter()
        .map(|name| format!("\"{name}\""))
        .collect();
    if names.is_empty() {
        Cow::Borrowed("none")
    } else {
        Cow::Owned(names.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_world_can_move_between_threads() {
        fn check<T: Send + Sync>() {}
        check::<World>();
    }

    #[test]
    fn a_world_of_no_scenario_says_so() {
        let message = World::default().session().unwrap_err().to_string();
        assert!(message.contains("belongs to no scenario"), "{message}");
    }

    #[test]
    fn a_path_has_one_name_however_it_is_written() {
        let join = |base: &str, path: &str| joined(Path::new(base), path);
        assert_eq!(join("features/visits", "../../app"), Path::new("app"));
        assert_eq!(
            join("features", "./../app/spin.toml"),
            Path::new("app/spin.toml")
        );
        assert_eq!(join("features", "../../app"), Path::new("../app"));
        assert_eq!(join("features", ".."), Path::new("."));
        assert_eq!(join("features", "/app"), Path::new("/app"));
        assert_eq!(join("", "app"), Path::new("app"));
    }

    #[test]
    fn strings_resolve_escapes_before_what_was_remembered() {
        let mut world = World::default();
        world.remember("name", r#"a\"b"#);
        assert_eq!(
            world.text(r#"\"${name}\" $${name}"#).unwrap(),
            r#""a\"b" ${name}"#
        );
        let message = world.text("${nam}").unwrap_err().to_string();
        assert!(message.contains("name"), "{message}");
    }
}
