//! How wasmtime is set up: one pooling engine for nearly every component, an on-demand one for those that do not fit.

use wasmtime::WasmBacktraceDetails;
use wasmtime::{Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

/// Most instances that can be alive at once in one process.
const POOL_SIZE: u32 = 1000;
/// Memories that an instance in the pool may have. Most have one, and a second where another component is composed with it.
pub(super) const MEMORIES_IN_POOL: u32 = 2;

/// Bytes of a slot's memory that stay resident between instances, so that the next one does not fault them in again.
const KEEP_RESIDENT: usize = 2 << 20;

/// Which engine a component runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Allocation {
    /// Slots made once and used again.
    Pooling,
    /// Memory mapped for each instance: slower, and without limits of its own.
    OnDemand,
}

/// Makes an engine.
///
/// # Errors
///
/// The machine lacks what wasmtime needs, such as address space for the pool.
pub(crate) fn engine(allocation: Allocation) -> wasmtime::Result<Engine> {
    let mut config = Config::new();
    config
        .consume_fuel(true)
        .wasm_component_model_async(true)
        .wasm_backtrace_details(WasmBacktraceDetails::Disable);
    if allocation == Allocation::Pooling {
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool()));
    }
    Engine::new(&config)
}

fn pool() -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    // Of everything but components there is enough for all of them: a component is either refused before any of its code
    // has run, or has all that it needs.
    pool.total_component_instances(POOL_SIZE)
        .total_core_instances(POOL_SIZE * 20)
        .total_memories(POOL_SIZE * MEMORIES_IN_POOL)
        .total_tables(POOL_SIZE * 20)
        .total_stacks(POOL_SIZE * 4)
        .max_memory_size(4 << 30)
        .linear_memory_keep_resident(KEEP_RESIDENT)
        .table_keep_resident(KEEP_RESIDENT)
        .async_stack_keep_resident(KEEP_RESIDENT);
    if PoolingAllocationConfig::is_pagemap_scan_available() {
        pool.pagemap_scan(Enabled::Yes);
    }
    pool
}

/// Whether bytes are a component; otherwise a core module, if wasm at all.
pub(crate) fn is_component(wasm: &[u8]) -> bool {
    // The layer field of the preamble: 0 for modules, 1 for components.
    wasm.get(6..8) == Some(&[1, 0])
}
