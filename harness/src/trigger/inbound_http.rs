//! Serves requests with components of Spin 1, which export `fermyon:spin/inbound-http`: a record in, a record out
//! (`crates/trigger-http/src/spin.rs`).

use super::bounded::{note_trap, within_bounds};
use super::client::Answer;
use super::drive::{Job, SharedAnswer, not_started, taken, with};
use super::instantiate::instantiate;
use crate::engine::{CompiledComponent, Spin1Pre};
use crate::host::InstanceState;
use crate::host::bindings::http_types_1::{Method, Request, Response};
use crate::sandbox::{Bound, Session};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use http_body_util::BodyExt as _;
use std::sync::Arc;

/// Serves a request with a fresh instance.
pub(super) async fn serve_1(
    session: &Session,
    component: &CompiledComponent,
    spin1: &Spin1Pre,
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
        let (mut store, handle_request) = instantiate(component, spin1, state).await?;
        let Some(request) = request(job).await else {
            with(&answer, |answer| {
                whole(
                    answer,
                    StatusCode::METHOD_NOT_ALLOWED,
                    HeaderMap::new(),
                    Vec::new(),
                );
            });
            return Ok(());
        };
        let called = handle_request.call_async(&mut store, (request,)).await;
        let (response,) = called?;
        if response.body.as_ref().map_or(0, Vec::len) as u64 > session.options().bounds.response {
            stop.exceed(Bound::Response);
        }
        with(&answer, |answer| {
            respond(answer, response);
            answer.ended = Some(session.clock().elapsed());
        });
        Ok(())
    };
    let ended = within_bounds(session, &stop, &chain, serving).await;
    if let Err(ended) = ended {
        // Nothing of an answer is sent before all of it is there.
        with(&answer, |answer| answer.head = None);
        note_trap(session, component, instance, &ended, &answer);
    }
    taken(&answer)
}

/// The request as the guest takes it; nothing where its interface has no such method.
async fn request(job: Job) -> Option<Request> {
    let (parts, body) = job.request.into_parts();
    let headers = parts.headers.iter().map(|(name, value)| {
        // They were looked at before: all are text.
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.to_string(), value)
    });
    let uri = parts.uri.path_and_query();
    Some(Request {
        method: method(&parts.method)?,
        uri: uri.map_or_else(|| parts.uri.to_string(), ToString::to_string),
        headers: headers.collect(),
        params: Vec::new(),
        // The body is in memory: reading it cannot fail.
        body: Some(body.collect().await.ok()?.to_bytes().to_vec()),
    })
}

fn method(method: &http::Method) -> Option<Method> {
    Some(match *method {
        http::Method::GET => Method::Get,
        http::Method::POST => Method::Post,
        http::Method::PUT => Method::Put,
        http::Method::DELETE => Method::Delete,
        http::Method::PATCH => Method::Patch,
        http::Method::HEAD => Method::Head,
        http::Method::OPTIONS => Method::Options,
        _ => return None,
    })
}

/// The guest's answer, or Spin's where it is none: an empty 500.
fn respond(answer: &mut Answer, response: Response) {
    let status = response.status;
    let valid = StatusCode::from_u16(status).ok();
    let Some(status) = valid.filter(|status| status.as_u16() <= 600) else {
        answer.problem = Some(format!(
            "the guest answered with the status {status}, which is none"
        ));
        return;
    };
    match headers(&response) {
        Ok(headers) => whole(answer, status, headers, response.body.unwrap_or_default()),
        Err(why) => answer.problem = Some(why),
    }
}

fn whole(answer: &mut Answer, status: StatusCode, headers: HeaderMap, body: Vec<u8>) {
    answer.head = Some((status, headers));
    answer.body = body;
    answer.complete = true;
    answer.in_one = true;
}

/// Of headers of one name the last counts (`append_headers` in `crates/trigger-http/src/headers.rs`).
fn headers(response: &Response) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    for (name, value) in response.headers.iter().flatten() {
        let bad = || format!("the guest answered with a header `{name}` that is none");
        let name: HeaderName = name.parse().map_err(|_| bad())?;
        let value: HeaderValue = value.parse().map_err(|_| bad())?;
        let inserted = headers.try_insert(name, value);
        inserted.map_err(|_| "the guest answered with too many headers".to_owned())?;
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16, headers: &[(&str, &str)]) -> Answer {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let mut answer = Answer::default();
        let response = Response {
            status,
            headers: Some(headers.iter().map(owned).collect()),
            body: Some(b"tea".to_vec()),
        };
        respond(&mut answer, response);
        answer
    }

    #[test]
    fn a_status_or_a_header_that_is_none_is_no_answer() {
        for status in [0, 99, 601, 1000] {
            let answer = answered(status, &[]);
            assert!(answer.head.is_none(), "{status}");
            assert!(answer.problem.unwrap().contains(&status.to_string()));
        }
        let answer = answered(200, &[("not a name", "1")]);
        assert!(answer.head.is_none());
        assert!(answer.problem.unwrap().contains("`not a name`"));
    }

    #[test]
    fn of_headers_of_one_name_the_last_counts() {
        let (status, headers) = answered(600, &[("x-a", "1"), ("X-A", "2")]).head.unwrap();
        assert_eq!(status, 600);
        assert_eq!(headers.get_all("x-a").iter().collect::<Vec<_>>(), ["2"]);
    }
}
