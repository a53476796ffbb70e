//! Colours and patterns: the Okabe-Ito palette, told apart in grey print as well.
//!
//! Colours differ in lightness, and lines in width and dashes too, so that nothing depends on hue
//! alone. This module must never know what is drawn with them.

use crate::model::loss::Cause;

/// Red, green, blue.
pub(super) type Colour = (u8, u8, u8);

pub(super) const WHITE: Colour = (255, 255, 255);
pub(super) const BLACK: Colour = (0, 0, 0);
/// Text of the second rank.
pub(super) const GREY: Colour = (90, 90, 90);
/// Grid lines.
pub(super) const GRID: Colour = (226, 226, 226);
/// The warm-up.
pub(super) const SHADE: Colour = (240, 240, 240);
pub(super) const ORANGE: Colour = (230, 159, 0);
pub(super) const SKY: Colour = (86, 180, 233);
pub(super) const GREEN: Colour = (0, 158, 115);
pub(super) const YELLOW: Colour = (240, 228, 66);
pub(super) const BLUE: Colour = (0, 114, 178);
pub(super) const VERMILLION: Colour = (213, 94, 0);
pub(super) const PURPLE: Colour = (204, 121, 167);

/// What is drawn over a filled area.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pattern {
    /// Nothing.
    Solid,
    /// Lines that rise.
    Rising,
    /// Lines that fall.
    Falling,
    /// Lines from side to side.
    Level,
    /// Dots.
    Dots,
}

impl Pattern {
    /// Whether the pattern covers the pixel at `x`, `y`.
    pub(super) fn covers(self, x: i32, y: i32) -> bool {
        match self {
            Self::Solid => false,
            Self::Rising => (x + y).rem_euclid(7) < 2,
            Self::Falling => (x - y).rem_euclid(7) < 2,
            Self::Level => y.rem_euclid(5) < 2,
            Self::Dots => x.rem_euclid(5) < 2 && y.rem_euclid(5) < 2,
        }
    }
}

/// A filled area.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fill {
    /// Its colour.
    pub(super) colour: Colour,
    /// What lies over it.
    pub(super) pattern: Pattern,
}

/// A line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stroke {
    /// Its colour.
    pub(super) colour: Colour,
    /// Its width \[px\].
    pub(super) width: i32,
    /// Lengths of dash and gap \[px\]; a gap of 0 is a solid line.
    pub(super) dash: (i32, i32),
}

/// A solid line.
pub(super) const fn solid(colour: Colour, width: i32) -> Stroke {
    Stroke {
        colour,
        width,
        dash: (1, 0),
    }
}

/// A dashed line.
pub(super) const fn dashed(colour: Colour, width: i32, dash: (i32, i32)) -> Stroke {
    Stroke {
        colour,
        width,
        dash,
    }
}

/// A filled area.
pub(super) const fn fill(colour: Colour, pattern: Pattern) -> Fill {
    Fill { colour, pattern }
}

/// The colour of the pattern over `colour`: darker on light areas, lighter on dark ones.
pub(super) fn over(colour: Colour) -> Colour {
    let (r, g, b) = colour;
    let lightness = u32::from(r) * 3 + u32::from(g) * 6 + u32::from(b);
    if lightness > 1100 {
        (r / 2, g / 2, b / 2)
    } else {
        (r / 2 + 127, g / 2 + 127, b / 2 + 127)
    }
}

/// How losses of `cause` are drawn, the same in every picture.
pub(super) fn of_cause(cause: Cause) -> Fill {
    match cause {
        Cause::CutAtDeadline => fill(VERMILLION, Pattern::Solid),
        Cause::KilledByTargetExit => fill(BLACK, Pattern::Solid),
        Cause::RefusedStaleRoute => fill(SKY, Pattern::Rising),
        Cause::TimeoutStaleRoute => fill(BLUE, Pattern::Solid),
        Cause::RefusedNotReady => fill(YELLOW, Pattern::Dots),
        Cause::UnreachableTarget => fill(ORANGE, Pattern::Falling),
        Cause::ResponseTimeout => fill(PURPLE, Pattern::Solid),
        Cause::QueueOverflow => fill(GREEN, Pattern::Rising),
        Cause::NoTarget => fill(GREY, Pattern::Level),
        Cause::KeepaliveRace => fill(SKY, Pattern::Solid),
        Cause::ClientGaveUp => fill(YELLOW, Pattern::Solid),
        Cause::FlowResetIdle => fill(PURPLE, Pattern::Dots),
        Cause::FlowBlackholed => fill(BLUE, Pattern::Falling),
        Cause::NodeLost => fill(GREEN, Pattern::Dots),
        Cause::ResetUnhealthy => fill(VERMILLION, Pattern::Falling),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::loss::CAUSES;

    #[test]
    fn no_two_causes_look_the_same() {
        for (i, a) in CAUSES.iter().enumerate() {
            for b in &CAUSES[..i] {
                assert_ne!(of_cause(a.cause), of_cause(b.cause));
            }
        }
    }
}
