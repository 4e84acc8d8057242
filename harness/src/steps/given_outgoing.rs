//! Given steps about what other hosts answer.

use super::table::Column;
use super::world::joined;
use super::{Failed, World};
use crate::sandbox::{Answer, Exchange, HttpFailure, Latency, Recording, Stub, UrlPattern};
use crate::value::{Expectation, Value, parse_duration, parse_json};
use bytes::Bytes;
use cucumber::gherkin::Step;
use cucumber::given;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method};

#[given(regex = r#"^([A-Z]+|\*) "((?:[^"\\]|\\.)*)" answers (\d+)$"#)]
fn answers(world: &mut World, method: String, url: String, status: String) -> Result<(), Failed> {
    let answer = world.answer(&status, Bytes::new())?;
    world.stub(&method, &url, answer)
}

#[given(regex = r#"^([A-Z]+|\*) "((?:[^"\\]|\\.)*)" answers (\d+) with "((?:[^"\\]|\\.)*)"$"#)]
fn answers_with(
    world: &mut World,
    method: String,
    url: String,
    status: String,
    body: String,
) -> Result<(), Failed> {
    let body = world.body(&world.text(&body)?)?;
    let answer = world.answer(&status, body)?;
    world.stub(&method, &url, answer)
}

#[given(regex = r#"^([A-Z]+|\*) "((?:[^"\\]|\\.)*)" answers (\d+) with JSON:$"#)]
fn answers_with_json(
    world: &mut World,
    method: String,
    url: String,
    status: String,
    step: &Step,
) -> Result<(), Failed> {
    let body = world.doc_string(step)?;
    parse_json(body.as_bytes())?;
    let mut answer = world.answer(&status, body.into())?;
    let json = HeaderValue::from_static("application/json");
    answer.headers.insert(CONTENT_TYPE, json);
    world.stub(&method, &url, answer)
}

#[given(regex = r#"^([A-Z]+|\*) "((?:[^"\\]|\\.)*)" answers (\d+) with the body:$"#)]
fn answers_with_doc_string(
    world: &mut World,
    method: String,
    url: String,
    status: String,
    step: &Step,
) -> Result<(), Failed> {
    let body = world.doc_string(step)?;
    let answer = world.answer(&status, body.into())?;
    world.stub(&method, &url, answer)
}

#[given(regex = r#"^([A-Z]+|\*) "((?:[^"\\]|\\.)*)" fails with "((?:[^"\\]|\\.)*)"$"#)]
fn fails_with(
    world: &mut World,
    method: String,
    url: String,
    failure: String,
) -> Result<(), Failed> {
    let failure: HttpFailure = world.text(&failure)?.parse()?;
    let answer = Answer {
        fails: Some(failure),
        ..Answer::default()
    };
    world.stub(&method, &url, answer)
}

#[given(regex = r#"^([A-Z]+|\*) "((?:[^"\\]|\\.)*)" never answers$"#)]
fn never_answers(world: &mut World, method: String, url: String) -> Result<(), Failed> {
    let answer = Answer {
        hangs: true,
        ..Answer::default()
    };
    world.stub(&method, &url, answer)
}

/// The columns of a table of answers.
const COLUMNS: [Column; 11] = [
    Column::Needed("method"),
    Column::Needed("url"),
    Column::Optional("with header"),
    Column::Optional("with body"),
    Column::Optional("status"),
    Column::Optional("header"),
    Column::Optional("body"),
    Column::Optional("takes"),
    Column::Optional("body takes"),
    Column::Optional("fails with"),
    Column::Optional("cut after"),
];

#[given(expr = "outgoing requests are answered:")]
fn are_answered(world: &mut World, step: &Step) -> Result<(), Failed> {
    let mut stubs: Vec<(String, Stub)> = Vec::new();
    let mut answers: Vec<Vec<Answer>> = Vec::new();
    for (number, row) in world.table(step, COLUMNS)?.rows.into_iter().enumerate() {
        let in_row = |failed: Failed| failed.note(&format!("in row {} of the table", number + 1));
        let [
            method,
            url,
            with,
            with_body,
            status,
            header,
            body,
            takes,
            body_takes,
            fails,
            cut,
        ] = row;
        // Rows about the same requests answer them in turn.
        let key = format!("{method} {url} {with} {with_body}");
        let answer = world
            .answer_of_row([&status, &header, &body, &takes, &body_takes, &fails, &cut])
            .map_err(in_row)?;
        if let Some(at) = stubs.iter().position(|(known, _)| *known == key) {
            answers[at].push(answer);
            continue;
        }
        let mut stub = stub_of(&method, &url, Vec::new()).map_err(in_row)?;
        if !with.is_empty() {
            let (name, value) = header_of(&with).map_err(in_row)?;
            stub = stub.with_header(name.as_str(), value.to_str().unwrap_or_default());
        }
        if !with_body.is_empty() {
            let expected = Expectation::parse(&with_body, world.base_dir()?);
            let expected = expected.map_err(Failed::explained).map_err(in_row)?;
            stub = stub.with_body(expected);
        }
        stubs.push((key, stub));
        answers.push(vec![answer]);
    }
    let stubs = stubs.into_iter().zip(answers);
    let stubs = stubs.map(|((_, stub), answers)| stub.answering(answers));
    world.arranging("an answer")?.outgoing.extend(stubs);
    Ok(())
}

#[given(expr = "outgoing HTTP is replayed from {string}")]
fn is_replayed_from(world: &mut World, file: String) -> Result<(), Failed> {
    let file = joined(world.base_dir()?, &world.text(&file)?);
    let color = world.color();
    let unreadable = |error| Failed::with_places("the recording cannot be read:", &error, color);
    let context = world.context()?;
    let (recording, recorder) = match &context.recorder {
        None => (Recording::load(&file).map_err(unreadable)?, None),
        Some(recorder) => {
            recorder.name_file(&file)?;
            let mut recording = Recording::load_if_there(&file).map_err(unreadable)?;
            let recorded = |exchange: &Exchange| recorder.source_of(&exchange.url).is_some();
            recording.exchanges.retain(|exchange| !recorded(exchange));
            match context.is_recorded() {
                true => (recording, Some(recorder.clone())),
                false => {
                    recording.exchanges.extend(recorder.exchanges());
                    (recording, None)
                }
            }
        }
    };
    match world.started() {
        Some(session) => session.with_outgoing(|outgoing| {
            outgoing.replay(recording);
            if let Some(recorder) = recorder {
                outgoing.record(recorder);
            }
        }),
        None => {
            world.arrangement.recordings.push(recording);
            world.arrangement.recorder = recorder;
        }
    }
    Ok(())
}

/// `NAME: VALUE`.
fn header_of(text: &str) -> Result<(HeaderName, HeaderValue), Failed> {
    let form = || Failed::new(format!("{text:?} is no header; write `name: value`"));
    let (name, value) = text.split_once(':').ok_or_else(form)?;
    Ok((
        name.trim().parse().map_err(|_| form())?,
        value.trim().parse().map_err(|_| form())?,
    ))
}

fn stub_of(method: &str, url: &str, answers: Vec<Answer>) -> Result<Stub, Failed> {
    let method = match method {
        "*" | "" => None,
        method => Some(method.parse::<Method>().map_err(|_| {
            Failed::new(format!(
                "{method:?} is no method; write one such as GET, or `*`"
            ))
        })?),
    };
    Ok(Stub::new(method, UrlPattern::new(url)?, answers))
}

impl World {
    fn stub(&mut self, method: &str, url: &str, answer: Answer) -> Result<(), Failed> {
        let url = self.text(url)?;
        let stub = stub_of(method, &url, vec![answer])?;
        match self.started() {
            // What a host answers may change while the scenario runs.
            Some(session) => session.with_outgoing(|outgoing| outgoing.push(stub)),
            None => self.arrangement.outgoing.push(stub),
        }
        Ok(())
    }

    fn answer(&self, status: &str, body: Bytes) -> Result<Answer, Failed> {
        let status = status
            .parse()
            .ok()
            .filter(|status| (100..600).contains(status))
            .ok_or_else(|| Failed::new(format!("{status} is no status; there are 100 to 599")))?;
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
        Ok(Answer {
            status,
            headers,
            body,
            ..Answer::default()
        })
    }

    /// The answer of a row: the cells of its status, header, body, times, failure and cut.
    fn answer_of_row(
        &self,
        [status, header, body, takes, body_takes, fails, cut]: [&str; 7],
    ) -> Result<Answer, Failed> {
        let status = if status.is_empty() { "200" } else { status };
        let value = Value::parse(body, self.base_dir()?).map_err(Failed::explained)?;
        let is_json = value.json().is_some();
        let mut answer = self.answer(status, value.into_bytes())?;
        if is_json {
            let json = HeaderValue::from_static("application/json");
            answer.headers.insert(CONTENT_TYPE, json);
        }
        if !header.is_empty() {
            let (name, value) = header_of(header)?;
            answer.headers.insert(name, value);
        }
        if !takes.is_empty() {
            answer.takes = Some(Latency::Fixed(
                parse_duration(takes).map_err(Failed::explained)?,
            ));
        }
        if !body_takes.is_empty() {
            let time = parse_duration(body_takes).map_err(Failed::explained)?;
            answer.body_takes = Some(time);
        }
        if fails == "never answers" {
            answer.hangs = true;
        } else if !fails.is_empty() {
            answer.fails = Some(fails.parse()?);
        }
        if !cut.is_empty() {
            let bytes = cut.trim_end_matches("bytes").trim();
            let bytes = bytes
                .parse()
                .map_err(|_| Failed::new(format!("{cut:?} is no number of bytes, such as `10`")))?;
            answer.cut_after = Some(bytes);
        }
        Ok(answer)
    }
}
