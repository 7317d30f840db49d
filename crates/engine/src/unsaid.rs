//! What a target cannot be told of a request, and what follows from that.

use std::{
    collections::HashSet,
    fmt::Write as _,
    sync::{Mutex, PoisonError},
};

use ferro_core::{
    Call, CannotSay, ErrorKind, Problem, Subject, Surface, TargetId, Unsaid, excerpt,
};

use crate::{Engine, Opened, Target, ordering::Planned};

/// So many fields of one reply are listed; the others are counted.
const MOST_LISTED: usize = 64;
/// So many fields of one target are told to the log.
const MOST_TOLD: usize = 64;
/// An error names targets until it is this long.
const LONG: usize = 1_500;

/// What follows where a target cannot be told all that a request says. Whatever follows, a reply
/// lists what its target was not told, and so does its record.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum OnUnsaid {
    /// It is asked all the same, and the log is told once of each field.
    #[default]
    Warn,
    /// It is asked all the same.
    Drop,
    /// It is not asked: whoever can be told everything is, or nobody.
    Reject,
}

impl<S: Surface> Opened<S> {
    /// Takes their places from those that cannot be told all that the request says, where that is not
    /// to be; and returns who they are. The others keep their order.
    pub(crate) fn leave_out_unsaid(
        &self,
        engine: &Engine,
        planned: &mut Planned,
    ) -> Vec<CannotSay> {
        let mut left_out = Vec::new();
        if engine.parts.on_unsaid != OnUnsaid::Reject {
            return left_out;
        }
        planned.retain(|index| {
            let target = &engine.parts.targets[usize::from(index)];
            let fields = self.cannot_be_told(target);
            if fields.is_empty() {
                return true;
            }
            left_out.push(CannotSay::new(target.id().clone(), listed(fields)));
            false
        });
        left_out
    }

    fn cannot_be_told(&self, target: &Target) -> Vec<Unsaid> {
        let model = self.request.model();
        let facts = target.known().facts(model);
        let call = Call::new(target.id(), model).with_facts(facts.as_ref());
        let serve = S::served(&*target.parts().provider);
        serve.map(|serve| serve.unsaid(&call, &self.request)).unwrap_or_default()
    }

    /// Takes down what the target that answers was not told, for the record, the reply and the log.
    pub(crate) fn unsaid(&mut self, unsaid: Vec<Unsaid>) -> Vec<Unsaid> {
        if unsaid.is_empty() {
            return unsaid;
        }
        let unsaid = listed(unsaid);
        if self.account.engine.parts.on_unsaid == OnUnsaid::Warn
            && let Some(target) = self.account.target()
        {
            target.told.warn(target.id(), &unsaid);
        }
        self.account.record.unsaid.clone_from(&unsaid);
        unsaid
    }
}

/// What of this is kept: clients make up names of any length and in any number.
fn listed(mut unsaid: Vec<Unsaid>) -> Vec<Unsaid> {
    let more = unsaid.len().saturating_sub(MOST_LISTED);
    unsaid.truncate(MOST_LISTED);
    for Unsaid(field) in &mut unsaid {
        if let std::borrow::Cow::Owned(short) = excerpt(field) {
            *field = short.into();
        }
    }
    if more > 0 {
        unsaid.push(Unsaid(format!("and {more} more").into()));
    }
    unsaid
}

/// What the log has been told of that a target cannot be told.
#[derive(Debug, Default)]
pub(crate) struct Told(Mutex<HashSet<Box<str>>>);

impl Told {
    /// Tells the log of each field that it has not been told of yet. Taken only where something was
    /// not said, which is rare.
    fn warn(&self, target: &TargetId, unsaid: &[Unsaid]) {
        let new = {
            let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let fields = unsaid.iter().map(|Unsaid(field)| without_places(field));
            fields.filter(|field| told.len() < MOST_TOLD && told.insert(field.clone())).collect()
        };
        let new: Vec<Box<str>> = new;
        for field in new {
            tracing::warn!(
                %target,
                %field,
                "this target cannot be told a field that a request has; it is left out, which \
                 every reply and every record says (compatibility.on_unsupported_param)"
            );
        }
    }
}

/// A field without the numbers of elements: one and the same wherever it stands in a list.
fn without_places(field: &str) -> Box<str> {
    let mut plain = String::with_capacity(field.len());
    let mut rest = field;
    while let Some((before, after)) = rest.split_once('[') {
        plain.push_str(before);
        plain.push('[');
        rest = after.trim_start_matches(|letter: char| letter.is_ascii_digit());
    }
    plain.push_str(rest);
    plain.into()
}

/// The problem of a request that no target can be told all of.
pub(crate) fn nobody_can_be_told(all: &[CannotSay]) -> Problem {
    let mut message = "no target can be told all that the request says, and it is refused rather \
                       than asked in part (compatibility.on_unsupported_param: reject)"
        .to_owned();
    for (index, silent) in all.iter().enumerate() {
        let join = if index == 0 { ": " } else { "; " };
        if message.len() > LONG {
            let _infallible = write!(message, "{join}and {} more targets", all.len() - index);
            break;
        }
        let _infallible = write!(message, "{join}{silent}");
    }
    let class = ErrorKind::Unsupported.class();
    let mut problem = Problem::new(class.status, class.kind, class.code, message);
    problem.param = all.first().and_then(|silent| silent.fields.first()).map(|f| f.0.clone());
    problem
}

/// What is said last, where one target after the other did not answer: that some could not be asked
/// such a request counts only where nothing else has kept any from answering, and is said of each.
pub(crate) fn later(last: Option<Problem>, next: Problem) -> Problem {
    let is_unsaid = |problem: &Problem| problem.code == ErrorKind::Unsupported.class().code;
    match last {
        Some(last) if is_unsaid(&next) && !is_unsaid(&last) => last,
        Some(last) if is_unsaid(&next) => joined(last, &next),
        _ => next,
    }
}

fn joined(mut last: Problem, next: &Problem) -> Problem {
    if last.message.len() < LONG {
        let _infallible = write!(last.message, "; {}", next.message);
    }
    if let (Some(detail), Some(more)) = (&mut last.detail, &next.detail)
        && detail.len() < LONG
    {
        let _infallible = write!(detail, "; {more}");
    }
    // It is nobody's in particular any more.
    (last.upstream, last.target) = (None, None);
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_the_same_wherever_it_stands_in_a_list() {
        for (field, plain) in [
            ("messages[12].content[3].input_audio", "messages[].content[].input_audio"),
            ("logit_bias", "logit_bias"),
            ("a[", "a["),
            ("a[1", "a["),
            ("", ""),
        ] {
            assert_eq!(&*without_places(field), plain);
        }
    }

    #[test]
    fn names_that_clients_make_up_take_no_room_without_bound() {
        let made_up = |n: usize| Unsaid(format!("{n}{}", "x".repeat(10_000)).into());
        let kept = listed((0..1_000).map(made_up).collect());
        assert_eq!((kept.len(), &*kept[MOST_LISTED].0), (MOST_LISTED + 1, "and 936 more"));
        assert!(kept.iter().all(|field| field.0.len() < 150), "{}", kept[0].0);
        let told = Told::default();
        for n in 0..1_000 {
            told.warn(&TargetId::from("t"), &[made_up(n)]);
        }
        assert_eq!(told.0.lock().unwrap().len(), MOST_TOLD);
        let fields = listed(vec![made_up(1)]);
        let silent = |n: usize| CannotSay::new(format!("t{n}").into(), fields.clone());
        let all: Vec<_> = (0..50).map(silent).collect();
        let message = nobody_can_be_told(&all).message;
        assert!(message.len() < 2_000 && message.ends_with("more targets"), "{message}");
    }
}
