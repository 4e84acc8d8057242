//! Serves the requests that an app sends to itself, while the instance that sent them runs.

use super::client::{self, as_self_sent};
use super::dispatch::{Arriving, Routed};
use super::exchange::{Request, Response};
use crate::app::{RouteHandler, RouteMatch};
use crate::sandbox::{self, Chain, Chained, Destination, NotChained, Session};
use futures::future::BoxFuture;
use http::header::HOST;
use http::uri::{Authority, PathAndQuery, Uri};
use http::{HeaderMap, StatusCode};
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

/// Where Spin listens unless it is told otherwise: requests to the app's routes go there.
const LISTENS: &str = "127.0.0.1:3000";

/// The address that such requests come from: this machine, from a port that nobody chose.
const FROM_HERE: &str = "127.0.0.1:1";

/// The address of a client that is none (`CHAINED_CLIENT_ADDR` in `crates/trigger-http/src/outbound_http.rs`).
const FROM_NOWHERE: &str = "0.0.0.0:0";

/// The host of a request that has none (`prepare_request_headers` in `crates/trigger-http/src/headers.rs`).
const NO_HOST: &str = "localhost";

/// The route that a component called by its name seems to have (`RouteMatch::synthetic` in `crates/routes`).
const ANY_ROUTE: &str = "/...";

/// Runs the work of an instance, and meanwhile serves what it asks of its own app, to the end of both: under Spin too, a
/// component that was called goes on when its caller is done.
pub(super) async fn with_chained<T>(
    session: &Session,
    chain: &Arc<Chain>,
    work: impl Future<Output = T>,
) -> T {
    let mut work = pin!(work);
    let mut done = None;
    let mut serving: Vec<BoxFuture<'_, ()>> = Vec::new();
    poll_fn(move |cx| {
        if done.is_none()
            && let Poll::Ready(result) = work.as_mut().poll(cx)
        {
            done = Some(result);
        }
        while let Some(asked) = chain.pop(cx) {
            serving.push(serve(session, chain.next(), asked));
        }
        serving.retain_mut(|serving| serving.as_mut().poll(cx).is_pending());
        match done.take() {
            Some(result) if serving.is_empty() => Poll::Ready(result),
            result => {
                done = result;
                Poll::Pending
            }
        }
    })
    .await
}

/// Serves one request and hands the answer over. Boxed, since what serves it may send others.
fn serve(session: &Session, chain: Arc<Chain>, asked: Chained) -> BoxFuture<'_, ()> {
    Box::pin(async move {
        let answer = match &asked.destination {
            Destination::Component(id) => by_component(session, chain, id, &asked).await,
            Destination::Routes => by_routes(session, chain, &asked).await,
        };
        // Where the guest gave the request up, nobody waits for the answer.
        let _ = asked.reply.send(answer);
    })
}

/// What a component answers that is called by its name: nothing lies between the two (`OutboundHttpInterceptor::intercept`).
async fn by_component(
    session: &Session,
    chain: Arc<Chain>,
    id: &str,
    asked: &Chained,
) -> Result<sandbox::Answer, NotChained> {
    let no_such = || NotChained::NoSuchComponent(id.to_owned());
    let trigger = session.app().trigger_of(id).ok_or_else(no_such)?;
    let uri = uri_of(&asked.path)?;
    let route = RouteMatch {
        handler: RouteHandler::Component(id.to_owned()),
        trigger: trigger.to_owned(),
        based_route: ANY_ROUTE.to_owned(),
        raw_route: ANY_ROUTE.to_owned(),
        path_info: uri.path().to_owned(),
        wildcards: Vec::new(),
    };
    let authority = format!("{id}.spin.internal");
    let authority: Authority = authority.parse().map_err(|_| no_such())?;
    // Only a guest of Spin 1 can name a host besides that of the URL (`set_req_uri` in `crates/trigger-http/src/server.rs`).
    let host = match asked.headers.get(HOST) {
        None => NO_HOST,
        Some(host) if host == authority.as_str() => authority.as_str(),
        Some(_) => {
            let why = "authority in 'Host' header does not match authority in URI";
            return Err(NotChained::Closed(why.to_owned()));
        }
    };
    let arriving = Arriving {
        request: Request {
            method: asked.method.clone(),
            uri,
            headers: asked.headers.clone(),
            body: asked.body.clone(),
        },
        authority: authority.clone(),
        host,
        client: FROM_NOWHERE,
        index: index(asked),
        chain,
    };
    match session.job(id, &route, arriving) {
        Routed::Answered(response) => Ok(plain(*response)),
        Routed::Job(component, job) => {
            let answer = session.answer_of(component, job).await;
            Ok(unchanged(answer))
        }
    }
}

/// What the app's routes lead to, as for a client on the same machine.
async fn by_routes(
    session: &Session,
    chain: Arc<Chain>,
    asked: &Chained,
) -> Result<sandbox::Answer, NotChained> {
    let request = Request {
        method: asked.method.clone(),
        uri: uri_of(&asked.path)?,
        headers: asked.headers.clone(),
        body: asked.body.clone(),
    };
    let request = as_self_sent(request, LISTENS);
    let response = match session.routed(request, index(asked), FROM_HERE, chain) {
        Routed::Answered(response) => *response,
        Routed::Job(component, job) => session.serve_one(component, job).await,
    };
    match response.problem {
        // Only a component's trap has an answer of its own: it is told where it happened.
        Some(why) if response.closed => Err(NotChained::Closed(why)),
        _ => Ok(plain(response)),
    }
}

fn index(asked: &Chained) -> usize {
    usize::try_from(asked.lane).map_or(0, |lane| lane.saturating_sub(1))
}

fn uri_of(path: &str) -> Result<Uri, NotChained> {
    let path: Result<PathAndQuery, _> = path.parse();
    path.map(Uri::from)
        .map_err(|error| NotChained::Closed(error.to_string()))
}

/// A response as its client sees it.
fn plain(response: Response) -> sandbox::Answer {
    sandbox::Answer {
        status: response.status.as_u16(),
        headers: response.headers,
        cut_after: response.cut.then_some(response.body.len()),
        body: response.body,
        ..sandbox::Answer::default()
    }
}

/// A guest's answer as it gave it; without a head it is Spin's 500, empty.
fn unchanged(answer: client::Answer) -> sandbox::Answer {
    let failed = (StatusCode::INTERNAL_SERVER_ERROR, HeaderMap::new());
    let whole = answer.complete || answer.head.is_none();
    let (status, headers) = answer.head.unwrap_or(failed);
    sandbox::Answer {
        status: status.as_u16(),
        headers,
        cut_after: (!whole).then_some(answer.body.len()),
        body: answer.body.into(),
        ..sandbox::Answer::default()
    }
}
