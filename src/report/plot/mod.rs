//! Pictures: PNG reports that answer the three questions at a look.
//!
//! What was lost and when, what capacity did, what clients felt. Everything is drawn at whole
//! pixels from one embedded font, so the same outcome gives the same bytes. A picture must never
//! show a number that no other report holds.

mod axis;
mod calls;
mod canvas;
pub(super) mod capacity;
mod drains;
pub(super) mod latency;
mod legend;
pub(super) mod losses;
mod page;
mod palette;
mod panel;

#[cfg(test)]
mod tests;
