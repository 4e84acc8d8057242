//! Drives one instance through its request, to the end of its work.

use super::bounded::{note_trap, within_bounds};
use super::cgi::ProgramCall;
use super::client::Answer;
use super::instantiate::instantiate;
use crate::engine::CompiledComponent;
use crate::host::{InstanceState, Stop};
use crate::sandbox::{Bound, Chain, Session};
use bytes::Bytes;
use http::Method;
use http_body_util::BodyExt as _;
use http_body_util::combinators::UnsyncBoxBody;
use std::fmt::Display;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use wasmtime::component::Accessor;
use wasmtime_wasi_http::p2::bindings::ProxyPre;
use wasmtime_wasi_http::p2::bindings::http::types::Scheme;
use wasmtime_wasi_http::p3::bindings::{Service, ServicePre};
use wasmtime_wasi_http::{Error as HttpError, WasiHttpView as _};

/// A request as a component takes it, and which of the requests at once it is.
pub(crate) struct Job {
    pub index: usize,
    pub method: Method,
    pub request: IncomingRequest,
    /// What the instance that serves it asks of its own app.
    pub chain: Arc<Chain>,
    /// How the component is called, where it is a program.
    pub program: Option<ProgramCall>,
}

impl Job {
    /// The request's number among those sent at once, from 1.
    pub fn lane(&self) -> u32 {
        u32::try_from(self.index).map_or(u32::MAX, |index| index.saturating_add(1))
    }
}

pub(crate) type IncomingRequest = http::Request<UnsyncBoxBody<Bytes, HttpError>>;

/// An answer that is filled while its instance runs, and read when the instance is gone.
pub(crate) type SharedAnswer = Arc<Mutex<Answer>>;

pub(crate) fn with<R>(answer: &SharedAnswer, change: impl FnOnce(&mut Answer) -> R) -> R {
    change(&mut answer.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Takes the answer out once nobody fills it any more.
pub(crate) fn taken(answer: &SharedAnswer) -> Answer {
    with(answer, std::mem::take)
}

/// Serves a request with a fresh instance of a WASI 0.2 component.
pub(crate) async fn serve_02(
    session: &Session,
    component: &CompiledComponent,
    linkage: &ProxyPre<InstanceState>,
    job: Job,
) -> Answer {
    let answer = SharedAnswer::default();
    let chain = Arc::clone(&job.chain);
    let state = match InstanceState::new(session, component, job.lane(), Arc::clone(&chain)) {
        Ok(state) => state,
        Err(error) => return not_started(&error),
    };
    let (instance, stop) = (state.caller.instance, Arc::clone(&state.stop));
    let serving = {
        let stop = Arc::clone(&stop);
        let answer = Arc::clone(&answer);
        async move {
            let (mut store, proxy) = instantiate(component, linkage, state).await?;
            let (sender, receiver) = tokio::sync::oneshot::channel();
            let mut http = store.data_mut().http();
            let request = http.new_incoming_request(Scheme::Http, job.request)?;
            let out = http.new_response_outparam(sender)?;
            let call = async {
                let mut store = store;
                let handler = proxy.wasi_http_incoming_handler();
                let called = handler.call_handle(&mut *store, request, out).await;
                // The store goes after this, and with it the guest's end of the body: to the reader that looks
                // like the body's own end.
                with(&answer, |answer| answer.broken = called.is_err());
                called
            };
            let collect = async {
                match receiver.await {
                    Ok(Ok(response)) => {
                        let (parts, body) = response.into_parts();
                        with(&answer, |answer| {
                            answer.head = Some((parts.status, parts.headers))
                        });
                        collect(session, &stop, &answer, body).await;
                    }
                    Ok(Err(code)) => with(&answer, |answer| {
                        answer.problem =
                            Some(format!("the guest answered with the error {code:?}"));
                    }),
                    Err(_) => with(&answer, |answer| {
                        answer.problem = Some(
                            "guest failed to produce a response prior to returning".to_owned(),
                        );
                    }),
                }
            };
            let (called, ()) = futures::join!(call, collect);
            called
        }
    };
    let ended = within_bounds(session, &stop, &chain, serving).await;
    if let Err(error) = ended {
        note_trap(session, component, instance, &error, &answer);
    }
    taken(&answer)
}

/// Serves a request with a fresh instance of a WASI 0.3 component.
pub(crate) async fn serve_03(
    session: &Session,
    component: &CompiledComponent,
    service: &ServicePre<InstanceState>,
    job: Job,
) -> Answer {
    let answer = SharedAnswer::default();
    let chain = Arc::clone(&job.chain);
    let state = match InstanceState::new(session, component, job.lane(), Arc::clone(&chain)) {
        Ok(state) => state,
        Err(error) => return not_started(&error),
    };
    let (instance, stop) = (state.caller.instance, Arc::clone(&state.stop));
    let serving = async {
        let (mut store, service) = instantiate(component, service, state).await?;
        let ran = store
            .run_concurrent(async |accessor| {
                handle_03(session, accessor, &service, &stop, job, &answer).await?;
                poll_fn(|cx| accessor.poll_no_interesting_tasks(cx)).await;
                Ok(())
            })
            .await;
        ran?
    };
    let ended = within_bounds(session, &stop, &chain, serving).await;
    if let Err(error) = ended {
        note_trap(session, component, instance, &error, &answer);
    }
    taken(&answer)
}

/// One request to a WASI 0.3 instance that may be serving others too.
pub(crate) async fn handle_03(
    session: &Session,
    accessor: &Accessor<InstanceState>,
    service: &Service,
    stop: &Stop,
    job: Job,
    answer: &SharedAnswer,
) -> wasmtime::Result<()> {
    let lane = job.lane();
    let mut hooks = accessor.with(|mut store| store.data_mut().outgoing_requests());
    let (request, sent) = wasmtime_wasi_http::p3::Request::from_http(&mut hooks, job.request);
    // What `Service::handle` does, but for the task, by which the request's calls are known.
    let handle = service.wasi_http_handler().func_handle();
    let call = accessor.with(|mut store| {
        let request = store.data_mut().http().table.push(request)?;
        let call = handle.start_call_concurrent(&mut store, (request,))?;
        let state = store.data_mut();
        if state.shared {
            state.tasks.push((call.task(), lane));
        }
        wasmtime::error::Ok(call)
    })?;
    match handle.finish_call_concurrent(accessor, call).await?.0 {
        Ok(response) => {
            let response = accessor.with(|mut store| {
                let response = store.data_mut().http().table.delete(response)?;
                response.into_http(store, sent)
            })?;
            let (parts, body) = response.into_parts();
            with(answer, |answer| {
                answer.head = Some((parts.status, parts.headers))
            });
            collect(session, stop, answer, body).await;
        }
        Err(code) => with(answer, |answer| {
            answer.problem = Some(format!("the guest answered with the error {code:?}"));
        }),
    }
    Ok(())
}

/// Reads a body to its end, or to the bound on responses.
async fn collect<B>(session: &Session, stop: &Stop, answer: &SharedAnswer, body: B)
where
    B: http_body::Body<Data = Bytes>,
    B::Error: Display + std::fmt::Debug,
{
    let bound = session.options().bounds.response;
    let mut body = pin!(body);
    loop {
        match body.frame().await {
            None => break with(answer, |answer| answer.complete = !answer.broken),
            Some(Err(error)) => {
                break with(answer, |answer| {
                    answer.problem = Some(format!("the body ended early: {error:?}"));
                });
            }
            Some(Ok(frame)) => match frame.into_data() {
                Ok(data) => {
                    let within = with(answer, |answer| {
                        let room = bound.saturating_sub(answer.body.len() as u64);
                        let taken = usize::try_from(room).unwrap_or(usize::MAX).min(data.len());
                        answer.body.extend_from_slice(&data[..taken]);
                        taken == data.len()
                    });
                    if !within {
                        stop.exceed(Bound::Response);
                        break;
                    }
                }
                Err(frame) => {
                    if let Ok(trailers) = frame.into_trailers() {
                        with(answer, |answer| answer.trailers.extend(trailers));
                    }
                }
            },
        }
    }
    with(answer, |answer| {
        answer.ended = Some(session.clock().elapsed())
    });
}

pub(crate) fn not_started(error: &wasmtime::Error) -> Answer {
    Answer {
        problem: Some(format!("the instance could not be made: {error:#}")),
        ended: Some(Duration::ZERO),
        ..Answer::default()
    }
}
