//! A statement on its way to a real Postgres, and what Spin makes of the answer (`crates/factor-outbound-pg/src/client.rs`).

use super::row::{columns, values};
use crate::sandbox::rdbms::failure::Said;
use crate::sandbox::rdbms::parameters::{Sendable, sendable};
use crate::sandbox::rdbms::real::Trouble;
use crate::sandbox::rdbms::real::client::{MOST_BYTES, Sent, too_large};
use crate::sandbox::rdbms::served::SqlReply;
use crate::sandbox::rdbms::value::ServerValue;
use crate::sandbox::service::SqlOperation;
use futures::TryStreamExt as _;
use tokio_postgres::Client;
use tokio_postgres::types::ToSql;

/// Bytes that Spin counts for a result without rows (`size_of::<RowSet>()`): its lists of columns and of rows.
const ROW_SET: usize = 2 * size_of::<Vec<ServerValue>>();

/// Bytes of a result so far.
struct Counted {
    /// Whether the guest takes the rows one after the other. Spin then holds one at a time, and bounds each.
    streams: bool,
    bytes: usize,
}

/// Why no further row is taken.
#[derive(Debug, PartialEq, Eq)]
enum TooLarge {
    /// Spin takes none either.
    InSpin,
    /// Spin would, but here all of them are waited for.
    Here,
}

impl Counted {
    fn new(streams: bool) -> Self {
        Self {
            streams,
            bytes: ROW_SET,
        }
    }

    fn add(&mut self, row: &[ServerValue]) -> Result<(), TooLarge> {
        let of_row: usize = row.iter().map(ServerValue::bytes_in_spin).sum();
        self.bytes += of_row;
        match self.streams {
            true if of_row > MOST_BYTES => Err(TooLarge::InSpin),
            true if self.bytes > MOST_BYTES => Err(TooLarge::Here),
            false if self.bytes > MOST_BYTES => Err(TooLarge::InSpin),
            _ => Ok(()),
        }
    }
}

/// Sends it and waits for all of the answer.
///
/// # Errors
///
/// The inner one is what Spin says of it. The outer one is our own.
pub(super) async fn send(client: &Client, sent: &Sent) -> Result<Result<SqlReply, Said>, Trouble> {
    match sendable(&sent.parameters) {
        Ok(parameters) => sent_with(client, sent, parameters).await,
        // They were looked at before they came here.
        Err(text) => Ok(Err(Said::plain("bad-parameter", text))),
    }
}

async fn sent_with(
    client: &Client,
    sent: &Sent,
    parameters: Vec<Sendable>,
) -> Result<Result<SqlReply, Said>, Trouble> {
    match sent.operation {
        SqlOperation::Query => query(client, sent, parameters).await,
        _ => {
            let parameters: Vec<&(dyn ToSql + Sync)> =
                parameters.iter().map(|it| &**it as _).collect();
            let affected = client.execute(&sent.text, &parameters).await;
            let affected = affected.map_err(|error| Said::of_statement(&error));
            Ok(affected.map(|affected| SqlReply {
                affected,
                ..SqlReply::default()
            }))
        }
    }
}

async fn query(
    client: &Client,
    sent: &Sent,
    parameters: Vec<Sendable>,
) -> Result<Result<SqlReply, Said>, Trouble> {
    let rows = match client.query_raw(&sent.text, parameters).await {
        Ok(rows) => rows,
        Err(error) => return Ok(Err(Said::of_statement(&error))),
    };
    let mut rows = std::pin::pin!(rows);
    let mut reply = SqlReply::default();
    let mut counted = Counted::new(sent.streams);
    let broken_off = loop {
        let row = match rows.try_next().await {
            Ok(None) => return Ok(Ok(reply)),
            Ok(Some(row)) => row,
            Err(error) => break Said::of_statement(&error),
        };
        if reply.rows.is_empty() {
            reply.columns = columns(&row);
        }
        let row = match values(&row) {
            Ok(row) => row,
            Err(error) => break Said::of_value(&error),
        };
        match counted.add(&row) {
            Ok(()) => reply.rows.push(row),
            Err(TooLarge::Here) => return Err(too_many_rows()),
            Err(TooLarge::InSpin) => {
                let too_large = Said::plain("query-failed", too_large());
                match sent.streams {
                    true => break too_large,
                    // Spin's own text, which it does not wrap.
                    false => return Ok(Err(too_large)),
                }
            }
        }
    };
    Ok(match sent.streams {
        true => {
            reply.broken_off = Some(*broken_off.told);
            Ok(reply)
        }
        false => Err(broken_off.among_rows()),
    })
}

fn too_many_rows() -> Trouble {
    let reason = format!(
        "its rows are more than {} MiB together; Spin gives a guest that takes them one after the other however many there \
         are, and spin-harness waits for all of them first: ask for fewer",
        MOST_BYTES >> 20
    );
    Trouble {
        said: Said::plain("query-failed", reason.clone()),
        reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn added(streams: bool, rows: &[&[ServerValue]]) -> Vec<Result<(), TooLarge>> {
        let mut counted = Counted::new(streams);
        rows.iter().map(|row| counted.add(row)).collect()
    }

    #[test]
    fn a_value_counts_as_much_as_it_takes_in_spin() {
        let of = ServerValue::BYTES_IN_SPIN;
        for (value, bytes) in [
            (ServerValue::Null, of),
            (ServerValue::Int64(1), of),
            (ServerValue::Text("four".to_owned()), of + 4),
            (ServerValue::Jsonb(vec![0; 3]), of + 3),
            (ServerValue::ArrayInt32(vec![None, Some(1)]), of + 2 * 8),
            (ServerValue::ArrayInt64(vec![None, Some(1)]), of + 2 * 16),
            (
                ServerValue::ArrayText(vec![None, Some("four".to_owned())]),
                of + 2 * 24 + 4,
            ),
        ] {
            assert_eq!(value.bytes_in_spin(), bytes, "{value:?}");
        }
    }

    #[test]
    fn rows_are_bounded_together_and_those_of_a_stream_one_by_one() {
        let half = [ServerValue::Binary(vec![0; MOST_BYTES / 2 - 1_000])];
        let whole = [ServerValue::Binary(vec![0; MOST_BYTES])];
        let small = vec![ServerValue::Null; 2_000 / ServerValue::BYTES_IN_SPIN + 1];
        let rows: [&[ServerValue]; 3] = [&half, &half, &small];
        // Null takes room too.
        assert_eq!(added(false, &rows), [Ok(()), Ok(()), Err(TooLarge::InSpin)]);
        assert_eq!(added(true, &rows), [Ok(()), Ok(()), Err(TooLarge::Here)]);
        assert_eq!(added(true, &[&whole]), [Err(TooLarge::InSpin)]);
    }
}
