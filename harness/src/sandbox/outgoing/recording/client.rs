//! Asks a real server on this machine: HTTP/1.1, one connection a request, bounded in time and size.

use super::source::RecordSource;
use super::write::LARGEST_RECORDING;
use crate::value::causes;
use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, Method, Request, Response, Uri};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::client::conn::http1;
use std::io;
use std::time::Duration;
use tokio::net::TcpStream;
use wasmtime_wasi_http::io::TokioIo;

/// How long a server may take for a whole answer. Real time: a scenario's own stands still meanwhile.
const PATIENCE: Duration = Duration::from_secs(10);

/// The largest body of an answer, in bytes: a recording is a file that people read.
const LARGEST_ANSWER: usize = 8 << 20;

/// Why a real server gave no answer that could be recorded.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServerFailure {
    /// Nobody listens there, or the connection broke.
    #[error("{0}; is the server running?")]
    Unreachable(#[source] io::Error),
    /// It took too long.
    #[error("it has not answered for {} s", PATIENCE.as_secs())]
    TooSlow,
    /// The answer is larger than one that is recorded may be.
    #[error(
        "its answer is larger than {} MiB: a recording is a file that people read; answer this request by a step",
        LARGEST_ANSWER >> 20
    )]
    TooLarge,
    /// All answers of the scenario are larger than a recording may be.
    #[error(
        "with its answer the scenario has recorded more than {} MiB: a recording is a file that people read; answer some of \
         its requests by steps",
        LARGEST_RECORDING >> 20
    )]
    TooMuch,
    /// It switches protocols, or has a status that no step can state.
    #[error("its status {0} cannot be recorded; answer this request by a step")]
    Status(u16),
    /// It has a header that a file of text cannot hold.
    #[error(
        "the header `{0}` of its answer is no text and cannot be recorded; answer this request by a step"
    )]
    Header(HeaderName),
    /// What it says is no HTTP, or not to the end.
    #[error("its answer cannot be read: {0}")]
    NotHttp(String),
    /// The request is none that can be sent.
    #[error("the request cannot be sent: {0}")]
    Request(#[source] http::Error),
    /// The system gives no thread or no runtime.
    #[error("the server cannot be asked: {0}")]
    System(#[source] io::Error),
}

impl RecordSource {
    /// The answer of the server to a request of the app. The server is told the host that the app meant.
    ///
    /// It is waited for on another thread: the clock of the scenario's own runtime is paused, and would run away while
    /// that waits.
    ///
    /// # Errors
    ///
    /// There is none, or none that can be recorded.
    pub(super) fn ask(
        &self,
        method: &Method,
        url: &str,
        headers: &HeaderMap,
        body: &Bytes,
    ) -> Result<Response<Bytes>, ServerFailure> {
        let request = request(method, url, headers, body).map_err(ServerFailure::Request)?;
        let addresses = self.addresses().to_vec();
        let asking = std::thread::Builder::new()
            .name("recording".to_owned())
            .spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .map_err(ServerFailure::System)?;
                runtime.block_on(async {
                    let answer = tokio::time::timeout(PATIENCE, answer(&addresses, request));
                    answer.await.unwrap_or(Err(ServerFailure::TooSlow))
                })
            })
            .map_err(ServerFailure::System)?;
        let ended = || ServerFailure::System(io::Error::other("the thread that asks it ended"));
        asking.join().unwrap_or_else(|_| Err(ended()))
    }
}

/// The request in the form that a server takes it.
fn request(
    method: &Method,
    url: &str,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<Request<Full<Bytes>>, http::Error> {
    let url: Uri = url.parse()?;
    let path = url.path_and_query().map_or("/", |path| path.as_str());
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .body(Full::new(body.clone()))?;
    *request.headers_mut() = headers.clone();
    for of_connection in [CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING] {
        request.headers_mut().remove(of_connection);
    }
    if let Some(host) = url.authority() {
        // A user that stands before the host is none of the server's business.
        let host = host.as_str().rsplit('@').next().unwrap_or_default();
        request.headers_mut().insert(HOST, host.parse()?);
    }
    Ok(request)
}

async fn answer(
    addresses: &[std::net::SocketAddr],
    request: Request<Full<Bytes>>,
) -> Result<Response<Bytes>, ServerFailure> {
    let stream = TcpStream::connect(addresses)
        .await
        .map_err(ServerFailure::Unreachable)?;
    let not_http = |error: hyper::Error| ServerFailure::NotHttp(causes(&error).join(": "));
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(not_http)?;
    // It ends with the runtime; what goes wrong in it the request is told as well.
    drop(tokio::spawn(connection));
    let (head, body) = sender
        .send_request(request)
        .await
        .map_err(not_http)?
        .into_parts();
    let body = Limited::new(body, LARGEST_ANSWER).collect().await;
    match body {
        Ok(body) => Ok(Response::from_parts(head, body.to_bytes())),
        Err(error) if error.is::<LengthLimitError>() => Err(ServerFailure::TooLarge),
        Err(error) => Err(ServerFailure::NotHttp(causes(&*error).join(": "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read as _, Write as _};
    use std::net::{Shutdown, TcpListener};
    use std::thread::JoinHandle;

    /// A server that takes one request and says this, and the request that it took.
    fn server(says: Vec<u8>) -> (RecordSource, JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let source = format!("https://api.example.com=http://{address}");
        let took = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut taken = Vec::new();
            let mut bytes = [0; 1024];
            while !taken.ends_with(b"\r\n\r\n") && !taken.ends_with(b"tea") {
                let count = stream.read(&mut bytes).unwrap();
                assert!(count > 0, "the request ended early");
                taken.extend_from_slice(&bytes[..count]);
            }
            // Whoever has had enough hangs up.
            let _ = stream.write_all(&says);
            let _ = stream.shutdown(Shutdown::Write);
            String::from_utf8(taken).unwrap()
        });
        (source.parse().unwrap(), took)
    }

    fn ask(source: &RecordSource, body: &'static str) -> Result<Response<Bytes>, ServerFailure> {
        let mut headers = HeaderMap::new();
        headers.insert("x-token", "abc".parse().unwrap());
        headers.insert("content-length", "7".parse().unwrap());
        let url = "https://api.example.com/a?b=c";
        source.ask(&Method::POST, url, &headers, &Bytes::from(body))
    }

    #[test]
    fn the_server_gets_what_the_app_sent_to_its_host() {
        let says = "HTTP/1.1 201 Created\r\nx-first: 1\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n0\r\n\r\n";
        let (source, took) = server(says.into());
        let answer = ask(&source, "tea").unwrap();
        assert_eq!(answer.status(), 201);
        assert_eq!(answer.headers()["x-first"], "1");
        assert_eq!(answer.body(), "one");
        let took = took.join().unwrap();
        assert!(took.starts_with("POST /a?b=c HTTP/1.1\r\n"), "{took}");
        for line in ["host: api.example.com", "x-token: abc", "content-length: 3"] {
            assert!(took.contains(&format!("\r\n{line}\r\n")), "{took}");
        }
    }

    #[test]
    fn a_server_that_gives_no_answer_is_told() {
        let (source, _) = server("hello\r\n\r\n".into());
        let refused = ask(&source, "tea").unwrap_err().to_string();
        assert!(
            refused.starts_with("its answer cannot be read: "),
            "{refused}"
        );
        let (source, _) = server("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\none".into());
        let refused = ask(&source, "tea").unwrap_err().to_string();
        assert!(
            refused.starts_with("its answer cannot be read: "),
            "{refused}"
        );
        let mut large = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
        large.resize(large.len() + LARGEST_ANSWER + 1, b'x');
        let (source, _) = server(large);
        assert!(matches!(ask(&source, "tea"), Err(ServerFailure::TooLarge)));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let gone: RecordSource = format!("http://a.example=http://{address}")
            .parse()
            .unwrap();
        let refused = ask(&gone, "tea").unwrap_err().to_string();
        assert!(refused.ends_with("is the server running?"), "{refused}");
    }
}
