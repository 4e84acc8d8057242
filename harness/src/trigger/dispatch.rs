//! From a request to the component that answers it: well-known paths, routes, and several requests at once.

use super::client::{as_sent, from_guest, from_host};
use super::drive::{Job, serve_02, serve_03};
use super::exchange::{Request, Response};
use super::reuse::serve_reusing;
use crate::app::{RouteHandler, StaticResponse, spin_headers, well_known};
use crate::engine::{CompiledComponent, Handler};
use crate::sandbox::Session;
use futures::future::{BoxFuture, join_all};
use http::header::HOST;
use http::{HeaderName, HeaderValue, StatusCode};
use http_body_util::{BodyExt as _, Full};
use std::sync::Arc;

impl Session {
    /// Sends one request and waits until its instance has no work left.
    ///
    /// Must be awaited inside the scenario's own runtime; [`Sandbox`](crate::Sandbox) does that for you.
    pub async fn send(&self, request: Request) -> Response {
        match self.route(request, 0) {
            Routed::Answered(response) => *response,
            Routed::Job(component, job) => self.serve_one(component, job).await,
        }
    }

    /// The way of nearly every request: alone, and without the machinery for several.
    async fn serve_one(&self, component: &CompiledComponent, job: Job) -> Response {
        let sent = self.clock().elapsed();
        let method = job.method.clone();
        let answer = match component.handler() {
            Handler::Wasi02(proxy) => serve_02(self, component, proxy, job.request).await,
            Handler::Wasi03(service) if !self.options().reuse_instances => {
                serve_03(self, component, service, job.request).await
            }
            _ => {
                let responses = serve(self, component, vec![job], true).await;
                return sole(responses);
            }
        };
        from_guest(
            answer,
            &method,
            component.id(),
            sent,
            self.clock().elapsed(),
        )
    }

    /// Sends requests at once; the seed decides in which order their storage calls happen.
    pub async fn send_at_once(&self, requests: Vec<Request>) -> Vec<Response> {
        let mut responses: Vec<Option<Response>> = Vec::new();
        let mut by_component: Vec<(&CompiledComponent, Vec<Job>)> = Vec::new();
        for (index, request) in requests.into_iter().enumerate() {
            match self.route(request, index) {
                Routed::Answered(response) => responses.push(Some(*response)),
                Routed::Job(component, job) => {
                    responses.push(None);
                    let shares = self.options().reuse_instances
                        && matches!(component.handler(), Handler::Wasi03(_));
                    let group = by_component
                        .iter_mut()
                        .find(|(other, _)| shares && other.id() == component.id());
                    match group {
                        Some((_, jobs)) => jobs.push(job),
                        None => by_component.push((component, vec![job])),
                    }
                }
            }
        }
        let reuse = self.options().reuse_instances;
        let groups = by_component
            .into_iter()
            .map(|(component, jobs)| serve(self, component, jobs, reuse));
        let served = self.schedule().interleave(join_all(groups)).await;
        for (index, response) in served.into_iter().flatten() {
            responses[index] = Some(response);
        }
        responses.into_iter().flatten().collect()
    }

    fn route(&self, request: Request, index: usize) -> Routed<'_> {
        let request = as_sent(request, &self.options().authority);
        let path = request.uri.path();
        if let Some(known) = well_known(self.app().manifest(), path) {
            let status = StatusCode::from_u16(known.status).unwrap_or(StatusCode::NOT_FOUND);
            return Routed::answered(from_host(status, known.content_type, known.body));
        }
        let Some(route) = self.app().router().route(path) else {
            return Routed::answered(from_host(StatusCode::NOT_FOUND, None, ""));
        };
        let id = match &route.handler {
            RouteHandler::Component(id) => id,
            RouteHandler::StaticResponse => {
                let manifest = self.app().manifest();
                let mut triggers = manifest.http_triggers();
                let answer = triggers
                    .find(|(trigger, _)| trigger.id == route.trigger)
                    .and_then(|(_, http)| http.static_response.as_ref());
                return Routed::answered(from_static(answer));
            }
        };
        let Some(component) = self.app().component(id) else {
            // Every component is compiled when the app is loaded, but for those that are only called as CGI programs.
            let mut response = from_host(StatusCode::INTERNAL_SERVER_ERROR, None, "");
            response.problem = Some(format!(
                "spin-harness does not run the executor `wagi` of component \"{id}\" yet"
            ));
            return Routed::answered(response);
        };
        let host = request
            .headers
            .get(HOST)
            .and_then(|host| host.to_str().ok());
        let host = host.unwrap_or("localhost").to_owned();
        let path_and_query = request
            .uri
            .path_and_query()
            .map_or("/", |path| path.as_str());
        let full_url = format!("http://{host}{path_and_query}");
        let mut headers = request.headers;
        headers.reserve(SPIN_HEADERS.len());
        for (name, value) in spin_headers(&route, &full_url, &self.options().client_address) {
            // As in Spin, what cannot stand in a header is left out.
            if let (Ok(name), Ok(value)) = (
                header_name(&name),
                HeaderValue::from_bytes(value.as_bytes()),
            ) {
                headers.append(name, value);
            }
        }
        let body = Full::new(request.body)
            .map_err(|never| match never {})
            .boxed_unsync();
        let mut sent = http::Request::new(body);
        *sent.method_mut() = request.method.clone();
        *sent.uri_mut() = full_url.parse().unwrap_or(request.uri);
        *sent.headers_mut() = headers;
        Routed::Job(
            component,
            Job {
                index,
                method: request.method,
                request: sent,
            },
        )
    }
}

/// The names that every request has; known ahead, they need not be checked each time.
static SPIN_HEADERS: [HeaderName; 7] = [
    HeaderName::from_static("spin-path-info"),
    HeaderName::from_static("spin-full-url"),
    HeaderName::from_static("spin-matched-route"),
    HeaderName::from_static("spin-base-path"),
    HeaderName::from_static("spin-raw-component-route"),
    HeaderName::from_static("spin-component-route"),
    HeaderName::from_static("spin-client-addr"),
];

fn header_name(name: &str) -> Result<HeaderName, http::header::InvalidHeaderName> {
    match SPIN_HEADERS.iter().find(|known| known.as_str() == name) {
        Some(known) => Ok(known.clone()),
        None => name.parse(),
    }
}

/// What a trigger answers without a component.
fn from_static(answer: Option<&StaticResponse>) -> Response {
    let answer = answer.cloned().unwrap_or_default();
    let status = answer
        .status_code
        .and_then(|code| StatusCode::from_u16(code).ok());
    let body = answer.body.unwrap_or_default();
    let mut response = from_host(status.unwrap_or(StatusCode::OK), None, body);
    let length = std::mem::take(&mut response.headers);
    for (name, value) in &answer.headers {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
            response.headers.append(name, value);
        }
    }
    for (name, value) in &length {
        if !response.headers.contains_key(name) {
            response.headers.append(name, value.clone());
        }
    }
    response
}

enum Routed<'a> {
    Answered(Box<Response>),
    Job(&'a CompiledComponent, Job),
}

impl Routed<'_> {
    fn answered(response: Response) -> Self {
        Self::Answered(Box::new(response))
    }
}

fn sole(mut responses: Vec<(usize, Response)>) -> Response {
    match responses.pop() {
        Some((_, response)) => response,
        // `serve` gives as many responses as it was given jobs.
        None => from_host(StatusCode::INTERNAL_SERVER_ERROR, None, ""),
    }
}

/// Has one component serve its requests; each response with the index of its request.
fn serve<'a>(
    session: &'a Session,
    component: &'a CompiledComponent,
    jobs: Vec<Job>,
    reuse: bool,
) -> BoxFuture<'a, Vec<(usize, Response)>> {
    Box::pin(async move {
        let sent = session.clock().elapsed();
        let about: Vec<_> = jobs
            .iter()
            .map(|job| (job.index, job.method.clone()))
            .collect();
        let answers = match component.handler() {
            Handler::Wasi02(proxy) => {
                let answers = jobs
                    .into_iter()
                    .map(|job| serve_02(session, component, proxy, job.request));
                join_all(answers).await
            }
            Handler::Wasi03(service) if reuse => {
                serve_reusing(session, component, service, jobs).await
            }
            Handler::Wasi03(service) => {
                let answers = jobs
                    .into_iter()
                    .map(|job| serve_03(session, component, service, job.request));
                join_all(answers).await
            }
            // Refused when the app was loaded.
            Handler::None(_) => Vec::new(),
        };
        let id: Arc<str> = Arc::clone(component.id());
        about
            .into_iter()
            .zip(answers)
            .map(|((index, method), answer)| {
                let now = session.clock().elapsed();
                (index, from_guest(answer, &method, &id, sent, now))
            })
            .collect()
    })
}
