//! Integration tests: behaviour seen from outside.

mod api;
