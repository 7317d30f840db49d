//! Targets as operators would have them: what they send, by the judgement of AWS's own library; what
//! comes back; which models there are.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends here")]

mod asked;
mod botocore;
mod clocks;
mod conversations;
mod models;
