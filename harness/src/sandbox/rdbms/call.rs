//! The way of a statement through the gate, and what Spin makes of the server's answer.

use super::answer::StatementAnswer;
use super::connection::{Refused, SqlConnection, connection_failed, label_of};
use super::failure::{Said, SqlFailure};
use super::parameters::check;
use super::real::Sent;
use super::served::{SqlReply, made_of, server_of, through_interface};
use super::value::{ServerValue, show_parameters};
use super::{DatabaseServer, Statement};
use crate::sandbox::Mistake;
use crate::sandbox::gate::{Asked, CallTrap, Caller, Keep, Served, unfinished};
use crate::sandbox::journal::{Changes, Outcome, Service};
use crate::sandbox::service::{Failure, ServiceInterface, SqlOperation, sql_operation};
use crate::sandbox::session::Session;
use std::sync::{Arc, Mutex, PoisonError};

/// A statement as the guest sent it.
pub(crate) struct SqlCall<'a> {
    pub interface: &'static ServiceInterface,
    pub operation: SqlOperation,
    pub statement: String,
    /// Or why the interface cannot hand them on.
    pub parameters: Result<Vec<ServerValue>, Failure>,
    pub connection: Reach<'a>,
    /// Whether the guest takes the rows one after the other.
    pub streams: bool,
}

/// How a statement reaches its server.
pub(crate) enum Reach<'a> {
    /// Through a connection; none where the handle is dead.
    Connection(Option<SqlConnection>),
    /// By an address, as in Spin 1: a connection for this one statement.
    Address(&'a str),
}

impl Session {
    /// Takes a statement through the gate. The outer error ends the instance.
    pub(crate) async fn sql_call(
        &self,
        caller: &Caller,
        call: SqlCall<'_>,
    ) -> Result<Result<SqlReply, SqlFailure>, CallTrap> {
        let SqlCall {
            interface,
            operation,
            statement,
            parameters,
            connection,
            streams,
        } = call;
        let server = server_of(interface);
        let (label, connection) = match connection {
            Reach::Address(address) => (
                Arc::from(label_of(address)),
                self.connect(caller, server, address),
            ),
            Reach::Connection(Some(connection)) => (Arc::clone(&connection.label), Ok(connection)),
            Reach::Connection(None) => {
                let dead = connection_failed("no connection found".to_owned());
                (self.no_label(), Err(Refused::from(dead)))
            }
        };
        let admitted = connection.and_then(|connection| {
            let parameters = parameters?;
            checked(server, operation, &parameters)?;
            Ok((connection, parameters))
        });
        let sent = admitted
            .as_ref()
            .ok()
            .map(|(connection, parameters)| Statement {
                component: Arc::clone(&caller.component),
                server,
                address: Arc::clone(&label),
                hosts: connection.hosts.clone(),
                text: statement.clone(),
                parameters: parameters.clone(),
                outcome: Outcome::Trap,
            });
        let kept = |sent: &Statement| {
            let parameters = sent.parameters.iter().map(ServerValue::size);
            sent.text.len() + parameters.sum::<usize>()
        };
        if let Some(sent) = &sent {
            let (things, bytes) = (1 + sent.parameters.len(), kept(sent));
            let counted = &mut self.state().servers.kept;
            counted.add(things, bytes, "statements to database servers")?;
        }
        let mut on_its_way = OnItsWay {
            session: self,
            caller,
            sent,
        };
        let size = admitted.as_ref().map_or(0, |(_, parameters)| {
            parameters.iter().map(ServerValue::size).sum()
        });
        let asked = Asked {
            interface,
            operation: sql_operation(server, operation),
            label: &label,
            key: statement.clone(),
            size,
            changes: match changes_something(&statement) {
                true => Changes::ForGood,
                false => Changes::Nothing,
            },
            admitted: admitted
                .as_ref()
                .map(drop)
                .map_err(|refused| refused.journaled.clone()),
        };
        let told: Mutex<Option<Said>> = Mutex::new(None);
        let answering = |_: Keep| async {
            // What was not admitted is not answered.
            let answer = match &admitted {
                Ok((connection, parameters)) => {
                    let sent = || Sent {
                        operation,
                        text: statement.clone(),
                        parameters: parameters.clone(),
                        streams,
                    };
                    self.answer_statement(connection, &statement, parameters, sent)
                }
                Err(refused) => StatementAnswer::Fails(refused.journaled.clone()).into(),
            };
            let said = match &answer {
                Answered::Stated(StatementAnswer::Refused(error)) => {
                    Some(Said::from(error.clone()))
                }
                Answered::Real(Err(said)) => Some(said.clone()),
                _ => None,
            };
            *told.lock().unwrap_or_else(PoisonError::into_inner) = said;
            let (reply, note) = match answer {
                Answered::Stated(answer) => made_of(interface, operation, answer),
                Answered::Real(reply) => {
                    through_interface(interface, operation, reply.map_err(|said| said.journaled))
                }
            };
            Ok(Served {
                size: reply.as_ref().map_or(0, SqlReply::size),
                reply,
                note,
            })
        };
        // Rows that break off are a success to the guest's call, and none to whoever reads the journal.
        let outcome = |reply: &SqlReply| match &reply.broken_off {
            None => Outcome::Ok,
            Some(broken) => Outcome::Failed(broken.failure.to_string()),
        };
        let named = Service::Called(interface, asked.operation);
        let passed = self
            .service_call_as(caller, &asked, named, outcome, answering)
            .await;
        on_its_way.ended(match &passed {
            Ok(Ok(reply)) => outcome(reply),
            Ok(Err(failure)) => Outcome::Failed(failure.to_string()),
            Err(_) => Outcome::Trap,
        });
        let told = told.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(passed?.map_err(|failure| match (told, admitted) {
            // A fault may have hit the call after all.
            (Some(said), _) if said.journaled == failure => *said.told,
            (_, Err(refused)) if refused.journaled == failure => refused.told.into(),
            _ => failure.into(),
        }))
    }

    /// What the scenario answers, or else the real server that it names. A statement that nothing answers is a mistake in it.
    fn answer_statement(
        &self,
        connection: &SqlConnection,
        statement: &str,
        parameters: &[ServerValue],
        sent: impl FnOnce() -> Sent,
    ) -> Answered {
        let stated = self
            .state()
            .servers
            .answer(connection, statement, parameters);
        if let Some(answer) = stated {
            return answer.into();
        }
        if let Some(reached) = self.reach_real(connection) {
            return Answered::Real(reached.and_then(|real| {
                let answer = real.send(sent());
                answer.unwrap_or_else(|trouble| Err(self.told_of(real.url(), trouble)))
            }));
        }
        let mut state = self.state();
        let nearest = state.servers.nearest(connection.server, statement);
        state.mistakes.push(Mistake::UnansweredStatement {
            server: connection.server,
            address: connection.label.to_string(),
            statement: one_line(statement),
            parameters: show_parameters(parameters),
            nearest,
        });
        let why = "the scenario says nothing of this statement";
        StatementAnswer::Fails(Failure::with_text("query-failed", why)).into()
    }
}

/// What answers a statement.
enum Answered {
    /// The scenario; what Spin makes of it is yet to be seen.
    Stated(StatementAnswer),
    /// A real server, as Spin gives it.
    Real(Result<SqlReply, Said>),
}

impl From<StatementAnswer> for Answered {
    fn from(answer: StatementAnswer) -> Self {
        Self::Stated(answer)
    }
}

/// A statement on one line, as messages have it.
fn one_line(statement: &str) -> String {
    let words: Vec<&str> = statement.split_whitespace().collect();
    words.join(" ")
}

/// What Spin refuses before it asks Postgres. The two functions differ in the error that they have for it
/// (`crates/factor-outbound-pg/src/client.rs`); MySQL's client takes everything.
fn checked(
    server: DatabaseServer,
    operation: SqlOperation,
    parameters: &[ServerValue],
) -> Result<(), Failure> {
    let wrong = match server {
        DatabaseServer::Postgres => check(parameters).err(),
        DatabaseServer::MySql => None,
    };
    let case = match operation {
        SqlOperation::Query => "bad-parameter",
        _ => "value-conversion-failed",
    };
    wrong.map_or(Ok(()), |text| Err(Failure::with_text(case, text)))
}

/// Whether a statement may change something: what begins with none of these words may.
fn changes_something(statement: &str) -> bool {
    const ASKS: [&str; 7] = [
        "select", "show", "explain", "describe", "desc", "values", "table",
    ];
    const CHANGES: [&str; 4] = ["insert", "update", "delete", "merge"];
    let lower = statement.to_lowercase();
    let mut words = lower
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty());
    match words.next() {
        Some("with") => words.any(|word| CHANGES.contains(&word)),
        Some(first) => !ASKS.contains(&first),
        None => false,
    }
}

/// A statement that has been sent and not been answered. If it is dropped, its instance has ended, or the guest no longer
/// wanted the answer: it was sent all the same.
struct OnItsWay<'a> {
    session: &'a Session,
    caller: &'a Caller,
    sent: Option<Statement>,
}

impl OnItsWay<'_> {
    fn ended(&mut self, outcome: Outcome) {
        if let Some(sent) = self.sent.take() {
            let mut state = self.session.state();
            state.servers.statements.push(Statement { outcome, ..sent });
        }
    }
}

impl Drop for OnItsWay<'_> {
    fn drop(&mut self) {
        let (outcome, _) = unfinished(self.caller);
        self.ended(outcome);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_something() {
        for (statement, changes) in [
            ("SELECT * FROM users", false),
            ("  (select 1) union (select 2)", false),
            ("insert into users values (1)", true),
            ("with a as (select 1) select * from a", false),
            (
                "WITH a AS (DELETE FROM users RETURNING id) SELECT * FROM a",
                true,
            ),
            ("show tables", false),
            ("begin", true),
            ("", false),
        ] {
            assert_eq!(changes_something(statement), changes, "{statement}");
        }
    }
}
