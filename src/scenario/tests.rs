//! Tests of whole scenarios.

use super::*;
