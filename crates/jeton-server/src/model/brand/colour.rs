//! An accent colour that can be read: darkened or lightened until its contrast suffices.

use std::{fmt, str::FromStr};

use crate::model::hex;

/// The grounds that text in the accent stands on: card and paper, in the light and in the dark.
const LIGHT: Colour = Colour([0xfa, 0xf8, 0xf4]);
const DARK: Colour = Colour([0x1e, 0x1b, 0x17]);

/// The contrast that text needs at least (WCAG 2.2, 1.4.3).
const ENOUGH: f64 = 4.5;

/// A colour of the screen (sRGB).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour([u8; 3]);

#[derive(Debug, thiserror::Error)]
#[error("write a colour as in #8a5a12")]
pub struct ColourError;

impl FromStr for Colour {
    type Err = ColourError;

    fn from_str(text: &str) -> Result<Self, ColourError> {
        let digits = text.strip_prefix('#').ok_or(ColourError)?;
        let bytes = hex::decode(&digits.to_ascii_lowercase()).ok_or(ColourError)?;
        bytes.try_into().map(Self).map_err(|_| ColourError)
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", hex::encode(&self.0))
    }
}

impl Colour {
    /// The relative luminance (WCAG 2.2).
    fn luminance(self) -> f64 {
        let linear = self.0.map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 {
                part / 12.92
            } else {
                ((part + 0.055) / 1.055).powf(2.4)
            }
        });
        0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    }

    /// The contrast of two colours, from 1 to 21.
    fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// This colour with `part` of 64 of another in it.
    fn mixed(self, other: Self, part: u16) -> Self {
        let mix = |own: u8, other: u8| {
            let sum = u16::from(own) * (64 - part) + u16::from(other) * part;
            u8::try_from(sum / 64).unwrap_or(u8::MAX)
        };
        Self(std::array::from_fn(|index| mix(self.0[index], other.0[index])))
    }

    /// The nearest mixture with `towards` that can be read on a ground.
    fn readable(self, ground: Self, towards: Self) -> Self {
        let mut mixtures = (0..=64).map(|part| self.mixed(towards, part));
        mixtures
            .find(|mixture| mixture.contrast(ground) >= ENOUGH)
            .unwrap_or(towards)
    }
}

/// An accent for both schemes, each with enough contrast on its ground.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accent {
    light: Colour,
    dark: Colour,
}

impl Accent {
    /// The accent nearest to a colour that can be read.
    #[must_use]
    pub fn near(colour: Colour) -> Self {
        Self {
            light: colour.readable(LIGHT, Colour([0; 3])),
            dark: colour.readable(DARK, Colour([255; 3])),
        }
    }

    /// A style sheet that puts the accent, and a wash of it, in the place of ours.
    #[must_use]
    pub fn style(&self) -> String {
        let Self { light, dark } = self;
        let (pale, dim) = (light.mixed(LIGHT, 56), dark.mixed(DARK, 52));
        format!(
            ":root{{--brass:{light};--wash:{pale}}}@media(prefers-color-scheme:dark){{:root{{--brass:{dark};--wash:{dim}}}}}"
        )
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_colour_that_can_be_read_stays() {
        let brass: Colour = "#8A5A12".parse().unwrap();
        assert_eq!(Accent::near(brass).light, brass);
        assert_eq!(brass.to_string(), "#8a5a12");
    }

    #[test]
    fn other_texts_are_no_colour() {
        for text in ["", "8a5a12", "#8a5a1", "#8a5a122", "#8a5a1g", "brass", "#fff"] {
            assert!(text.parse::<Colour>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn whatever_the_colour_its_accent_can_be_read(parts: [u8; 3]) {
            let accent = Accent::near(Colour(parts));
            prop_assert!(accent.light.contrast(LIGHT) >= ENOUGH);
            prop_assert!(accent.dark.contrast(DARK) >= ENOUGH);
            let ink = Colour([0x1c, 0x1a, 0x16]);
            prop_assert!(accent.light.mixed(LIGHT, 56).contrast(ink) >= ENOUGH);
        }
    }
}
