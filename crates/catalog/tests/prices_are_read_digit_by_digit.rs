//! The catalogue's own format: what is written is what is read, to the last digit.

use ferro_catalog::format::{
    date::Date,
    decimal::{scaled, text},
    line,
    price::Price,
};
use proptest::prelude::*;

#[test]
fn a_decimal_is_an_integer_and_says_if_it_was_rounded() {
    for (written, factor, value, is_exact) in [
        ("2.5", 1_000_000_000, 2_500_000_000, true),
        ("2.5e-4", 10_000_000_000_000, 2_500_000_000, true),
        ("3E+1", 10, 300, true),
        ("0.00005999999999999999", 10_000_000_000_000, 600_000_000, false),
        ("0.25", 2, 1, false),
        ("0.24", 2, 0, false),
        ("0", 1_000_000_000, 0, true),
        ("1e-40", 1_000_000_000, 0, false),
    ] {
        let read = scaled(written, factor).unwrap();
        assert_eq!((read.value, read.is_exact), (value, is_exact), "{written}");
    }
    for wrong in ["", "-1", "1.2.3", "x", "1e", ".5", "+1", "1e99", "99999999999999999999"] {
        scaled(wrong, 1_000_000_000).unwrap_err();
    }
}

#[test]
fn days_are_days() {
    assert_eq!(Date::parse("2024-02-29").unwrap().to_string(), "2024-02-29");
    for wrong in
        ["2023-02-29", "2024-13-01", "2024-00-01", "2024-1-1x", "20240101", "2024-01-01-01"]
    {
        Date::parse(wrong).unwrap_err();
    }
}

#[test]
fn the_committed_rows_are_written_as_the_tool_writes_them() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/data/models");
    let mut files = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let written = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let rows = line::read(&written).unwrap();
        assert_eq!(line::write(&rows), written);
        files += 1;
    }
    assert!(files > 40, "{files}");
}

proptest! {
    #[test]
    fn what_is_written_is_read(rate: u64, meter in 0..21usize) {
        let meter = ferro_catalog::Meter::ALL[meter];
        let factor = meter.unit().factor();
        let dollars = text(rate, factor);
        // A price for a second or a minute need not have an end.
        let read = scaled(&dollars, factor);
        if let Ok(read) = read {
            prop_assert_eq!(read.value, rate);
        }
        if [1_000_000_000, 1_000_000_000_000_000].contains(&factor) {
            let line = format!("{}={dollars}", meter.name());
            let price = Price::parse(&line).unwrap();
            prop_assert_eq!((price.rate, price.text()), (rate, line));
        }
    }
}
