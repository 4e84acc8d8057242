//! How much of what guests sent is kept for assertions: a guest must not fill the machine's memory through it.

use super::gate::CallTrap;

/// Bytes that are kept of one kind in one scenario.
pub(crate) const MOST_KEPT: usize = 256 << 20;

/// Bytes that each thing counts for besides its own: what holds it, and what finds it again. Empty texts are not free.
pub(crate) const PRICE_OF_EACH: usize = 64;

/// What is kept so far, in bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Kept(usize);

impl Kept {
    /// Counts so many `things` of so many bytes together that are to be kept as well; `what` was sent too much of where
    /// that is more than can be.
    ///
    /// # Errors
    ///
    /// More than 256 MiB: the instance ends.
    pub fn add(&mut self, things: usize, bytes: usize, what: &str) -> Result<(), CallTrap> {
        let more = things.saturating_mul(PRICE_OF_EACH).saturating_add(bytes);
        let kept = self.0.saturating_add(more);
        if kept > MOST_KEPT {
            return Err(CallTrap(format!(
                "the scenario sent more than 256 MiB of {what}, all of which is kept for its Then steps: let it send less, \
                 or make several scenarios of it"
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
        assert!(
            kept.add(1, MOST_KEPT - PRICE_OF_EACH - 1, "messages")
                .is_ok()
        );
        assert!(kept.add(0, 1, "messages").is_ok());
        let CallTrap(why) = kept.add(0, 1, "messages").unwrap_err();
        assert!(
            why.starts_with("the scenario sent more than 256 MiB of messages, "),
            "{why}"
        );
        assert!(kept.add(0, 0, "messages").is_ok());
    }

    #[test]
    fn empty_texts_are_not_free() {
        let mut kept = Kept::default();
        let most = MOST_KEPT / PRICE_OF_EACH;
        assert!(kept.add(most, 0, "prompts").is_ok());
        assert!(kept.add(1, 0, "prompts").is_err());
        assert!(Kept::default().add(usize::MAX, 1, "prompts").is_err());
    }
}
