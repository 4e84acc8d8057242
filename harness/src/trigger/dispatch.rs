//! From a request to the component that answers it: well-known paths, routes, and several requests at once.

use super::cgi::{ProgramCall, Told};
use super::client::{
    Answer, as_sent, failed, from_guest, from_host, from_static, stand_in, unanswered,
};
use super::drive::{Job, serve_02, serve_03};
use super::exchange::{Request, Response};
use super::inbound_http::serve_1;
use super::reuse::serve_reusing;
use super::wagi::serve_program;
use crate::app::{RouteHandler, RouteMatch, spin_headers, well_known};
use crate::engine::{CompiledComponent, Handler};
use crate::sandbox::{Chain, Session};
use futures::future::{BoxFuture, join_all};
use http::header::HOST;
use http::uri::{Authority, Scheme};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri};
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
    pub(super) async fn serve_one(&self, component: &CompiledComponent, job: Job) -> Response {
        let sent = self.clock().elapsed();
        let method = job.method.clone();
        let answer = self.answer_of(component, job).await;
        from_guest(
            answer,
            &method,
            component.id(),
            sent,
            self.clock().elapsed(),
        )
    }

    /// What a component answers to one request, as it gave it.
    pub(super) async fn answer_of(&self, component: &CompiledComponent, job: Job) -> Answer {
        match component.handler() {
            Handler::Wasi02(proxy) => serve_02(self, component, proxy, job).await,
            Handler::Wasi03(service) if !self.options().reuse_instances => {
                serve_03(self, component, service, job).await
            }
            Handler::Candidate03(service) => serve_03(self, component, service, job).await,
            Handler::Wasi03(service) => {
                let answers = serve_reusing(self, component, service, vec![job]).await;
                // It gives as many answers as it was given jobs.
                answers.into_iter().next().unwrap_or_default()
            }
            Handler::Spin1(spin1) => serve_1(self, component, spin1, job).await,
            Handler::Command(command) => serve_program(self, component, command, job).await,
            // Refused when the app was loaded.
            Handler::None => Answer::default(),
        }
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
                        .find(|(other, _)| shares && std::ptr::eq(*other, component));
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
        let request = match as_sent(request, &self.options().authority) {
            Ok(request) => request,
            Err(response) => return Routed::Answered(response),
        };
        let client = &self.options().client_address;
        match self.routed(request, index, client, Arc::default()) {
            Routed::Answered(response) if response.closed => Routed::answered(stand_in(*response)),
            routed => routed,
        }
    }

    /// Who answers a request that has arrived at the server, from a client or from the app itself.
    pub(super) fn routed(
        &self,
        mut request: Request,
        index: usize,
        client: &str,
        chain: Arc<Chain>,
    ) -> Routed<'_> {
        let method = request.method.clone();
        if let Some(known) = well_known(self.app().manifest(), request.uri.path()) {
            let status = StatusCode::from_u16(known.status).unwrap_or(StatusCode::NOT_FOUND);
            let response = from_host(&method, status, known.content_type, known.body);
            return Routed::answered(response);
        }
        let Some(route) = self.app().router().route(request.uri.path()) else {
            return Routed::answered(from_host(&method, StatusCode::NOT_FOUND, None, ""));
        };
        let authority = match authority(&mut request.headers) {
            Ok(authority) => authority,
            Err(why) => return Routed::answered(unanswered(&method, &why)),
        };
        match &route.handler {
            RouteHandler::Component(id) => {
                let host = authority.to_string();
                let arriving = Arriving {
                    request,
                    host: &host,
                    authority,
                    client,
                    index,
                    chain,
                };
                self.job(id, &route, arriving)
            }
            RouteHandler::StaticResponse => {
                let manifest = self.app().manifest();
                let mut triggers = manifest.http_triggers();
                let answer = triggers
                    .find(|(trigger, _)| trigger.id == route.trigger)
                    .and_then(|(_, http)| http.static_response.as_ref());
                Routed::answered(from_static(&method, answer))
            }
        }
    }

    /// A request as its component is to have it.
    pub(super) fn job(
        &self,
        component: &str,
        route: &RouteMatch,
        arriving: Arriving<'_>,
    ) -> Routed<'_> {
        let Arriving {
            request,
            authority,
            host,
            client,
            index,
            chain,
        } = arriving;
        let Request {
            method,
            uri,
            mut headers,
            body,
        } = request;
        let Some(compiled) = self.app().run_by(&route.trigger) else {
            // Every component that a trigger names is compiled when the app is loaded.
            let why = format!("there is no component \"{component}\"");
            return Routed::answered(failed(&method, why));
        };
        let component = compiled;
        let path_and_query = uri.path_and_query().map_or("/", |path| path.as_str());
        let full_url = format!("http://{host}{path_and_query}");
        let mut parts = uri.into_parts();
        parts.scheme = Some(Scheme::HTTP);
        parts.authority = Some(authority);
        let uri = match Uri::from_parts(parts) {
            Ok(uri) => uri,
            Err(error) => return Routed::answered(unanswered(&method, &error.to_string())),
        };
        let program = component.program_arguments().map(|argv| {
            let told = Told {
                route,
                method: &method,
                uri: &uri,
                headers: &headers,
                length: body.len(),
                full_url: &full_url,
                client,
            };
            ProgramCall::new(argv, &told)
        });
        if program.is_none() {
            if let Some(name) = not_text(&headers) {
                let why = format!(
                    "the value of the header `{name}` is not UTF-8, and Spin takes no other"
                );
                return Routed::answered(failed(&method, why));
            }
            for (name, value) in spin_headers(route, &full_url, client) {
                // As in Spin, what cannot stand in a header is left out.
                if let (Ok(name), Ok(value)) = (header_name(&name), HeaderValue::try_from(value)) {
                    let _ = headers.try_append(name, value);
                }
            }
        }
        let body = Full::new(body)
            .map_err(|never| match never {})
            .boxed_unsync();
        let mut sent = http::Request::new(body);
        *sent.method_mut() = method.clone();
        *sent.uri_mut() = uri;
        *sent.headers_mut() = headers;
        Routed::Job(
            component,
            Job {
                index,
                method,
                request: sent,
                chain,
                program,
            },
        )
    }
}

/// A request at the server, and what is known of whom it came from.
pub(super) struct Arriving<'a> {
    pub request: Request,
    /// Whom the client asks.
    pub authority: Authority,
    /// The same as the component is told it.
    pub host: &'a str,
    /// The address that it came from.
    pub client: &'a str,
    pub index: usize,
    pub chain: Arc<Chain>,
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

/// Whom the client asks, by its `host` (`set_req_uri` in `crates/trigger-http/src/server.rs`). A host for calls between
/// components is not for clients: it is taken out before (`strip_forbidden_headers`).
fn authority(headers: &mut HeaderMap) -> Result<Authority, String> {
    let host = headers.get(HOST).map(|host| host.to_str());
    if let Some(Ok(host)) = host
        && is_for_components(host)
    {
        let why = format!(
            "no `host` header in the request: Spin removes `{host}`, which only components can call"
        );
        headers.remove(HOST);
        return Err(why);
    }
    match host {
        None => Err("no `host` header in the request".to_owned()),
        Some(Err(_)) => Err("the `host` header is not text".to_owned()),
        Some(Ok(host)) => host
            .parse()
            .map_err(|_| format!("the `host` header has an invalid authority, `{host}`")),
    }
}

/// Whether a host is `NAME.spin.internal`, with a port or without.
fn is_for_components(host: &str) -> bool {
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    host.split_once('.')
        .is_some_and(|(_, domain)| domain == "spin.internal")
}

/// The first header whose value is not text: Spin takes them all as strings (`prepare_request_headers`).
fn not_text(headers: &HeaderMap) -> Option<&HeaderName> {
    let mut headers = headers.iter();
    let bad = headers.find(|(_, value)| std::str::from_utf8(value.as_bytes()).is_err());
    bad.map(|(name, _)| name)
}

#[expect(
    clippy::large_enum_variant,
    reason = "nearly every request is a job, and is moved once"
)]
pub(super) enum Routed<'a> {
    Answered(Box<Response>),
    Job(&'a CompiledComponent, Job),
}

impl Routed<'_> {
    fn answered(response: Response) -> Self {
        Self::Answered(Box::new(response))
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
            Handler::Wasi03(service) if reuse => {
                serve_reusing(session, component, service, jobs).await
            }
            _ => {
                join_all(
                    jobs.into_iter()
                        .map(|job| session.answer_of(component, job)),
                )
                .await
            }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(host: Option<&[u8]>) -> Result<String, String> {
        let mut headers = HeaderMap::new();
        if let Some(host) = host {
            headers.insert(HOST, HeaderValue::from_bytes(host).unwrap());
        }
        authority(&mut headers).map(|authority| authority.to_string())
    }

    #[test]
    fn a_host_must_be_an_authority() {
        for good in ["localhost:3000", "example.com", "[::1]:80", "spin.internal"] {
            assert_eq!(asked(Some(good.as_bytes())).as_deref(), Ok(good));
        }
        for bad in ["", "bad host", "a/b", "a:1:2"] {
            let why = asked(Some(bad.as_bytes())).unwrap_err();
            assert!(why.contains(&format!("`{bad}`")), "{why}");
        }
        assert!(asked(None).unwrap_err().contains("no `host`"));
        assert!(
            asked(Some(b"\xc3\xbc.example"))
                .unwrap_err()
                .contains("not text")
        );
    }

    #[test]
    fn clients_cannot_ask_for_hosts_of_components() {
        for host in ["foo.spin.internal", "foo.spin.internal:80"] {
            let why = asked(Some(host.as_bytes())).unwrap_err();
            assert!(why.contains("no `host`") && why.contains(host), "{why}");
        }
        for host in [
            "foo.spin.internal.com",
            "a.foo.spin.internal",
            "foo.Spin.internal",
        ] {
            assert!(asked(Some(host.as_bytes())).is_ok(), "{host}");
        }
    }

    #[test]
    fn header_values_must_be_text() {
        let mut headers = HeaderMap::new();
        headers.append("x-a", HeaderValue::from_bytes("ü".as_bytes()).unwrap());
        assert_eq!(not_text(&headers), None);
        headers.append("x-b", HeaderValue::from_bytes(b"\xff").unwrap());
        assert_eq!(not_text(&headers).map(HeaderName::as_str), Some("x-b"));
    }
}
