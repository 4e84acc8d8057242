//! `spin:redis/redis@3.0.0`: as 2.0.0, and every call is asynchronous.

use super::{Calling, Command, RedisConnection, bytes, count, number, texts};
use crate::host::InstanceState;
use crate::host::bindings::redis_3::{
    Connection, Error, Host, HostConnection, HostConnectionWithStore, RedisParameter, RedisResult,
};
use crate::host::instance::asynchronous_caller;
use crate::sandbox::service::redis;
use crate::sandbox::{Failure, RedisReply};
use wasmtime::component::{Accessor, HasSelf, Resource};

fn say(failure: Failure) -> Error {
    match failure.case() {
        "invalid-address" => Error::InvalidAddress,
        "too-many-connections" => Error::TooManyConnections,
        "type-error" => Error::TypeError,
        _ => Error::Other(failure.text().to_owned()),
    }
}

/// Who calls, and what else `look` takes from the instance.
fn calling<T, R>(
    accessor: &Accessor<T, HasSelf<InstanceState>>,
    look: impl FnOnce(&InstanceState) -> R,
) -> wasmtime::Result<(Calling, R)> {
    accessor.with(|mut access| {
        let caller = asynchronous_caller(&mut access)?;
        let state = access.get();
        let calling = Calling {
            session: state.session.clone(),
            caller,
            interface: &redis::REDIS_3,
        };
        wasmtime::error::Ok((calling, look(state)))
    })
}

async fn call<T>(
    accessor: &Accessor<T, HasSelf<InstanceState>>,
    connection: &Resource<Connection>,
    command: Command,
) -> wasmtime::Result<Result<RedisReply, Error>> {
    let handle = connection.rep();
    let (calling, connection): (_, Option<RedisConnection>) =
        calling(accessor, |state| state.redis_connection(handle))?;
    let reply = calling.send(connection, command).await?;
    Ok(reply.map_err(say))
}

impl Host for InstanceState {}

impl HostConnection for InstanceState {
    async fn drop(&mut self, connection: Resource<Connection>) -> wasmtime::Result<()> {
        self.redis.remove(connection.rep());
        Ok(())
    }
}

impl<T: Send> HostConnectionWithStore<T> for HasSelf<InstanceState> {
    async fn open(
        accessor: &Accessor<T, Self>,
        address: String,
    ) -> wasmtime::Result<Result<Resource<Connection>, Error>> {
        let (calling, open) = calling(accessor, |state| state.redis.len())?;
        let connection = match calling.open(&address, open).await? {
            Ok(connection) => connection,
            Err(failure) => return Ok(Err(say(failure))),
        };
        let handle = accessor.with(|mut access| access.get().redis.push(connection));
        Ok(Ok(Resource::new_own(handle)))
    }

    async fn publish(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
        channel: String,
        payload: Vec<u8>,
    ) -> wasmtime::Result<Result<(), Error>> {
        let command = Command::publish(channel, payload);
        Ok(call(accessor, &connection, command).await?.map(|_| ()))
    }

    async fn get(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
        key: String,
    ) -> wasmtime::Result<Result<Option<Vec<u8>>, Error>> {
        let command = Command::get(key);
        Ok(call(accessor, &connection, command).await?.map(bytes))
    }

    async fn set(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
        key: String,
        value: Vec<u8>,
    ) -> wasmtime::Result<Result<(), Error>> {
        let command = Command::set(key, value);
        Ok(call(accessor, &connection, command).await?.map(|_| ()))
    }

    async fn incr(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
        key: String,
    ) -> wasmtime::Result<Result<i64, Error>> {
        let command = Command::incr(key);
        Ok(call(accessor, &connection, command).await?.map(number))
    }

    async fn del(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
        keys: Vec<String>,
    ) -> wasmtime::Result<Result<u32, Error>> {
        let command = Command::del(keys);
        Ok(call(accessor, &connection, command).await?.map(count))
    }

    async fn sadd(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
        key: String,
        values: Vec<String>,
    ) -> wasmtime::Result<Result<u32, Error>> {
        let command = Command::sadd(key, values);
        Ok(call(accessor, &connection, command).await?.map(count))
    }

    async fn smembers(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
        key: String,
    ) -> wasmtime::Result<Result<Vec<String>, Error>> {
        let command = Command::smembers(key);
        Ok(call(accessor, &connection, command).await?.map(texts))
    }

    async fn srem(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
        key: String,
        values: Vec<String>,
    ) -> wasmtime::Result<Result<u32, Error>> {
        let command = Command::srem(key, values);
        Ok(call(accessor, &connection, command).await?.map(count))
    }

    async fn execute(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
        command: String,
        arguments: Vec<RedisParameter>,
    ) -> wasmtime::Result<Result<Vec<RedisResult>, Error>> {
        let arguments = arguments.into_iter().map(|argument| match argument {
            RedisParameter::Int64(number) => number.to_string().into(),
            RedisParameter::Binary(bytes) => bytes.into(),
        });
        let command = Command::execute(command, arguments.collect());
        let reply = call(accessor, &connection, command).await?;
        Ok(reply.map(|reply| reply.flat().into_iter().map(result).collect()))
    }
}

fn result(reply: RedisReply) -> RedisResult {
    match reply {
        // Arrays have been opened.
        RedisReply::Nil | RedisReply::Array(_) => RedisResult::Nil,
        RedisReply::Status(text) => RedisResult::Status(text.to_owned()),
        RedisReply::Integer(number) => RedisResult::Int64(number),
        RedisReply::Bulk(bytes) => RedisResult::Binary(bytes.into()),
    }
}
