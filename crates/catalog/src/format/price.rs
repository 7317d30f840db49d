//! A price: for what, at which tier, above how long a prompt, of which variant.

use super::{
    decimal,
    meter::{Meter, Tier},
};

/// What a price is for.
///
/// Written as `batch.image[high,1024x1536]@200000`: the tier unless it is the standard one, the
/// meter, a variant of what is counted, and the length that the prompt must exceed.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Key {
    /// The tier.
    pub tier: Tier,
    /// What is counted.
    pub meter: Meter,
    /// Which of them: `QUALITY,SIZE`, one of the two, or nothing for all.
    pub variant: String,
    /// For prompts of more tokens than this.
    pub above: u32,
}

/// A price.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Price {
    /// What for.
    pub key: Key,
    /// Nano-dollars for as many as the meter's unit says.
    pub rate: u64,
}

impl Key {
    /// What is charged at the standard tier, whatever the prompt.
    pub fn plain(meter: Meter) -> Self {
        Self { tier: Tier::Standard, meter, variant: String::new(), above: 0 }
    }

    /// Reads what [`text`](Self::text) writes.
    ///
    /// # Errors
    /// When it is no key.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = |what: &str| format!("`{text}` {what}");
        let (text_left, above) = match text.split_once('@') {
            Some((left, above)) => {
                (left, above.parse().map_err(|_| wrong("needs a number of tokens behind `@`"))?)
            }
            None => (text, 0),
        };
        let (text_left, variant) = match text_left.split_once('[') {
            Some((left, variant)) => {
                let variant = variant.strip_suffix(']').ok_or_else(|| wrong("lacks its `]`"))?;
                (left, variant.to_owned())
            }
            None => (text_left, String::new()),
        };
        let (tier, meter) = match text_left.split_once('.') {
            Some((tier, meter)) => (Tier::of(tier).ok_or_else(|| wrong("has no tier"))?, meter),
            None => (Tier::Standard, text_left),
        };
        let known = || Meter::ALL.map(Meter::name).join(", ");
        let meter =
            Meter::of(meter).ok_or_else(|| wrong(&format!("counts none of {}", known())))?;
        Ok(Self { tier, meter, variant, above })
    }

    /// As it is written.
    pub fn text(&self) -> String {
        let mut text = String::new();
        if self.tier != Tier::Standard {
            text.push_str(self.tier.name());
            text.push('.');
        }
        text.push_str(self.meter.name());
        if !self.variant.is_empty() {
            text = format!("{text}[{}]", self.variant);
        }
        if self.above > 0 { format!("{text}@{}", self.above) } else { text }
    }
}

impl Price {
    /// Reads `KEY=DOLLARS`.
    ///
    /// # Errors
    /// When the key or the number is none, or the number has more digits than a rate.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (key, dollars) =
            text.split_once('=').ok_or_else(|| format!("`{text}` is not KEY=DOLLARS"))?;
        let key = Key::parse(key)?;
        let rate = decimal::scaled(dollars, key.meter.unit().factor())?;
        if !rate.is_exact {
            return Err(format!("`{text}` has more digits than are counted"));
        }
        Ok(Self { rate: rate.value, key })
    }

    /// As it is written.
    pub fn text(&self) -> String {
        format!("{}={}", self.key.text(), self.dollars())
    }

    /// The price in dollars for its unit.
    pub fn dollars(&self) -> String {
        decimal::text(self.rate, self.key.meter.unit().factor())
    }
}
