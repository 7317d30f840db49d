//! Names of tools, which Bedrock takes only in some letters, and the way back.

use std::borrow::Cow;

use ferro_core::chat::CallIds;

/// The longest name of a tool, and of a call.
const LONGEST: usize = 64;

/// Which names of calls Bedrock takes.
const CALLS: CallIds = CallIds {
    shortest: 1,
    longest: LONGEST,
    takes: |byte| byte.is_ascii_alphanumeric() || b"_.:-".contains(&byte),
};

/// Eight letters that stand for a name: the same for the same, another for another.
const MARK: CallIds = CallIds { shortest: 8, longest: 8, takes: |_| false };

/// The tools of a request that Bedrock knows by another name.
#[derive(Debug, Default)]
pub(crate) struct Names(Vec<(String, String)>);

impl Names {
    /// The name by which Bedrock knows a tool: the tool's own where that will do.
    pub(super) fn fit<'a>(&mut self, name: &'a str) -> Cow<'a, str> {
        let takes = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if (1..=LONGEST).contains(&name.len()) && name.chars().all(takes) {
            return Cow::Borrowed(name);
        }
        let own = name.chars().map(|c| if takes(c) { c } else { '_' });
        let own: String = own.take(LONGEST - 9).collect();
        let fitted = format!("{own}_{}", MARK.fit(name));
        if self.own(&fitted) == fitted {
            self.0.push((fitted.clone(), name.to_owned()));
        }
        Cow::Owned(fitted)
    }

    /// The name by which the client knows a tool.
    pub(crate) fn own<'a>(&'a self, fitted: &'a str) -> &'a str {
        self.0.iter().find(|(known, _)| known == fitted).map_or(fitted, |(_, own)| own)
    }
}

/// The name by which Bedrock knows a call.
pub(super) fn call(id: &str) -> Cow<'_, str> {
    CALLS.fit(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_fits_stays_and_another_has_a_way_back() {
        let mut names = Names::default();
        assert_eq!(names.fit("get_weather-2"), "get_weather-2");
        let long = "x".repeat(65);
        for odd in ["a.b", "wetter für", &long, ""] {
            let fitted = names.fit(odd).into_owned();
            let takes = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
            assert!((1..=64).contains(&fitted.len()) && fitted.chars().all(takes), "{fitted}");
            assert_eq!(names.fit(odd), fitted);
            assert_eq!(names.own(&fitted), odd);
        }
        assert_ne!(names.fit("a.b"), names.fit("a:b"));
        assert_eq!(names.own("stranger"), "stranger");
    }

    #[test]
    fn a_call_is_named_in_letters_that_bedrock_takes() {
        assert_eq!(call("tooluse_a.b:c-d"), "tooluse_a.b:c-d");
        for odd in ["call|1", "", &"y".repeat(65)] {
            assert!((1..=64).contains(&call(odd).len()) && !call(odd).contains('|'));
        }
    }
}
