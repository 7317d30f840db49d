//! Days, as `2026-11-30`.

use std::fmt;

/// A day. Days compare as the calendar does.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Date(u32);

impl Date {
    /// Reads `2026-11-30`.
    ///
    /// # Errors
    /// When it is not a day.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a day: write it as `2026-11-30`");
        let mut parts = text.split('-').map(|part| {
            let is_number = part.bytes().all(|byte| byte.is_ascii_digit());
            is_number.then(|| part.parse::<u32>().ok()).flatten()
        });
        let (Some(Some(year)), Some(Some(month)), Some(Some(day)), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(wrong());
        };
        Self::of(year, month, day).ok_or_else(wrong)
    }

    /// A day by its year, its month from 1 and its day from 1.
    pub fn of(year: u32, month: u32, day: u32) -> Option<Self> {
        let is_leap =
            year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            2 => 28 + u32::from(is_leap),
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return None,
        };
        let is_day = (1..=days).contains(&day) && (1..=9999).contains(&year);
        is_day.then_some(Self(year * 10_000 + month * 100 + day))
    }

    /// The day as one number, 20261130. What the table holds.
    pub fn number(self) -> u32 {
        self.0
    }

    /// The inverse of [`number`](Self::number); nothing for 0.
    pub fn from_number(number: u32) -> Option<Self> {
        Self::of(number / 10_000, number / 100 % 100, number % 100)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.0 / 10_000, self.0 / 100 % 100, self.0 % 100)
    }
}
