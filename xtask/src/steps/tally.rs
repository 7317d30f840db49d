//! What passed and what failed, counted as it happens.

/// The count of a run.
pub(crate) struct Tally {
    /// Whether the tests that take long run too.
    pub(crate) is_long: bool,
    passed: u64,
    failed: u64,
    failures: Vec<String>,
}

impl Tally {
    pub(crate) fn new(is_long: bool) -> Self {
        Self { is_long, passed: 0, failed: 0, failures: Vec::new() }
    }

    /// Counts one named check, and prints how it went.
    pub(crate) fn check(&mut self, name: &str, result: Result<(), String>) {
        match result {
            Ok(()) => {
                println!("check {name} ... ok");
                self.passed += 1;
            }
            Err(message) => {
                println!("check {name} ... FAILED\n{message}");
                self.failed += 1;
                self.failures.push(name.to_owned());
            }
        }
    }

    /// Counts what a test runner counted.
    pub(crate) fn count(&mut self, passed: u64, failed: u64) {
        self.passed += passed;
        self.failed += failed;
    }

    /// Prints the one total; an error if anything failed, or nothing ran.
    pub(crate) fn close(&self) -> Result<(), String> {
        for name in &self.failures {
            println!("failed: {name}");
        }
        println!("{} passed, {} failed", self.passed, self.failed);
        match (self.passed, self.failed) {
            (0, 0) => Err("nothing ran".to_owned()),
            (_, 0) => Ok(()),
            (_, failed) => Err(format!("{failed} failed")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_with_a_failure_and_an_empty_one_are_errors() {
        let mut tally = Tally::new(false);
        assert!(tally.close().is_err());
        tally.count(3, 0);
        assert!(tally.close().is_ok());
        tally.check("a law", Err("broken".to_owned()));
        assert_eq!((tally.passed, tally.failed), (3, 1));
        assert!(tally.close().is_err());
    }
}
