//! `wasi:http` outgoing, of 0.2 and 0.3: both hand a request to the same hooks, which ask the sandbox.

use crate::sandbox::{Answered, CallTrap, Caller, HttpFailure, Sending, Session};
use bytes::Bytes;
use http::header::HOST;
use http_body::Frame;
use http_body_util::{BodyExt, Full, StreamBody};
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
                first_byte_timeout: options.and_then(|options| options.first_byte_timeout),
            };
            match session.send_outgoing(&caller, sending).await {
                Ok(Ok(answered)) => Ok((response(answered), done())),
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

fn response(answered: Answered) -> http::Response<WasiBody> {
    let Answered {
        status,
        headers,
        body,
        cut_after,
    } = answered;
    let body = match cut_after {
        None => Full::new(body)
            .map_err(|never| match never {})
            .boxed_unsync(),
        Some(length) => {
            let arrived = body.slice(..length.min(body.len()));
            let frames = [Ok(Frame::data(arrived)), Err(Error::ConnectionTerminated)];
            BodyExt::boxed_unsync(StreamBody::new(futures::stream::iter(frames)))
        }
    };
    let mut response = http::Response::new(body);
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or_default();
    *response.headers_mut() = headers;
    response
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
