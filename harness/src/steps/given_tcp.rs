//! Given steps about the TCP servers that components reach through `wasi:sockets`.

use super::table::Column;
use super::{Failed, World};
use crate::sandbox::{
    Conversation, Received, ServerLine, ServerThen, TcpServer, TextPattern, is_of_this_machine,
};
use crate::value::{Value, parse_duration, visible};
use bytes::Bytes;
use cucumber::gherkin::Step;
use cucumber::given;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

#[given(expr = "the TCP server at {string} takes everything")]
fn takes_everything(world: &mut World, address: String) -> Result<(), Failed> {
    let address = world.tcp_address(&address)?;
    world.tcp_server(address, TcpServer::TakesEverything)
}

#[given(expr = "the TCP server at {string} is real")]
fn is_real(world: &mut World, address: String) -> Result<(), Failed> {
    let address = world.tcp_address(&address)?;
    if !is_of_this_machine(address) {
        return Err(Failed::new(format!(
            "{address} is not on this machine: a test reaches nothing but loopback addresses, such as 127.0.0.1"
        )));
    }
    world.tcp_server(address, TcpServer::Real)
}

/// The columns of a conversation.
const COLUMNS: [Column; 4] = [
    Column::Optional("receives"),
    Column::Optional("sends"),
    Column::Optional("takes"),
    Column::Optional("then"),
];

#[given(expr = "the TCP server at {string} converses:")]
fn converses(world: &mut World, address: String, step: &Step) -> Result<(), Failed> {
    let address = world.tcp_address(&address)?;
    let mut lines = Vec::new();
    for (at, row) in world.table(step, COLUMNS)?.rows.into_iter().enumerate() {
        let in_row = |failed: Failed| failed.note(&format!("in row {} of the table", at + 1));
        let line = world.server_line(&row).map_err(in_row)?;
        lines.push(line);
    }
    let ends = |line: &ServerLine| line.then != ServerThen::GoesOn;
    if let Some(end) = lines
        .iter()
        .position(ends)
        .filter(|at| at + 1 < lines.len())
    {
        return Err(Failed::new(format!(
            "the server has ended the connection after row {}, so that no later row can come about",
            end + 1
        )));
    }
    let conversation = Arc::new(Conversation(lines));
    world.tcp_server(address, TcpServer::Converses(conversation))
}

impl World {
    fn tcp_server(&mut self, address: SocketAddr, server: TcpServer) -> Result<(), Failed> {
        match self.started() {
            // What a server does may change while the scenario runs.
            Some(session) => session.with_tcp(|tcp| tcp.serve(address, server)),
            None => self.arrangement.tcp_servers.push((address, server)),
        }
        Ok(())
    }

    pub(super) fn tcp_address(&self, address: &str) -> Result<SocketAddr, Failed> {
        let text = self.text(address)?;
        let Some(name) = text.strip_prefix('$') else {
            return tcp_address(&text).ok_or_else(|| {
                Failed::new(format!(
                    "\"{}\" is no address that a component could connect to: an IP address and a port, such as `10.0.0.7:5432` or \
                     `[::1]:6379`; no names are resolved",
                    visible(&text)
                ))
            });
        };
        // What is in it may be a secret, if it is something else.
        let address = std::env::var(name).ok().and_then(|text| tcp_address(&text));
        address.ok_or_else(|| {
            Failed::new(format!(
                "the environment variable {} is not set to an IP address and a port, such as 127.0.0.1:6000",
                visible(name)
            ))
        })
    }

    fn server_line(
        &self,
        [receives, sends, takes, then]: &[String; 4],
    ) -> Result<ServerLine, Failed> {
        let receives = match receives.as_str() {
            "" => Received::Nothing,
            text if text.contains('*') && Value::is_plain(text) => {
                Received::Text(TextPattern::new(&with_line_ends(text))?)
            }
            text => Received::Bytes(self.wire(text)?),
        };
        let sends = match sends.as_str() {
            "" => Bytes::new(),
            text => self.wire(text)?,
        };
        let takes = match takes.as_str() {
            "" => Duration::ZERO,
            text => parse_duration(text).map_err(Failed::explained)?,
        };
        let then = match then.as_str() {
            "" => ServerThen::GoesOn,
            "closes" => ServerThen::Closes,
            "resets" => ServerThen::Resets,
            other => {
                return Err(Failed::new(format!(
                    "what a server does then is `closes`, `resets` or nothing, and not \"{}\"",
                    visible(other)
                )));
            }
        };
        Ok(ServerLine {
            receives,
            sends,
            takes,
            then,
        })
    }

    /// What goes over a connection: a value as elsewhere, and in plain text `\r` and `\n`, which protocols of lines need.
    pub(super) fn wire(&self, text: &str) -> Result<Bytes, Failed> {
        match Value::is_plain(text) {
            true => Ok(Bytes::from(with_line_ends(text))),
            false => self.body(text),
        }
    }
}

/// A text whose line ends are written out.
fn with_line_ends(text: &str) -> String {
    text.replace("\\r", "\r").replace("\\n", "\n")
}

/// An address that something could listen at.
fn tcp_address(text: &str) -> Option<SocketAddr> {
    text.parse().ok().filter(|it: &SocketAddr| it.port() != 0)
}
