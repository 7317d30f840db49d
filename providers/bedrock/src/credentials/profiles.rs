//! Files of profiles: sections of names and values.

use std::collections::HashMap;

/// One profile.
pub(super) type Profile = HashMap<String, String>;

/// The profiles of the two files, in which a key goes before what says how one is had.
pub(super) fn read(credentials: &str, config: &str) -> HashMap<String, Profile> {
    let mut profiles = HashMap::<String, Profile>::new();
    for (name, section) in sections(config) {
        let name = match name.strip_prefix("profile ") {
            Some(name) => name.trim(),
            None if name == "default" => name,
            None => continue, // sessions and services, which are no profiles
        };
        profiles.entry(name.to_owned()).or_default().extend(section);
    }
    for (name, section) in sections(credentials) {
        profiles.entry(name.to_owned()).or_default().extend(section);
    }
    profiles
}

fn sections(text: &str) -> Vec<(&str, Profile)> {
    let mut sections = Vec::<(&str, Profile)>::new();
    for line in text.lines() {
        // What is indented belongs to the value above, which is a table that nobody here reads.
        if line.starts_with([' ', '\t', '#', ';']) {
            continue;
        }
        let line = line.trim();
        if let Some(rest) = line.strip_prefix('[') {
            let name = rest.split(']').next().unwrap_or_default().trim();
            sections.push((name, Profile::new()));
        } else if let (Some((name, value)), Some((_, section))) =
            (line.split_once('='), sections.last_mut())
        {
            let value = uncommented(value).trim();
            section.insert(name.trim().to_ascii_lowercase(), value.to_owned());
        }
    }
    sections
}

/// A value without the note behind it, which a space stands before: keys may hold the signs themselves.
fn uncommented(value: &str) -> &str {
    let is_note = |at: &usize| value[..*at].ends_with([' ', '\t']);
    let mut signs = value.match_indices(['#', ';']).map(|(at, _)| at);
    signs.find(is_note).map_or(value, |at| &value[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_stands_behind_a_space() {
        for (value, key) in [
            ("a#b;c", "a#b;c"),
            ("a # note", "a"),
            ("a ; note # more", "a"),
            ("a\t# note", "a"),
            ("a#b ;c", "a#b"),
            (" # note", ""),
        ] {
            assert_eq!(uncommented(value).trim(), key, "{value}");
        }
    }

    #[test]
    fn two_files_make_one_set_of_profiles() {
        let credentials = "[default]\naws_access_key_id = A\n; note\n[ x ]\nregion=from-keys\n";
        let config = "[default]\nregion = r # why\n[profile x]\nRegion = from-config\nrole_arn=R\n\
                      s3 =\n  addressing_style = path\n[sso-session y]\nsso_region = z\n";
        let profiles = read(credentials, config);
        assert_eq!(profiles.len(), 2);
        assert_eq!(profiles["default"]["aws_access_key_id"], "A");
        assert_eq!(profiles["default"]["region"], "r");
        assert_eq!((&*profiles["x"]["region"], &*profiles["x"]["role_arn"]), ("from-keys", "R"));
    }
}
