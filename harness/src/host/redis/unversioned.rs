//! `fermyon:spin/redis` without a version: no connections, one error.

use super::{Calling, Command, bytes, number, texts};
use crate::host::InstanceState;
use crate::host::bindings::redis_1::{Error, Host, RedisParameter, RedisResult};
use crate::host::bindings::redis_types;
use crate::sandbox::RedisReply;
use crate::sandbox::service::redis;

impl InstanceState {
    async fn redis_1(
        &mut self,
        address: String,
        command: Command,
    ) -> wasmtime::Result<Result<RedisReply, Error>> {
        let calling = Calling {
            session: self.session.clone(),
            caller: self.caller.clone(),
            interface: &redis::REDIS_1,
        };
        let reply = calling.send_to(&address, command).await?;
        Ok(reply.map_err(|_| Error::Error))
    }
}

impl redis_types::Host for InstanceState {}

impl Host for InstanceState {
    async fn publish(
        &mut self,
        address: String,
        channel: String,
        payload: Vec<u8>,
    ) -> wasmtime::Result<Result<(), Error>> {
        let command = Command::publish(channel, payload);
        Ok(self.redis_1(address, command).await?.map(|_| ()))
    }

    async fn get(
        &mut self,
        address: String,
        key: String,
    ) -> wasmtime::Result<Result<Vec<u8>, Error>> {
        let reply = self.redis_1(address, Command::get(key)).await?;
        Ok(reply.map(|reply| bytes(reply).unwrap_or_default()))
    }

    async fn set(
        &mut self,
        address: String,
        key: String,
        value: Vec<u8>,
    ) -> wasmtime::Result<Result<(), Error>> {
        let command = Command::set(key, value);
        Ok(self.redis_1(address, command).await?.map(|_| ()))
    }

    async fn incr(&mut self, address: String, key: String) -> wasmtime::Result<Result<i64, Error>> {
        Ok(self.redis_1(address, Command::incr(key)).await?.map(number))
    }

    async fn del(
        &mut self,
        address: String,
        keys: Vec<String>,
    ) -> wasmtime::Result<Result<i64, Error>> {
        Ok(self.redis_1(address, Command::del(keys)).await?.map(number))
    }

    async fn sadd(
        &mut self,
        address: String,
        key: String,
        values: Vec<String>,
    ) -> wasmtime::Result<Result<i64, Error>> {
        let command = Command::sadd(key, values);
        Ok(self.redis_1(address, command).await?.map(number))
    }

    async fn smembers(
        &mut self,
        address: String,
        key: String,
    ) -> wasmtime::Result<Result<Vec<String>, Error>> {
        Ok(self
            .redis_1(address, Command::smembers(key))
            .await?
            .map(texts))
    }

    async fn srem(
        &mut self,
        address: String,
        key: String,
        values: Vec<String>,
    ) -> wasmtime::Result<Result<i64, Error>> {
        let command = Command::srem(key, values);
        Ok(self.redis_1(address, command).await?.map(number))
    }

    async fn execute(
        &mut self,
        address: String,
        command: String,
        arguments: Vec<RedisParameter>,
    ) -> wasmtime::Result<Result<Vec<RedisResult>, Error>> {
        let arguments = arguments.into_iter().map(|argument| match argument {
            RedisParameter::Int64(number) => number.to_string().into(),
            RedisParameter::Binary(bytes) => bytes.into(),
        });
        let command = Command::execute(command, arguments.collect());
        let reply = self.redis_1(address, command).await?;
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
