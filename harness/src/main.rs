//! The command `spin-harness`; all of it is in the library.

fn main() -> std::process::ExitCode {
    spin_harness::cli::main()
}
