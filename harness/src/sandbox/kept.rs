//! How much of what guests sent is kept for assertions: a guest must not fill the machine's memory through it.

use super::gate::CallTrap;

/// Bytes that are kept of one kind in one scenario.
const MOST_KEPT: usize = 256 << 20;

/// What is kept so far, in bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Kept(usize);

impl Kept {
    /// Counts what is to be kept as well; `what` was sent too much of where it is more than can be.
    ///
    /// # Errors
    ///
    /// More than 256 MiB: the instance ends.
    pub fn add(&mut self, bytes: usize, what: &str) -> Result<(), CallTrap> {
        let kept = self.0.saturating_add(bytes);
        if kept > MOST_KEPT {
            return Err(CallTrap(format!(
                "the scenario sent more than 256 MiB of {what}"
            )));
        }
        self.0 = kept;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_counts_up_to_its_end() {
        let mut kept = Kept::default();
        assert!(kept.add(MOST_KEPT - 1, "messages").is_ok());
        assert!(kept.add(1, "messages").is_ok());
        let CallTrap(why) = kept.add(1, "messages").unwrap_err();
        assert_eq!(why, "the scenario sent more than 256 MiB of messages");
        assert!(kept.add(0, "messages").is_ok());
    }
}
