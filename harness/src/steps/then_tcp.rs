//! Then steps about what components sent to TCP servers and received from them.

use super::table::Column;
use super::{Failed, World};
use crate::sandbox::{Tcp, TcpEnd, TcpExchange};
use crate::value::show;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cucumber::gherkin::Step;
use cucumber::then;

/// The columns of a table of connections.
const COLUMNS: [&str; 5] = ["component", "address", "sent", "received", "ended"];

#[then(expr = "the TCP server at {string} was sent {string}")]
fn was_sent(world: &mut World, address: String, sent: String) -> Result<(), Failed> {
    let address = world.tcp_address(&address)?;
    let expected = world.wire(&world.text(&sent)?)?;
    world.session()?.with_tcp(|tcp| {
        let mut exchanges = tcp.exchanges().iter().filter(|it| it.address == address);
        match exchanges.any(|it| it.sent == expected) {
            true => Ok(()),
            false => Err(Failed::new(format!(
                "no connection to the TCP server at {address} was sent just {}",
                show(&expected)
            ))
            .note(&listed(tcp))),
        }
    })
}

#[then(expr = "the TCP server at {string} was sent nothing")]
fn was_sent_nothing(world: &mut World, address: String) -> Result<(), Failed> {
    let address = world.tcp_address(&address)?;
    world.session()?.with_tcp(|tcp| {
        if !tcp.addresses().any(|known| known == address) {
            return Err(Failed::new(format!(
                "no step says that a TCP server is at {address}, so that nothing could have been sent there"
            )));
        }
        let exchanges = tcp.exchanges().iter();
        match exchanges.filter(|it| it.address == address).all(|it| it.sent.is_empty()) {
            true => Ok(()),
            false => Err(Failed::new(format!(
                "the TCP server at {address} was sent something"
            ))
            .note(&listed(tcp))),
        }
    })
}

#[then(expr = "no TCP connection was made")]
fn none_was_made(world: &mut World) -> Result<(), Failed> {
    world.session()?.with_tcp(|tcp| match tcp.exchanges() {
        [] => Ok(()),
        _ => Err(Failed::new("a TCP connection was made").note(&listed(tcp))),
    })
}

#[then(expr = "the TCP connections are:")]
fn connections_are(world: &mut World, step: &Step) -> Result<(), Failed> {
    let table = world.table(step, COLUMNS.map(Column::Optional))?;
    let actual: Vec<_> = world
        .session()?
        .with_tcp(|tcp| tcp.exchanges().iter().map(row).collect());
    world.rows_are("the TCP connections", &table, &actual, &COLUMNS)
}

fn row(exchange: &TcpExchange) -> [String; 5] {
    [
        exchange.component.to_string(),
        exchange.address.to_string(),
        written(&exchange.sent),
        written(&exchange.received),
        match exchange.ended {
            None => "open".to_owned(),
            Some(TcpEnd::Closed) => "closed".to_owned(),
            Some(TcpEnd::Reset) => "reset".to_owned(),
        },
    ]
}

/// Bytes as a cell of a table: the ends of lines are written out, as steps write them, and what is no text as a value.
fn written(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.replace('\r', "\\r").replace('\n', "\\n"),
        Err(_) => format!("base64:{}", STANDARD.encode(bytes)),
    }
}

/// The first connections for a message of ours.
fn listed(tcp: &Tcp) -> String {
    let lines = tcp.exchanges().iter().take(10).map(|it| {
        let (sent, received) = (show(&it.sent), show(&it.received));
        format!(
            "  {} to {}: sent {sent}, received {received}",
            it.component, it.address
        )
    });
    let lines: Vec<_> = lines.collect();
    match lines.is_empty() {
        true => "no TCP connection was made".to_owned(),
        false => lines.join("\n"),
    }
}
