//! `wasi:http` outgoing, of 0.2 and 0.3: both hand a request to the same hooks, which ask the sandbox.

use crate::sandbox::{Answered, CallTrap, Caller, HttpFailure, Sending, Session};
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use http::header::HOST;
use http_body::Frame;
use http_body_util::{BodyExt, Full, StreamBody};
use std::time::Duration;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

/// Bytes of a request's body that are kept.
const LARGEST_BODY: usize = 64 << 20;

/// Answers what one instance sends.
pub(crate) struct OutgoingRequests {
    pub session: Session,
    pub caller: Caller,
}

type Processing = Box<dyn Future<Output = Result<(), Error>> + Send>;
type Answer = Result<(http::Response<WasiBody>, Processing), Error>;

impl WasiHttpHooks for OutgoingRequests {
    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Processing,
    ) -> Box<dyn Future<Output = Answer> + Send> {
        let (session, caller) = (self.session.clone(), self.caller.clone());
        Box::new(async move {
            let (mut head, body) = request.into_parts();
            // Spin takes it out; whoever answers knows the URL.
            head.headers.remove(HOST);
            let body = collected(body).await?;
            let sending = Sending {
                interface: "wasi:http",
                url: url_of(&head.uri),
                method: head.method,
                headers: head.headers,
                body,
                first_byte_timeout: options.as_ref().and_then(|it| it.first_byte_timeout),
            };
            match session.send_outgoing(&caller, sending).await {
                Ok(Ok(answered)) => {
                    let patience = options.and_then(|it| it.between_bytes_timeout);
                    Ok((response(answered, patience), done()))
                }
                Ok(Err(failure)) => Err(error(&failure)),
                Err(CallTrap(why)) => {
                    // What sends it can only answer with an error: whoever drives the instance ends it.
                    caller.stop.trap(why);
                    std::future::pending().await
                }
            }
        })
    }
}

fn done() -> Processing {
    Box::new(async { Ok(()) })
}

/// A URL without an authority is a path of the app itself, as in Spin.
fn url_of(uri: &http::Uri) -> String {
    match uri.host() {
        None | Some("") => uri
            .path_and_query()
            .map_or("/", |it| it.as_str())
            .to_owned(),
        Some(_) => uri.to_string(),
    }
}

async fn collected(mut body: WasiBody) -> Result<Bytes, Error> {
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else {
            continue;
        };
        if bytes.len() + data.len() > LARGEST_BODY {
            return Err(Error::HttpRequestBodySize(Some(LARGEST_BODY as u64)));
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes.into())
}

/// In how many parts a slow body comes.
const PARTS: u32 = 10;

/// The response to a guest that waits so long, and no longer, for the next part of the body.
fn response(answered: Answered, patience: Option<Duration>) -> http::Response<WasiBody> {
    let Answered {
        status,
        headers,
        body,
        cut_after,
        body_takes,
    } = answered;
    let body = match (cut_after, body_takes) {
        (None, None) => Full::new(body)
            .map_err(|never| match never {})
            .boxed_unsync(),
        (cut_after, body_takes) => {
            let arrives = cut_after.map_or(body.len(), |length| length.min(body.len()));
            let mut frames = parts(&body.slice(..arrives), body_takes, patience);
            if cut_after.is_some() {
                frames.push((Duration::ZERO, Err(Error::ConnectionTerminated)));
            }
            let arriving = stream::iter(frames).then(|(after, frame)| async move {
                if !after.is_zero() {
                    tokio::time::sleep(after).await;
                }
                frame
            });
            BodyExt::boxed_unsync(StreamBody::new(arriving))
        }
    };
    let mut response = http::Response::new(body);
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or_default();
    *response.headers_mut() = headers;
    response
}

type Part = (Duration, Result<Frame<Bytes>, Error>);

/// A body in parts, each with how long it takes after the one before; it ends where the guest waits no longer.
fn parts(body: &Bytes, takes: Option<Duration>, patience: Option<Duration>) -> Vec<Part> {
    let Some(takes) = takes else {
        return vec![(Duration::ZERO, Ok(Frame::data(body.clone())))];
    };
    let each = takes / PARTS;
    if let Some(patience) = patience.filter(|patience| *patience < each) {
        return vec![(patience, Err(Error::ConnectionReadTimeout))];
    }
    let length = body.len().div_ceil(PARTS as usize).max(1);
    (0..PARTS as usize)
        .map(|part| {
            let at = |part: usize| (part * length).min(body.len());
            (each, Ok(Frame::data(body.slice(at(part)..at(part + 1)))))
        })
        .collect()
}

fn error(failure: &HttpFailure) -> Error {
    match failure {
        HttpFailure::Denied => Error::HttpRequestDenied,
        HttpFailure::DnsError => Error::DnsError {
            rcode: Some("address not available".to_owned()),
            info_code: Some(0),
        },
        HttpFailure::Refused => Error::ConnectionRefused,
        HttpFailure::Terminated => Error::ConnectionTerminated,
        HttpFailure::ConnectTimeout => Error::ConnectionTimeout,
        HttpFailure::ReadTimeout => Error::ConnectionReadTimeout,
        HttpFailure::Certificate => Error::TlsCertificateError,
        HttpFailure::Protocol => Error::HttpProtocolError,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_body_comes_whole_and_takes_its_time() {
        for length in [0, 3, 10, 25] {
            let body = Bytes::from(vec![7; length]);
            let second = Duration::from_secs(1);
            let arrived = parts(&body, Some(second), Some(second));
            assert_eq!(
                arrived.iter().map(|(after, _)| *after).sum::<Duration>(),
                second
            );
            let frames = arrived.into_iter().map(|(_, frame)| frame.unwrap());
            let bytes: Vec<u8> = frames
                .flat_map(|frame| frame.into_data().unwrap())
                .collect();
            assert_eq!(bytes, body);
        }
        let impatient = Some(Duration::from_millis(99));
        let arrived = parts(
            &Bytes::from("body"),
            Some(Duration::from_secs(1)),
            impatient,
        );
        assert!(matches!(
            arrived[..],
            [(_, Err(Error::ConnectionReadTimeout))]
        ));
    }

    #[test]
    fn a_url_without_a_host_is_a_path_of_the_app() {
        for (uri, url) in [
            ("https://a.example:1/x?y", "https://a.example:1/x?y"),
            ("https://a.example", "https://a.example/"),
            ("/x?y", "/x?y"),
        ] {
            assert_eq!(url_of(&uri.parse().unwrap()), url);
        }
    }
}
