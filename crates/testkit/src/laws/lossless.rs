//! Nothing is lost on the way to the vendor, unless it is said that it is.

use bytes::Bytes;
use ferro_core::ErrorKind;

use super::{Law, Suited, Verdict, ensure, laws};
use crate::{
    Answer, Script, Sent,
    bench::{Ask, Bench, Target, request},
    heard::excerpt,
    tree::Tree,
};

/// The laws of every surface whose requests are JSON.
pub(super) fn laws<S: Suited>() -> Vec<Law<S>> {
    laws![
        an_unknown_field_reaches_the_wire_or_is_reported_unsaid,
        renaming_the_model_changes_only_the_model,
    ]
}

/// Fields that no wire knows, with what readers like to lose: numbers that no double holds, numbers
/// in odd dress, escapes, nesting, emptiness.
const UNKNOWN: &str = r#""x_conformance":{"numbers":[1e2,-0.0,1.50,12345678901234567890123],
 "deep":{"er":[{"k":"\u00e9\\\"\n","z":null,"yes":true}]},"empty":[{},[],""]},
 "x_text":"  kept,  spaces  and all ","x_null":null,"x_false":false"#;

fn an_unknown_field_reaches_the_wire_or_is_reported_unsaid<S: Suited>(bench: &Bench<S>) -> Verdict {
    bench.run(async |target| {
        for sample in target.samples() {
            let body = with_members(sample, UNKNOWN);
            let request = request::<S>(body.as_bytes())?;
            let unsaid: Vec<_> = target
                .serve()?
                .unsaid(&target.call(&request), &request)
                .into_iter()
                .map(|unsaid| unsaid.0)
                .collect();
            let sent = sent_for(target, &request, Ask::default()).await?;
            let Some(sent) = sent else { continue };
            let sent = Tree::parse(&sent.body)?;
            let Tree::Object(unknown) = Tree::parse(format!("{{{UNKNOWN}}}").as_bytes())? else {
                unreachable!("members in braces are an object")
            };
            for (name, value) in unknown {
                let is_kept = sent.has_member(&name, &value) || unsaid.iter().any(|u| **u == name);
                ensure!(is_kept, "`{name}` is neither on the wire nor unsaid: {sent:?}");
            }
        }
        Ok(())
    })
}

fn renaming_the_model_changes_only_the_model<S: Suited>(bench: &Bench<S>) -> Verdict {
    const NAMES: [&str; 3] = ["conformance-a", "conformance-another", "conformance-model"];
    bench.run(async |target| {
        for sample in target.samples() {
            let request = request::<S>(with_members(sample, UNKNOWN).as_bytes())?;
            let mut all = Vec::new();
            for name in NAMES {
                let ask = Ask { model: Some(name), ..Ask::default() };
                let Some(sent) = sent_for(target, &request, ask).await? else { continue };
                let said = format!("{} {}", sent.uri, String::from_utf8_lossy(&sent.body));
                ensure!(said.contains(name), "asked for `{name}`: {}", excerpt(said.as_bytes()));
                all.push(said.replace(name, "@"));
            }
            ensure!(
                all.windows(2).all(|pair| pair[0] == pair[1]),
                "another name, another request: {}",
                all.iter().map(|said| excerpt(said.as_bytes())).collect::<Vec<_>>().join(" ")
            );
        }
        Ok(())
    })
}

/// A sample with more members at its end.
pub(super) fn with_members(sample: &str, members: &str) -> String {
    let open = sample.trim_end().strip_suffix('}').expect("a sample is an object");
    format!("{open},{members}}}")
}

/// What a request is to an upstream; `None` where the vendor cannot be told it and that is said.
pub(super) async fn sent_for<S: Suited>(
    target: &Target<S>,
    request: &S::Request,
    ask: Ask<'_>,
) -> Result<Option<Sent>, String> {
    let upstream = Script::always(Answer::new(400).with_body(Bytes::from_static(b"{}")));
    let heard = target.ask(&upstream, request, ask).await?;
    let error = heard.error()?;
    match upstream.sent().pop() {
        None if error.kind() == ErrorKind::Unsupported => Ok(None),
        None => Err(format!("nothing was sent: {error:?}")),
        sent => Ok(sent),
    }
}
