//! The way of an outgoing request through the gate: what it asks for, what answers it, and what is kept of it.

use super::chain::{Chained, Destination, NotChained};
use super::url::without_user;
use super::{Answer, HttpFailure, Sent};
use crate::sandbox::Mistake;
use crate::sandbox::gate::{Asked, CallTrap, Caller, Keep, Served, unfinished};
use crate::sandbox::journal::{Call, Changes, Outcome, Service};
use crate::sandbox::random::Purpose;
use crate::sandbox::schedule::all_others;
use crate::sandbox::service::{self, Failure, ServiceInterface};
use crate::sandbox::session::Session;
use crate::value::show;
use bytes::Bytes;
use http::{HeaderMap, Method};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;

/// A request as the guest made it.
pub(crate) struct Sending {
    pub interface: &'static ServiceInterface,
    pub method: Method,
    pub url: String,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// How long the guest waits for the first byte.
    pub first_byte_timeout: Option<Duration>,
    /// What is wrong with it, in the words of the interface, where the host may be asked.
    pub malformed: Option<Failure>,
}

/// What comes back.
pub(crate) struct Answered {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// How many bytes of the body arrive before the connection breaks.
    pub cut_after: Option<usize>,
    /// How long the body takes, in virtual time.
    pub body_takes: Option<Duration>,
}

impl Sending {
    /// Whether the guest gets the answer whole or not at all, and no request of its ends it: so it is with Spin 1.
    fn is_whole(&self) -> bool {
        self.interface == &service::SPIN_HTTP
    }
}

impl Session {
    /// Takes an outgoing request through the gate. The outer error ends the instance.
    pub(crate) async fn send_outgoing(
        &self,
        caller: &Caller,
        sending: Sending,
    ) -> Result<Result<Answered, Failure>, CallTrap> {
        let named = Service::OutgoingHttp(sending.interface, sending.method.clone());
        // What is denied is kept too.
        let headers = sending.headers.iter();
        let headers = headers.map(|(name, value)| name.as_str().len() + value.len());
        let bytes = sending.url.len() + headers.sum::<usize>() + sending.body.len();
        let things = 1 + sending.headers.len();
        let kept = self
            .state()
            .outgoing
            .kept
            .add(things, bytes, "requests to other hosts");
        if let Err(CallTrap(why)) = kept {
            let component = Arc::clone(&caller.component);
            self.journal(Call {
                note: Some(why.clone()),
                ..self.call(component, caller.instance, named, Outcome::Trap)
            });
            return Err(CallTrap(why));
        }
        let allowed = self.allowed_host(&caller.component, &sending.url, "https");
        self.state().outgoing.on_their_way += 1;
        let operation = service::of_method(&sending.method);
        let asked = Asked {
            interface: sending.interface,
            operation,
            label: "",
            key: sending.url.clone(),
            size: sending.body.len(),
            changes: Changes::of(operation, operation.writes),
            admitted: match (allowed, &sending.malformed) {
                (None, _) => Err(denied(sending.interface)),
                (_, Some(failure)) => Err(failure.clone()),
                (Some(_), None) => Ok(()),
            },
        };
        let mut on_its_way = OnItsWay {
            session: self,
            caller,
            sent: Some(Sent {
                component: caller.component.clone(),
                method: sending.method.clone(),
                url: sending.url.clone(),
                headers: sending.headers.clone(),
                body: sending.body.clone(),
                outcome: Outcome::Trap,
            }),
        };
        let status = |answer: &Answer| Outcome::Answered(answer.status);
        // A stub that is undone is asked all the same: what was sent cannot be taken back.
        let answering = |_: Keep| self.answer(caller, &sending);
        let passed = self
            .service_call_as(caller, &asked, named, status, answering)
            .await;
        on_its_way.arrived(match &passed {
            Ok(Ok(answer)) => status(answer),
            Ok(Err(failure)) => Outcome::Failed(failure.to_string()),
            Err(_) => Outcome::Trap,
        });
        Ok(match passed? {
            Ok(answer) => Ok(Answered {
                status: answer.status,
                headers: answer.headers,
                body: answer.body,
                cut_after: answer.cut_after,
                body_takes: answer.body_takes,
            }),
            Err(failure) => Err(failure),
        })
    }

    /// Lets requests end whose instance is gone: what sends them is dropped a moment later.
    pub(crate) async fn settle_outgoing(&self) {
        let waiting = self.state().outgoing.on_their_way > 0;
        if waiting {
            all_others().await;
        }
    }

    /// What the scenario answers, or else the app itself where it is asked.
    async fn answer(&self, caller: &Caller, sending: &Sending) -> Result<Served<Answer>, CallTrap> {
        let stated = self.state().outgoing.answer(
            &sending.method,
            &sending.url,
            &sending.headers,
            &sending.body,
        );
        let (answer, note) = match (stated, Destination::of(&sending.url)) {
            (Some(answer), _) => {
                let answer = self.wait_for(answer, sending.first_byte_timeout).await;
                (answer, None)
            }
            (None, Some(destination)) => self.chained(caller, destination, sending).await?,
            (None, None) => (self.recorded_now(sending), None),
        };
        let answer = match sending.is_whole() {
            true => whole(answer).await,
            false => answer,
        };
        Ok(Served {
            size: answer.as_ref().map_or(0, |answer| answer.body.len()),
            reply: answer.map_err(|failure| Failure::from(&failure)),
            note,
        })
    }

    /// What a real server on this machine answers, where the scenario is being recorded.
    fn recorded_now(&self, sending: &Sending) -> Result<Answer, HttpFailure> {
        let recorder = self.state().outgoing.recorder.clone();
        let source = recorder
            .as_ref()
            .and_then(|it| Some((it, it.source_of(&sending.url)?)));
        let Some((recorder, source)) = source else {
            return Err(self.unanswered(sending));
        };
        match recorder.ask(source, sending) {
            Ok(exchange) => Ok(exchange.answer()),
            Err(failure) => {
                self.state().mistakes.push(Mistake::NotRecorded {
                    method: sending.method.to_string(),
                    url: without_user(&sending.url).into_owned(),
                    server: source.server().to_owned(),
                    reason: failure.to_string(),
                });
                Err(HttpFailure::Refused)
            }
        }
    }

    /// A request that the scenario says nothing of is a mistake in it.
    fn unanswered(&self, sending: &Sending) -> HttpFailure {
        let mut state = self.state();
        let method = sending.method.to_string();
        let url = without_user(&sending.url).into_owned();
        let recordings = state.outgoing.recordings.clone();
        let mistake = match recordings.is_empty() {
            true => Mistake::Unanswered {
                nearest: state.outgoing.nearest(&format!("{method} {url}")),
                method,
                url,
            },
            false => {
                let request = match sending.body.is_empty() {
                    true => format!("{method} {url}"),
                    false => format!("{method} {url} with the body {}", show(&sending.body)),
                };
                Mistake::NotInRecording {
                    nearest: state.outgoing.nearest(&request),
                    request,
                    origin: origin_of(&url),
                    recordings,
                }
            }
        };
        state.mistakes.push(mistake);
        HttpFailure::Refused
    }

    /// What the app itself answers, and what else a person should know.
    async fn chained(
        &self,
        caller: &Caller,
        destination: Destination,
        sending: &Sending,
    ) -> Result<(Result<Answer, HttpFailure>, Option<String>), CallTrap> {
        if let Err(why) = caller.chain.count() {
            return Err(CallTrap(why.to_string()));
        }
        // Spin asks a component without its client, and so without that one's timeouts.
        let patience = match destination {
            Destination::Component(_) => None,
            Destination::Routes => sending.first_byte_timeout,
        };
        let (reply, answered) = oneshot::channel();
        caller.chain.push(Chained {
            destination,
            method: sending.method.clone(),
            path: path_of(&sending.url),
            headers: sending.headers.clone(),
            body: sending.body.clone(),
            lane: caller.lane,
            reply,
        });
        let answered = match patience {
            None => answered.await,
            Some(patience) => match tokio::time::timeout(patience, answered).await {
                Ok(answered) => answered,
                Err(_) => return Ok((Err(HttpFailure::ReadTimeout), None)),
            },
        };
        match answered {
            Ok(Ok(answer)) => Ok((Ok(answer), None)),
            Ok(Err(why @ NotChained::NoSuchComponent(_))) if !sending.is_whole() => {
                Err(CallTrap(why.to_string()))
            }
            Ok(Err(why)) => Ok((Err(HttpFailure::Protocol), Some(why.to_string()))),
            // Nobody drives the instance any more: what waits here is dropped with it.
            Err(_) => std::future::pending().await,
        }
    }

    /// Lets the time pass that an answer takes, as long as the guest waits for it.
    async fn wait_for(
        &self,
        answer: Answer,
        patience: Option<Duration>,
    ) -> Result<Answer, HttpFailure> {
        if answer.hangs {
            match patience {
                Some(patience) => tokio::time::sleep(patience).await,
                // The request's own bound on time ends it.
                None => std::future::pending().await,
            }
            return Err(HttpFailure::ReadTimeout);
        }
        if let Some(latency) = answer.takes {
            let number = self.state().outgoing.sent.len() as u64;
            let seed = self.options().seed;
            let mut draw = 0;
            let takes = latency.sample(|| {
                draw += 1;
                seed.fraction(Purpose::OutgoingLatency, number * 2 + draw)
            });
            match patience.filter(|patience| *patience < takes) {
                Some(patience) => {
                    tokio::time::sleep(patience).await;
                    return Err(HttpFailure::ReadTimeout);
                }
                None => tokio::time::sleep(takes).await,
            }
        }
        match answer.fails {
            Some(failure) => Err(failure),
            None => Ok(answer),
        }
    }
}

/// What a guest is told whose manifest does not allow the host.
fn denied(interface: &ServiceInterface) -> Failure {
    match interface == &service::SPIN_HTTP {
        true => Failure::new("destination-not-allowed"),
        false => Failure::from(&HttpFailure::Denied),
    }
}

/// An answer with its whole body, once that has arrived.
async fn whole(answer: Result<Answer, HttpFailure>) -> Result<Answer, HttpFailure> {
    let mut answer = answer?;
    if let Some(takes) = answer.body_takes.take() {
        tokio::time::sleep(takes).await;
    }
    match answer.cut_after {
        Some(_) => Err(HttpFailure::Terminated),
        None => Ok(answer),
    }
}

/// Path and query of a URL.
fn path_of(url: &str) -> String {
    let uri = url.parse::<http::Uri>().ok();
    let path = uri.and_then(|uri| uri.into_parts().path_and_query);
    path.map_or_else(|| "/".to_owned(), |path| path.to_string())
}

/// Scheme, host and port of a URL.
fn origin_of(url: &str) -> String {
    url::Url::parse(url).map_or_else(
        |_| "ORIGIN".to_owned(),
        |url| url.origin().ascii_serialization(),
    )
}

/// A request that has been sent and not been answered. If it is dropped, its instance has ended, or the guest no longer
/// wanted the answer: it was sent all the same.
struct OnItsWay<'a> {
    session: &'a Session,
    caller: &'a Caller,
    sent: Option<Sent>,
}

impl OnItsWay<'_> {
    /// Writes down what came of it.
    fn arrived(&mut self, outcome: Outcome) {
        if let Some(sent) = self.sent.take() {
            let mut state = self.session.state();
            state.outgoing.ended(Sent { outcome, ..sent });
        }
    }
}

impl Drop for OnItsWay<'_> {
    fn drop(&mut self) {
        let (outcome, _) = unfinished(self.caller);
        self.arrived(outcome);
    }
}
