//! Prices as they are written, made into integers without a float on the way.

/// A decimal number times a whole factor.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Scaled {
    /// The product, halves rounded up.
    pub value: u64,
    /// Whether nothing was rounded away.
    pub is_exact: bool,
}

/// Reads a decimal number as JSON writes it (`2.5`, `3e-05`) and multiplies it by `factor`.
///
/// # Errors
/// When it is no number, is negative, or the product does not fit.
pub fn scaled(text: &str, factor: u64) -> Result<Scaled, String> {
    let wrong = |what: &str| format!("`{text}` {what}");
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => {
            (mantissa, exponent.parse::<i32>().map_err(|_| wrong("is not a number"))?)
        }
        None => (text, 0),
    };
    if mantissa.starts_with('-') {
        return Err(wrong("is less than nothing"));
    }
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = whole.len() + fraction.len();
    let all_digits = whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !all_digits {
        return Err(wrong("is not a number"));
    }
    if digits > 30 || exponent.abs() > 60 {
        return Err(wrong("has more digits than a price has"));
    }
    let number: u128 =
        format!("{whole}{fraction}").parse().map_err(|_| wrong("is not a number"))?;
    let places = i32::try_from(fraction.len()).unwrap_or(i32::MAX);
    let product = number.checked_mul(u128::from(factor)).ok_or_else(|| wrong("is too large"))?;
    shifted(product, exponent - places).ok_or_else(|| wrong("is too large"))
}

/// `number` × 10^`exponent`.
fn shifted(number: u128, exponent: i32) -> Option<Scaled> {
    let power = 10u128.checked_pow(exponent.unsigned_abs());
    let (value, is_exact) = if exponent >= 0 {
        (if number == 0 { 0 } else { number.checked_mul(power?)? }, true)
    } else {
        match power {
            Some(power) => {
                let (quotient, rest) = (number / power, number % power);
                (quotient + u128::from(rest >= power - rest), rest == 0)
            }
            None => (0, number == 0),
        }
    };
    Some(Scaled { value: u64::try_from(value).ok()?, is_exact })
}

/// `value` / `factor` as a decimal number: the inverse of [`scaled`], where it has an end.
pub fn text(value: u64, factor: u64) -> String {
    let mut shown = (value / factor).to_string();
    let mut rest = u128::from(value % factor);
    if rest > 0 {
        shown.push('.');
    }
    // What was read has at most thirty digits; anything longer has no end.
    for _ in 0..30 {
        if rest == 0 {
            break;
        }
        rest *= 10;
        let digit = rest / u128::from(factor);
        shown.push(char::from(b'0' + u8::try_from(digit).unwrap_or_default()));
        rest %= u128::from(factor);
    }
    shown
}
