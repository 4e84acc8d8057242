//! Routing and the headers about it (`crates/routes/src/lib.rs`, `crates/trigger-http/src/headers.rs`).

use super::super::*;
use super::{loaded, warnings};

/// A manifest whose triggers have these routes and components.
fn app(routes: &[(&str, &str)]) -> Manifest {
    let mut text = "spin_manifest_version = 2\napplication.name = \"x\"\n".to_owned();
    for (route, component) in routes {
        text.push_str(&format!(
            "[[trigger.http]]\nroute = \"{route}\"\ncomponent = \"{component}\"\n"
        ));
    }
    let mut ids: Vec<&str> = routes.iter().map(|(_, component)| *component).collect();
    ids.sort_unstable();
    ids.dedup();
    for id in ids {
        text.push_str(&format!("[component.{id}]\nsource = \"x.wasm\"\n"));
    }
    loaded(&text)
}

fn answers(routes: &[(&str, &str)], path: &str) -> Option<String> {
    Router::new(&app(routes).triggers)
        .route(path)?
        .component()
        .map(str::to_owned)
}

#[test]
fn exact_beats_prefix_and_the_longest_prefix_wins() {
    let routes = [
        ("/...", "all"),
        ("/one/...", "one"),
        ("/one/two/...", "two"),
        ("/one", "exact"),
        ("/one/:id", "named"),
    ];
    for (path, component) in [
        ("/", "all"),
        ("/x/y", "all"),
        ("/one", "exact"),
        ("/one/", "exact"),
        ("/one/x", "named"),
        ("/one/x/y", "one"),
        ("/one/two/three", "two"),
        ("//one//x", "one"),
    ] {
        assert_eq!(answers(&routes, path).as_deref(), Some(component), "{path}");
    }
    let mut reversed = routes;
    reversed.reverse();
    assert_eq!(answers(&reversed, "/one/two/three").as_deref(), Some("two"));
    assert_eq!(answers(&reversed, "/one/x/y").as_deref(), Some("one"));
}

#[test]
fn paths_without_a_route_match_nothing() {
    assert_eq!(answers(&[("/a", "a")], "/b"), None);
    assert_eq!(answers(&[("/a", "a")], "/a/b"), None);
    assert_eq!(answers(&[("/a", "a")], "/A"), None);
    assert_eq!(answers(&[("/a/:id", "a")], "/a"), None);
    assert_eq!(answers(&[("/a/:id", "a")], "/a/"), None);
    // The path is compared as it was sent.
    assert_eq!(answers(&[("/a b", "a")], "/a%20b"), None);
    assert_eq!(answers(&[("/a%20b", "a")], "/a%20b").as_deref(), Some("a"));
}

#[test]
fn slashes_at_the_end_do_not_matter_for_the_match() {
    for path in ["/a", "/a/", "/a//"] {
        assert_eq!(
            answers(&[("/a", "a")], path).as_deref(),
            Some("a"),
            "{path}"
        );
        assert_eq!(
            answers(&[("/a/", "a")], path).as_deref(),
            Some("a"),
            "{path}"
        );
    }
    assert_eq!(answers(&[("a", "a")], "/a").as_deref(), Some("a"));
}

#[test]
fn of_two_triggers_on_one_route_the_later_answers() {
    let manifest = app(&[("/a", "first"), ("/a", "second")]);
    let matched = Router::new(&manifest.triggers).route("/a").unwrap();
    assert_eq!(
        (matched.component(), matched.trigger.as_str()),
        (Some("second"), "second-http-trigger")
    );
    assert_eq!(
        warnings(&manifest),
        [
            "/app/spin.toml:7:9 [\"/a\"] two triggers have the route /a: first-http-trigger and second-http-trigger | \
             give one of them another route, or take it out: component \"first\" never runs for it"
        ]
    );
}

/// Two spellings are two routes for Spin; `routefinder` then asks the earlier first.
#[test]
fn of_two_spellings_of_a_route_the_earlier_answers() {
    for (one, other, path) in [
        ("/a", "/a/", "/a"),
        ("/:x", "/:y", "/1"),
        ("/a/...", "/a/*", "/a/b"),
    ] {
        let manifest = app(&[(one, "first"), (other, "second")]);
        assert_eq!(
            Router::new(&manifest.triggers)
                .route(path)
                .unwrap()
                .component(),
            Some("first"),
            "{one} {other}"
        );
        assert!(
            warnings(&manifest)[0].contains("component \"second\" never runs for it"),
            "{:?}",
            warnings(&manifest)
        );
    }
}

#[test]
fn private_triggers_and_other_types_have_no_path() {
    let manifest = loaded(
        "spin_manifest_version = 2\napplication.name = \"x\"\n[[trigger.http]]\nroute = { private = true }\ncomponent = \"a\"\n\
         [[trigger.http]]\nroute = \"/s\"\nstatic_response = { body = \"x\" }\n[[trigger.cron]]\nroute = \"/c\"\ncomponent = \"a\"\n[component.a]\nsource = \"a\"\n",
    );
    let router = Router::new(&manifest.triggers);
    assert_eq!(router.route("/c"), None);
    let matched = router.route("/s").unwrap();
    assert_eq!(
        (matched.handler, matched.trigger.as_str()),
        (RouteHandler::StaticResponse, "http-trigger1")
    );
}

#[test]
fn the_trailing_wildcard_keeps_the_slashes_that_guests_know() {
    for (route, path, path_info) in [
        ("/test/...", "/test", ""),
        ("/test/...", "/test/", "/"),
        ("/test/...", "/test/hello", "/hello"),
        ("/test/...", "/test/hello/", "/hello/"),
        ("/...", "/1/2/3", "/1/2/3"),
        ("/...", "/", "/"),
        ("/a", "/a/", ""),
        ("/test/*", "/test/a", "/a"),
        ("/...", "/a%2Fb/ü", "/a%2Fb/ü"),
    ] {
        let matched = Router::new(&app(&[(route, "c")]).triggers)
            .route(path)
            .unwrap();
        assert_eq!(matched.path_info, path_info, "{route} {path}");
    }
}

#[test]
fn the_headers_are_spins() {
    let manifest = app(&[("/foo/:user_ID/:kind/...", "c")]);
    let matched = Router::new(&manifest.triggers)
        .route("/foo/4%202/x/bar")
        .unwrap();
    let headers = spin_headers(
        &matched,
        "http://localhost:3000/foo/4%202/x/bar?q=1",
        "127.0.0.1:1",
    );
    let expected = [
        ("spin-path-info", "/bar"),
        ("spin-full-url", "http://localhost:3000/foo/4%202/x/bar?q=1"),
        ("spin-matched-route", "/foo/:user_ID/:kind/..."),
        ("spin-base-path", "/"),
        ("spin-raw-component-route", "/foo/:user_ID/:kind/..."),
        ("spin-component-route", "/foo/:user_ID/:kind"),
        ("spin-client-addr", "127.0.0.1:1"),
        ("spin-path-match-user-id", "4%202"),
        ("spin-path-match-kind", "x"),
    ];
    assert_eq!(
        headers,
        expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
    );
}

#[test]
fn the_route_that_is_told_is_the_manifests_and_the_matched_one_is_repaired() {
    let matched = Router::new(&app(&[("a/", "c")]).triggers)
        .route("/a")
        .unwrap();
    assert_eq!(
        (
            matched.based_route.as_str(),
            matched.raw_route.as_str(),
            matched.component_route()
        ),
        ("/a", "a/", "a/")
    );
    let matched = Router::new(&app(&[("/", "c")]).triggers)
        .route("/")
        .unwrap();
    assert_eq!(
        (matched.based_route.as_str(), matched.raw_route.as_str()),
        ("", "/")
    );
    let matched = Router::new(&app(&[("/...", "c")]).triggers)
        .route("/x")
        .unwrap();
    assert_eq!(
        (matched.based_route.as_str(), matched.component_route()),
        ("/...", "")
    );
}

#[test]
fn well_known_paths_are_spins_own() {
    let manifest = app(&[("/...", "c"), ("/.well-known/spin/x", "c")]);
    assert!(warnings(&manifest)[0].contains(
        "Routes under /.well-known/spin/ are handled by the Spin runtime and will never be reached"
    ));
    let answer = |path: &str| {
        well_known(&manifest, path).map(|response| {
            (
                response.status,
                response.content_type,
                String::from_utf8(response.body).unwrap(),
            )
        })
    };
    assert_eq!(
        answer("/.well-known/spin/health"),
        Some((200, None, "OK".to_owned()))
    );
    assert_eq!(
        answer("/.well-known/spin/info"),
        Some((
            200,
            Some("application/json"),
            "{\n  \"name\": \"x\"\n}".to_owned()
        ))
    );
    assert_eq!(
        answer("/.well-known/spin/x"),
        Some((404, None, String::new()))
    );
    assert_eq!(
        answer("/.well-known/spin/"),
        Some((404, None, String::new()))
    );
    assert_eq!(answer("/.well-known/spin"), None);
    let manifest = loaded(
        "spin_manifest_version = 2\napplication = { name = \"a\\\"b\", version = \"1\" }\ntrigger = {}\n",
    );
    let info = well_known(&manifest, "/.well-known/spin/info").unwrap();
    assert_eq!(
        String::from_utf8(info.body).unwrap(),
        "{\n  \"name\": \"a\\\"b\",\n  \"version\": \"1\"\n}"
    );
}
