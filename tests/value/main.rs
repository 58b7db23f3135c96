//! Values: rules one by one, and laws.

mod bench;
mod laws;
mod rules;
