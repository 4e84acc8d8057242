//! `fermyon:spin/redis@2.0.0`: a connection is a resource.

use super::{Calling, Command, bytes, count, number, texts};
use crate::host::InstanceState;
use crate::host::bindings::redis_2::{
    Connection, Error, Host, HostConnection, RedisParameter, RedisResult,
};
use crate::sandbox::service::redis;
use crate::sandbox::{Failure, RedisReply};
use wasmtime::component::Resource;

fn say(failure: Failure) -> Error {
    match failure.case() {
        "invalid-address" => Error::InvalidAddress,
        "too-many-connections" => Error::TooManyConnections,
        "type-error" => Error::TypeError,
        _ => Error::Other(failure.text().to_owned()),
    }
}

impl InstanceState {
    fn calling_redis_2(&self) -> Calling {
        Calling {
            session: self.session.clone(),
            caller: self.caller.clone(),
            interface: &redis::REDIS_2,
        }
    }

    async fn redis_2(
        &mut self,
        connection: &Resource<Connection>,
        command: Command,
    ) -> wasmtime::Result<Result<RedisReply, Error>> {
        let calling = self.calling_redis_2();
        let connection = self.redis_connection(connection.rep());
        let reply = calling.send(connection, command).await?;
        Ok(reply.map_err(say))
    }
}

impl Host for InstanceState {}

impl HostConnection for InstanceState {
    async fn open(
        &mut self,
        address: String,
    ) -> wasmtime::Result<Result<Resource<Connection>, Error>> {
        let calling = self.calling_redis_2();
        let opened = calling.open(&address, self.redis.len()).await?;
        Ok(opened
            .map(|connection| Resource::new_own(self.redis.push(connection)))
            .map_err(say))
    }

    async fn publish(
        &mut self,
        connection: Resource<Connection>,
        channel: String,
        payload: Vec<u8>,
    ) -> wasmtime::Result<Result<(), Error>> {
        let command = Command::publish(channel, payload);
        Ok(self.redis_2(&connection, command).await?.map(|_| ()))
    }

    async fn get(
        &mut self,
        connection: Resource<Connection>,
        key: String,
    ) -> wasmtime::Result<Result<Option<Vec<u8>>, Error>> {
        let command = Command::get(key);
        Ok(self.redis_2(&connection, command).await?.map(bytes))
    }

    async fn set(
        &mut self,
        connection: Resource<Connection>,
        key: String,
        value: Vec<u8>,
    ) -> wasmtime::Result<Result<(), Error>> {
        let command = Command::set(key, value);
        Ok(self.redis_2(&connection, command).await?.map(|_| ()))
    }

    async fn incr(
        &mut self,
        connection: Resource<Connection>,
        key: String,
    ) -> wasmtime::Result<Result<i64, Error>> {
        let command = Command::incr(key);
        Ok(self.redis_2(&connection, command).await?.map(number))
    }

    async fn del(
        &mut self,
        connection: Resource<Connection>,
        keys: Vec<String>,
    ) -> wasmtime::Result<Result<u32, Error>> {
        let command = Command::del(keys);
        Ok(self.redis_2(&connection, command).await?.map(count))
    }

    async fn sadd(
        &mut self,
        connection: Resource<Connection>,
        key: String,
        values: Vec<String>,
    ) -> wasmtime::Result<Result<u32, Error>> {
        let command = Command::sadd(key, values);
        Ok(self.redis_2(&connection, command).await?.map(count))
    }

    async fn smembers(
        &mut self,
        connection: Resource<Connection>,
        key: String,
    ) -> wasmtime::Result<Result<Vec<String>, Error>> {
        let command = Command::smembers(key);
        Ok(self.redis_2(&connection, command).await?.map(texts))
    }

    async fn srem(
        &mut self,
        connection: Resource<Connection>,
        key: String,
        values: Vec<String>,
    ) -> wasmtime::Result<Result<u32, Error>> {
        let command = Command::srem(key, values);
        Ok(self.redis_2(&connection, command).await?.map(count))
    }

    async fn execute(
        &mut self,
        connection: Resource<Connection>,
        command: String,
        arguments: Vec<RedisParameter>,
    ) -> wasmtime::Result<Result<Vec<RedisResult>, Error>> {
        let arguments = arguments.into_iter().map(|argument| match argument {
            RedisParameter::Int64(number) => number.to_string().into(),
            RedisParameter::Binary(bytes) => bytes.into(),
        });
        let command = Command::execute(command, arguments.collect());
        let reply = self.redis_2(&connection, command).await?;
        Ok(reply.map(|reply| reply.flat().into_iter().map(result).collect()))
    }

    async fn drop(&mut self, connection: Resource<Connection>) -> wasmtime::Result<()> {
        self.redis.remove(connection.rep());
        Ok(())
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
