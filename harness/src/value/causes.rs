//! Errors with what led to them.

use std::error::Error;

/// The texts of an error and of what led to it, the error itself first.
pub fn causes(error: &(dyn Error + 'static)) -> Vec<String> {
    std::iter::successors(Some(error), |it| (**it).source())
        .map(ToString::to_string)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_led_to_an_error_comes_after_it() {
        #[derive(Debug, thiserror::Error)]
        #[error("outer")]
        struct Outer(#[source] std::fmt::Error);
        let inner = std::fmt::Error.to_string();
        assert_eq!(causes(&Outer(std::fmt::Error)), ["outer", &inner]);
    }
}
