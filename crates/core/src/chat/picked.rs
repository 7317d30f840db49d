//! The few members of an object that are read, each as it is written.

use ferro_wire::Walk;

use super::Members;

/// A type with a place for each member that is read. What is null is not there; of two members of one name
/// the last counts.
///
/// ```
/// use ferro_core::chat::Picked;
///
/// #[derive(Default)]
/// struct Event<'a> {
///     kind: Option<&'a [u8]>,
/// }
///
/// impl<'a> Picked<'a> for Event<'a> {
///     fn place(&mut self, name: &[u8]) -> Option<&mut Option<&'a [u8]>> {
///         (name == b"type").then_some(&mut self.kind)
///     }
/// }
///
/// let event = Event::of(br#"{"n":1,"type":"done"}"#).unwrap();
/// assert_eq!(event.kind, Some(&b"\"done\""[..]));
/// ```
pub trait Picked<'a>: Default {
    /// Where the member of this name goes; `None` for one that is not read.
    fn place(&mut self, name: &[u8]) -> Option<&mut Option<&'a [u8]>>;

    /// Reads an object.
    ///
    /// # Errors
    ///
    /// It is none.
    fn of(json: &'a [u8]) -> serde_json::Result<Self> {
        walked(json).map_or_else(|| parsed(json), Ok)
    }

    /// Reads an object; nothing of what is none, which is its reader's to judge.
    fn of_any(json: &'a [u8]) -> Self {
        Self::of(json).unwrap_or_default()
    }
}

/// Reads what is written as usual; `None` leaves it to serde.
fn walked<'a, T: Picked<'a>>(json: &'a [u8]) -> Option<T> {
    let (mut picked, mut walk) = (T::default(), Walk::new(json));
    walk.object(|name, walk| match picked.place(name) {
        Some(place) => walk.say(place),
        None => walk.skip(),
    })?;
    walk.is_over().then_some(picked)
}

fn parsed<'a, T: Picked<'a>>(json: &'a [u8]) -> serde_json::Result<T> {
    let members: Members<'a> = serde_json::from_slice(json)?;
    let mut picked = T::default();
    for (name, value) in members.0 {
        if let Some(place) = picked.place(name.as_bytes()) {
            *place = Some(value.get().as_bytes()).filter(|json| *json != b"null");
        }
    }
    Ok(picked)
}
