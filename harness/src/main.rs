//! The command `spin-harness`; all of it is in the library.

/// A scenario makes and drops many small things: this allocator takes a tenth off a run.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    spin_harness::cli::main()
}
