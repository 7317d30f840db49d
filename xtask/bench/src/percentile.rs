//! Percentiles, given only where enough lies beyond them.

/// What is asked of a set of times, by name and in thousandths.
pub const ASKED: &[(&str, usize)] = &[("p50_us", 500), ("p99_us", 990), ("p999_us", 999)];

/// As many values have to lie beyond a percentile: one that rests on fewer is an anecdote.
const BEYOND: usize = 5;

/// The percentile of sorted times by nearest rank; none if they are too few to have it.
pub fn percentile(sorted: &[u32], mille: usize) -> Option<f64> {
    let rank = (sorted.len() * mille).div_ceil(1000).max(1);
    if sorted.len() < rank + BEYOND {
        return None;
    }
    Some(f64::from(sorted[rank - 1]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_the_value_that_so_many_do_not_exceed() {
        let times: Vec<u32> = (1..=1000).collect();
        assert_eq!(percentile(&times, 500), Some(500.0));
        assert_eq!(percentile(&times, 990), Some(990.0));
    }

    #[test]
    fn a_percentile_of_too_few_is_not_given() {
        let times: Vec<u32> = (1..=1000).collect();
        assert_eq!(percentile(&times, 999), None);
        assert_eq!(percentile(&times[..499], 990), None);
        assert_eq!(percentile(&times[..500], 990), Some(495.0));
        assert_eq!(percentile(&[], 500), None);
    }
}
