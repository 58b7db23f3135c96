//! Model → reachable states, or a violation.
