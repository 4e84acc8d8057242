//! Requests as they leave the client, and responses as they reach it.

use super::*;

fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(*name, HeaderValue::from_static(value));
    }
    headers
}

fn seen(response: &Response) -> Vec<(&str, &str)> {
    let headers = response.headers();
    headers
        .map(|(name, value)| (name, std::str::from_utf8(value).unwrap()))
        .collect()
}

fn fixed(status: u16, pairs: &[(&str, &str)], body: &str) -> StaticResponse {
    let pairs = pairs.iter();
    StaticResponse {
        status_code: Some(status),
        headers: pairs
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        body: (!body.is_empty()).then(|| body.to_owned()),
    }
}

fn guest(method: &Method, status: u16, pairs: &[(&'static str, &'static str)]) -> Response {
    let answer = Answer {
        head: Some((StatusCode::from_u16(status).unwrap(), headers(pairs))),
        body: b"12345".to_vec(),
        trailers: headers(&[("x-sum", "1")]),
        complete: true,
        ..Answer::default()
    };
    from_guest(
        answer,
        method,
        &Arc::from("c"),
        Duration::ZERO,
        Duration::ZERO,
    )
}

#[test]
fn the_host_comes_first_and_an_added_length_last() {
    let request = Request::new("POST", "/").unwrap();
    let request = request.header("x-one", "1").unwrap();
    let request = request.header("HOST", "example.com").unwrap();
    let request = request.header("x-two", "2").unwrap();
    let request = request.header("x-one", "3").unwrap().body("four");
    let sent = as_sent(request, "localhost:3000").unwrap();
    let names: Vec<_> = sent.headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["host", "x-one", "x-one", "x-two", "content-length"]);
    assert_eq!(sent.headers[HOST], "example.com");
    assert_eq!(sent.headers[CONTENT_LENGTH], "4");

    let sent = as_sent(Request::new("GET", "/").unwrap(), "localhost:3000").unwrap();
    assert_eq!(sent.headers, headers(&[("host", "localhost:3000")]));
}

#[test]
fn a_request_that_no_client_can_send_is_not_sent() {
    let request = Request::new("POST", "/").unwrap();
    let request = request.header("content-length", "3").unwrap();
    let response = as_sent(request.body("seven b"), "localhost").unwrap_err();
    assert_eq!(response.status(), 400);
    let problem = response.problem().unwrap();
    assert!(problem.contains("`3`") && problem.contains("7 bytes"));
}

#[test]
fn the_server_reads_a_hundred_headers() {
    let with = |many: usize| {
        let mut request = Request::new("GET", "/").unwrap();
        for number in 0..many {
            request = request.header(&format!("x-{number}"), "1").unwrap();
        }
        as_sent(request, "localhost")
    };
    assert!(with(99).is_ok());
    assert_eq!(with(100).unwrap_err().status(), 431);
    assert_eq!(with(24_000).unwrap_err().status(), 431);
}

#[test]
fn what_the_server_takes_out_leaves_the_others_in_order() {
    let response = guest(
        &Method::GET,
        200,
        &[
            ("date", "x"),
            ("x-a", "1"),
            ("x-b", "2"),
            ("transfer-encoding", "chunked"),
            ("x-a", "3"),
            ("x-c", "4"),
        ],
    );
    let expected = [("x-a", "1"), ("x-a", "3"), ("x-b", "2"), ("x-c", "4")];
    assert_eq!(seen(&response), expected);
    assert_eq!(response.trailers().count(), 1);
}

#[test]
fn announcing_statuses_cannot_be_sent() {
    for status in [100, 103, 199] {
        let response = guest(&Method::GET, status, &[("x-a", "1")]);
        assert_eq!((response.status(), response.text().as_str()), (500, ""));
        assert_eq!(seen(&response), [("content-length", "0")]);
        assert!(!response.is_cut());
        assert!(response.problem().unwrap().contains(&status.to_string()));
    }
    let response = guest(&Method::GET, 101, &[("x-a", "1")]);
    assert_eq!((response.status(), response.text().as_str()), (101, ""));
}

#[test]
fn some_responses_carry_no_body() {
    for (method, status) in [("HEAD", 200), ("GET", 204), ("GET", 304), ("CONNECT", 200)] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let response = guest(&method, status, &[("x-a", "1"), ("trailer", "x-sum")]);
        assert_eq!(seen(&response), [("x-a", "1")], "{method} {status}");
        assert_eq!(response.text(), "");
        assert_eq!(response.trailers().count(), 0);
    }
}

#[test]
fn static_responses_are_sent_by_the_same_rules() {
    let shown = |method: Method, answer: &StaticResponse| {
        let response = from_static(&method, Some(answer));
        let headers = seen(&response);
        let headers = headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}"));
        (headers.collect::<Vec<_>>().join(", "), response.text())
    };
    let hello = fixed(200, &[("date", "x"), ("x-a", "1")], "hello");
    let (headers, body) = shown(Method::GET, &hello);
    assert_eq!(
        (headers.as_str(), body.as_str()),
        ("x-a: 1, content-length: 5", "hello")
    );
    let (headers, body) = shown(Method::HEAD, &hello);
    assert_eq!(
        (headers.as_str(), body.as_str()),
        ("x-a: 1, content-length: 5", "")
    );
    for status in [204, 304] {
        let (headers, body) = shown(Method::GET, &fixed(status, &[], "hello"));
        assert_eq!((headers.as_str(), body.as_str()), ("", ""));
    }
    let chunked = fixed(200, &[("transfer-encoding", "chunked")], "hello");
    let (headers, body) = shown(Method::GET, &chunked);
    assert_eq!((headers.as_str(), body.as_str()), ("", "hello"));
    // Nothing is known of the body that GET would have.
    let empty = fixed(200, &[], "");
    assert_eq!(shown(Method::GET, &empty).0, "content-length: 0");
    assert_eq!(shown(Method::HEAD, &empty).0, "");
    // hyper does not send a length that an empty body cannot have.
    let lying = fixed(200, &[("content-length", "5")], "");
    assert_eq!(shown(Method::GET, &lying).0, "content-length: 0");
}

#[test]
fn a_wrong_length_decides_what_the_client_reads() {
    for (length, body, cut) in [("3", "hel", false), ("9", "hello", true), ("x", "", true)] {
        let answer = fixed(200, &[("content-length", length)], "hello");
        let response = from_static(&Method::GET, Some(&answer));
        assert_eq!((response.text().as_str(), response.is_cut()), (body, cut));
        let problem = response.problem().unwrap();
        assert!(problem.contains(&format!("`{length}`")) && problem.contains("5 bytes"));
    }
}

#[test]
fn a_static_response_that_is_none_is_explained() {
    for answer in [fixed(99, &[], ""), fixed(200, &[("a b", "c")], "")] {
        let response = from_static(&Method::GET, Some(&answer));
        assert_eq!(response.status(), 500);
        assert!(response.problem().unwrap().contains("static response"));
    }
}
