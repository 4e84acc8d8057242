//! The smallest manifest that would still have passed.
