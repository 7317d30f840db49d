//! What can go wrong with a call, and what follows from it: one table.

use std::time::Duration;

use http::StatusCode;
use serde::{Serialize, Serializer};

/// What follows from a failed call: a row of the one table from which retry, failover, circuits,
/// cooling, metrics and the client's status are derived.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Class {
    /// The kind in the words of records and logs.
    pub word: &'static str,
    /// Whether asking the same target again could help.
    pub repeats: bool,
    /// Whether another target could answer where this one did not. A request that is wrong is wrong
    /// everywhere: walking on would only ask everybody and report the last one's words.
    pub advances: bool,
    /// Whether it says that the target is broken. What a caller did, or what a vendor asks of this
    /// account, must not open a circuit for everybody.
    pub opens: bool,
    /// Who is left alone for a while.
    pub cools: Cools,
    /// The error's type, as dashboards know it.
    pub metric: &'static str,
    /// The status that the client sees.
    pub status: StatusCode,
    /// The error's `type` that the client sees.
    pub kind: &'static str,
    /// The error's `code` that the client sees.
    pub code: &'static str,
}

/// Who is left alone after a failed call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Cools {
    /// Nobody.
    No,
    /// The key that was shown, or the target if it has no other, for as long as it asks for.
    Briefly,
    /// The same, for a long time: a key that is not taken is seldom taken again soon.
    Long,
}

impl Cools {
    /// As long as a target that does not say for how long it wants to be left alone.
    const BRIEF: Duration = Duration::from_secs(30);
    /// As long as a vendor's wish is granted.
    const LONGEST_WISH: Duration = Duration::from_secs(15 * 60);
    /// As long as a key that is not taken.
    const LONG: Duration = Duration::from_secs(5 * 60);

    /// For how long, where the upstream `asked` for so much; `None` if nobody is to be left alone.
    pub fn time(self, asked: Option<Duration>) -> Option<Duration> {
        match self {
            Self::No => None,
            Self::Briefly => Some(asked.unwrap_or(Self::BRIEF).min(Self::LONGEST_WISH)),
            Self::Long => Some(Self::LONG),
        }
    }
}

const REQUEST: &str = "invalid_request_error";
const UPSTREAM: &str = "upstream_error";
const LIMIT: &str = "rate_limit_error";
const MONEY: &str = "insufficient_quota";
const SERVER: &str = "server_error";

macro_rules! table {
    ($($(#[doc = $doc:literal])+ $name:ident: $word:literal
        $repeats:ident $advances:ident $opens:ident $cools:ident
        $metric:literal $status:literal $kind:ident $code:literal;)+) => {
        /// What went wrong with a call, in terms that the engine can act on. What it does is in the
        /// kind's [`Class`].
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        #[non_exhaustive]
        pub enum ErrorKind {
            $($(#[doc = $doc])+ $name,)+
        }

        impl ErrorKind {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// What follows from a failure of this kind.
            pub const fn class(self) -> &'static Class {
                match self {
                    $(Self::$name => &const {
                        Class {
                            word: $word,
                            repeats: table!($repeats),
                            advances: table!($advances),
                            opens: table!($opens),
                            cools: Cools::$cools,
                            metric: $metric,
                            status: match StatusCode::from_u16($status) {
                                Ok(status) => status,
                                Err(_) => panic!("the table holds statuses"),
                            },
                            kind: $kind,
                            code: $code,
                        }
                    },)+
                }
            }
        }
    };
    (yes) => { true };
    (no) => { false };
}

//  what it says of records   again next opens cools    metric           status type     code
table! {
    /// The request is wrong; no target would accept it.
    Invalid: "invalid"                 no  no  no  No      "provider_error"  400 REQUEST  "invalid_request";
    /// The request does not fit the model's context; a larger model might take it.
    ContextLength: "context_length"    no  no  no  No      "provider_error"  400 REQUEST  "context_length_exceeded";
    /// The vendor's policy refuses this content.
    ContentPolicy: "content_policy"    no  no  no  No      "provider_error"  400 REQUEST  "content_filter";
    /// This vendor cannot be told something that the request says.
    Unsupported: "unsupported"         no  yes no  No      "provider_error"  400 REQUEST  "unsupported_parameter";
    /// This target's credential is wrong; another target may do.
    Unauthorized: "unauthorized"       no  yes no  Long    "provider_error"  502 UPSTREAM "upstream_auth_error";
    /// This target's account is out of money.
    Quota: "quota"                     no  yes no  Long    "provider_error"  429 MONEY    "insufficient_quota";
    /// This target does not have that model.
    NotFound: "not_found"              no  yes no  No      "provider_error"  404 REQUEST  "model_not_found";
    /// This target is refusing for now: too many requests.
    RateLimited: "rate_limited"        yes yes no  Briefly "provider_error"  429 LIMIT    "rate_limit_exceeded";
    /// This target is refusing for now: it has too much to do.
    Overloaded: "overloaded"           yes yes yes No      "provider_error"  503 UPSTREAM "overloaded";
    /// This target is broken for now.
    Unavailable: "unavailable"         yes yes yes No      "provider_error"  502 UPSTREAM "upstream_error";
    /// No connection, or it broke before an answer came.
    Transport: "transport"             yes yes yes No      "provider_error"  502 UPSTREAM "upstream_error";
    /// There was no connection in time. Nothing was sent.
    ConnectTimeout: "timeout_connect"  yes yes yes No      "timeout"         504 UPSTREAM "upstream_timeout";
    /// The answer did not begin in time, or the upstream itself says that it took too long.
    Timeout: "timeout"                 yes yes yes No      "timeout"         504 UPSTREAM "upstream_timeout";
    /// The answer began, and its first event did not come in time: the next target is not kept
    /// waiting for this one to try again.
    TokenTimeout: "timeout_first_token" no yes yes No      "timeout"         504 UPSTREAM "upstream_timeout";
    /// The answer fell silent.
    IdleTimeout: "timeout_idle"        yes yes yes No      "timeout"         504 UPSTREAM "upstream_timeout";
    /// The answer was not whole in time.
    TotalTimeout: "timeout_total"      no  yes yes No      "timeout"         504 UPSTREAM "upstream_timeout";
    /// The upstream answered in a way that its own contract does not allow.
    Malformed: "malformed"             yes yes yes No      "provider_error"  502 UPSTREAM "upstream_error";
    /// The stream stopped before it said that it was finished.
    Interrupted: "interrupted"         yes yes yes No      "provider_error"  502 UPSTREAM "upstream_error";
    /// Ours, and not the target's: it has as many requests under way and waiting as it may have.
    Saturated: "saturated"             no  yes no  No      "backpressure"    429 LIMIT    "provider_saturated";
    /// Ours, and not the target's: it has failed lately, and is left alone.
    CircuitOpen: "circuit_open"        no  yes no  No      "circuit_open"    503 UPSTREAM "upstream_unavailable";
    /// Ours, and nobody else's: what was put away of the request cannot be read any more.
    Internal: "internal"               no  no  no  No      "gateway_error"   500 SERVER  "internal_error";
    /// The client left.
    Cancelled: "cancelled"             no  no  no  No      "client_canceled" 499 REQUEST  "client_closed_request";
}

impl ErrorKind {
    /// The kind in the words of records and logs.
    pub const fn as_str(self) -> &'static str {
        self.class().word
    }

    /// Whether asking the same target again could help.
    pub const fn is_transient(self) -> bool {
        self.class().repeats
    }

    /// Whether another target could answer where this one did not.
    pub const fn is_worth_another_target(self) -> bool {
        self.class().advances
    }

    /// Whether the request itself is refused: by whichever target.
    pub const fn is_clients(self) -> bool {
        matches!(self, Self::Invalid | Self::ContextLength | Self::ContentPolicy)
    }

    /// Whether nothing can have been done yet for the request, or paid for, so that asking again
    /// asks for nothing twice.
    pub const fn is_before_work(self) -> bool {
        matches!(
            self,
            Self::ConnectTimeout
                | Self::Unauthorized
                | Self::Quota
                | Self::NotFound
                | Self::RateLimited
                | Self::Overloaded
                | Self::Unsupported
                | Self::Saturated
                | Self::CircuitOpen
        )
    }

    /// The kind that a status alone suggests.
    pub fn from_status(status: StatusCode) -> Self {
        match status.as_u16() {
            401 | 403 => Self::Unauthorized,
            402 => Self::Quota,
            404 => Self::NotFound,
            408 | 504 => Self::Timeout,
            429 | 498 => Self::RateLimited,
            503 | 529 => Self::Overloaded,
            400..=499 => Self::Invalid,
            _ => Self::Unavailable,
        }
    }
}

impl Serialize for ErrorKind {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_row_says_what_to_do() {
        use Cools::{Briefly, Long, No};
        // kind, repeats, advances, opens, cools, status
        let (yes, no) = (true, false);
        let table = [
            (ErrorKind::Invalid, no, no, no, No, 400),
            (ErrorKind::ContextLength, no, no, no, No, 400),
            (ErrorKind::ContentPolicy, no, no, no, No, 400),
            (ErrorKind::Unsupported, no, yes, no, No, 400),
            (ErrorKind::Unauthorized, no, yes, no, Long, 502),
            (ErrorKind::Quota, no, yes, no, Long, 429),
            (ErrorKind::NotFound, no, yes, no, No, 404),
            (ErrorKind::RateLimited, yes, yes, no, Briefly, 429),
            (ErrorKind::Overloaded, yes, yes, yes, No, 503),
            (ErrorKind::Unavailable, yes, yes, yes, No, 502),
            (ErrorKind::Transport, yes, yes, yes, No, 502),
            (ErrorKind::ConnectTimeout, yes, yes, yes, No, 504),
            (ErrorKind::Timeout, yes, yes, yes, No, 504),
            (ErrorKind::TokenTimeout, no, yes, yes, No, 504),
            (ErrorKind::IdleTimeout, yes, yes, yes, No, 504),
            (ErrorKind::TotalTimeout, no, yes, yes, No, 504),
            (ErrorKind::Malformed, yes, yes, yes, No, 502),
            (ErrorKind::Interrupted, yes, yes, yes, No, 502),
            (ErrorKind::Saturated, no, yes, no, No, 429),
            (ErrorKind::CircuitOpen, no, yes, no, No, 503),
            (ErrorKind::Internal, no, no, no, No, 500),
            (ErrorKind::Cancelled, no, no, no, No, 499),
        ];
        let told = ErrorKind::ALL.iter().map(|kind| {
            let class = kind.class();
            let status = class.status.as_u16();
            (*kind, class.repeats, class.advances, class.opens, class.cools, status)
        });
        assert_eq!(told.collect::<Vec<_>>(), table);
    }

    #[test]
    fn the_rows_agree_with_one_another() {
        let words: BTreeSet<_> = ErrorKind::ALL.iter().map(|kind| kind.as_str()).collect();
        assert_eq!(words.len(), ErrorKind::ALL.len(), "each kind has a word of its own");
        for kind in ErrorKind::ALL {
            let class = kind.class();
            assert!(class.advances || !class.repeats, "{kind:?}: what may pass may be passed by");
            assert!(
                !(class.opens && class.cools != Cools::No),
                "{kind:?}: one of the two is enough"
            );
            assert!(!kind.is_clients() || !class.opens, "{kind:?}: a caller opens no circuit");
            let is_timeout = class.word.starts_with("timeout");
            assert_eq!(is_timeout, class.metric == "timeout", "{kind:?}");
            assert_eq!(is_timeout, class.status == StatusCode::GATEWAY_TIMEOUT, "{kind:?}");
        }
    }

    #[test]
    fn a_wish_is_granted_within_bounds() {
        let seconds = Duration::from_secs;
        assert_eq!(Cools::Briefly.time(Some(seconds(2))), Some(seconds(2)));
        assert_eq!(Cools::Briefly.time(None), Some(seconds(30)));
        assert_eq!(Cools::Briefly.time(Some(seconds(86_400))), Some(seconds(900)));
        assert_eq!(Cools::Long.time(Some(seconds(2))), Some(seconds(300)));
        assert_eq!(Cools::No.time(Some(seconds(2))), None);
    }

    #[test]
    fn statuses_are_sorted_by_what_to_do_about_them() {
        let kind = |status| ErrorKind::from_status(StatusCode::from_u16(status).unwrap());
        assert_eq!(kind(400), ErrorKind::Invalid);
        assert_eq!(kind(401), ErrorKind::Unauthorized);
        assert_eq!(kind(403), ErrorKind::Unauthorized);
        assert_eq!(kind(404), ErrorKind::NotFound);
        assert_eq!(kind(408), ErrorKind::Timeout);
        assert_eq!(kind(429), ErrorKind::RateLimited);
        assert_eq!(kind(500), ErrorKind::Unavailable);
        assert_eq!(kind(529), ErrorKind::Overloaded);
    }
}
