//! Tests of what an audit says of the fixtures.
