//! A chat request said as Messages.

mod block;
mod conversation;
mod fields;
mod format;
mod order;
mod parts;
mod place;
mod sampling;
mod schema;
#[cfg(test)]
mod tests;
mod thinking;
mod tools;

use std::borrow::Cow;

use ferro_core::{
    Call, Need, ProviderError,
    chat::{ChatRequest, Content, Members, Part, ResponseFormat, Source, ToolChoice},
};
use ferro_wire::write_string;

use self::{
    block::{Block, Marks, write_content},
    conversation::{Conversation, Reader},
    fields::Fields,
    format::Form,
    parts::{Parts, is_web},
    place::Place as Where,
    thinking::{Asked, Thought},
    tools::{Choice, Tools},
};
use crate::{
    ChatDecoder, Encoded, Place, Profile,
    decode::Expected,
    models::{self, Model},
    notes::Notes,
};

/// So many marks for the cache the vendor takes.
const MOST_MARKS: usize = 4;

/// What is said, before it is written.
struct Said<'a> {
    model: &'static Model,
    conversation: Conversation<'a>,
    tools: Tools<'a>,
    form: Form,
    thought: Thought<'a>,
    max_tokens: Cow<'a, str>,
}

/// The body for a host, and who reads the answer.
pub(crate) fn chat(
    profile: &Profile,
    call: &Call<'_>,
    request: &ChatRequest,
    notes: &mut Notes,
) -> Result<Encoded, ProviderError> {
    let fields = Fields::new(request);
    fields.check(notes)?;
    let source = Source::of(request);
    let messages = source.messages()?;
    let (listed, raws) = tools::listed(&source)?;
    let (choice, format) = (source.tool_choice()?, source.response_format()?);
    let model = models::find(call.model);
    let parts = Parts { profile, media: &call.media, notes };
    let conversation = Reader::new(parts, model.takes_system_turns).read(&messages)?;
    let tools = Tools::read(&listed, &raws, model, notes)?;
    let mut said = Said {
        model,
        conversation,
        tools,
        form: Form::default(),
        thought: Thought::default(),
        max_tokens: Cow::Borrowed(""),
    };
    said.decide((&choice, &format), (profile, call), &fields, notes)?;
    let body = said.write((profile, call.model), &fields, notes);
    let betas = betas(profile, notes);
    let decoder = ChatDecoder::new(Expected::of(request, call, said.tools.renamed, said.form.tool));
    let betas = betas.filter(|_| profile.betas_in == Place::Header);
    Ok(Encoded { body, betas: betas.map(|betas| betas.join(",")), decoder })
}

/// The media that have to be fetched for a host that does not fetch them.
pub(crate) fn needs(request: &ChatRequest) -> Vec<Need> {
    let source = Source::of(request);
    let mut needs = Vec::new();
    for (message, read) in source.messages().unwrap_or_default().iter().enumerate() {
        let parts = read.content.iter().flat_map(Content::parts).enumerate();
        for (part, held) in parts {
            if let Some((url, field)) = address(held).filter(|(url, _)| is_web(url)) {
                needs.push(Need::new(url, Where { message, part }.member(field)));
            }
        }
    }
    needs
}

/// Where a part says that it is.
fn address<'a>(part: &'a Part<'_>) -> Option<(&'a str, &'static str)> {
    match part.kind() {
        "image_url" => Some((part.image_url.as_ref()?.url.as_deref()?, "image_url.url")),
        "file" => Some((part.file.as_ref()?.file_data.as_deref()?, "file.file_data")),
        _ => None,
    }
}

/// The beta features that the operator wants, and those that the request takes.
fn betas(profile: &Profile, notes: &Notes) -> Option<Vec<String>> {
    let mut betas: Vec<String> = Vec::new();
    for name in profile.betas.iter().map(String::as_str).chain(notes.betas.iter().copied()) {
        if !betas.iter().any(|beta| beta == name) {
            betas.push(name.to_owned());
        }
    }
    (!betas.is_empty()).then_some(betas)
}

impl<'a> Said<'a> {
    /// What follows from what the client asks for, in an order in which one thing bears on the next:
    /// the tools, the reply's form, the ceiling, how much is thought.
    fn decide(
        &mut self,
        (choice, format): (&'a ToolChoice<'a>, &'a ResponseFormat<'a>),
        (profile, call): (&Profile, &Call<'_>),
        fields: &Fields<'a>,
        notes: &mut Notes,
    ) -> Result<(), ProviderError> {
        self.tools.choose(choice, notes)?;
        self.tools.is_one_at_a_time = fields.is("parallel_tool_calls", "false");
        if let Some(choice) = fields.raw("tool_choice") {
            self.tools.choose_beside(&choice, notes);
        }
        let into = (&mut self.conversation.system, &mut self.tools);
        self.form = Form::ask(format, self.model, into, notes)?;
        self.tools.recall(&self.conversation);
        let own = fields.text("thinking").map(Thought::own);
        // The vendor refuses a ceiling that is too high, and what others say of its models may be wrong.
        let known = call.facts.and_then(|facts| facts.max_output_tokens);
        let mut default = self.model.max_output.min(known.unwrap_or(u64::MAX));
        if let Some(budget) = own.as_ref().and_then(|own| own.budget).filter(|b| *b >= default) {
            default += budget;
        }
        let said = fields.text("max_completion_tokens").or_else(|| fields.text("max_tokens"));
        self.max_tokens = said.unwrap_or_else(|| default.to_string().into());
        let asked = Asked {
            effort: fields.effort.as_deref(),
            is_forced: self.tools.choice.is_forced(),
            goes_on_without_a_thought: self.conversation.goes_on_without_a_thought(),
            max_tokens: self.max_tokens.parse().unwrap_or(u64::MAX),
        };
        self.thought = match own {
            Some(own) => own.with_effort(asked.effort, self.model, notes),
            None => Thought::of_effort(asked, self.model, &profile.budgets, notes),
        };
        if self.thought.is_on && asked.is_forced {
            // The client wants to see it think: no tool can be forced beside that.
            notes.unsaid(if self.form.tool.is_some() { "response_format" } else { "tool_choice" });
            self.tools.choice = Choice::Auto;
        }
        Ok(())
    }

    fn write(
        &self,
        (profile, model): (&Profile, &str),
        fields: &Fields<'_>,
        notes: &mut Notes,
    ) -> Vec<u8> {
        let mut out = Vec::with_capacity(fields.size() + 512);
        out.push(b'{');
        if profile.model_in == Place::Body {
            out.extend_from_slice(b"\"model\":");
            write_string(&mut out, model);
        }
        schema::next(&mut out, "max_tokens");
        out.extend_from_slice(self.max_tokens.as_bytes());
        let own = usize::from(fields.text("cache_control").is_some());
        let marks = self.conversation.marks() + self.tools.marks() + own;
        let mut marks = Marks { left_out: marks.saturating_sub(MOST_MARKS) };
        if marks.left_out > 0 {
            notes.unsaid("cache_control");
        }
        self.tools.write(&mut out, &mut marks);
        self.write_conversation(&mut out, &mut marks);
        self.write_thought(&mut out, fields, notes);
        let allowed = sampling::Allowed {
            by_version: profile.knows_sampling(),
            by_model: self.model.sampling,
            is_thinking: self.thought.is_on,
        };
        sampling::write(&mut out, fields, allowed, notes);
        fields.write(&mut out, notes);
        if profile.model_in == Place::Body && fields.wants_stream() {
            out.extend_from_slice(b",\"stream\":true");
        }
        if profile.version_in == Place::Body {
            block::string(&mut out, "anthropic_version", &profile.version);
        }
        if let Some(betas) = betas(profile, notes).filter(|_| profile.betas_in == Place::Body) {
            schema::next(&mut out, "anthropic_beta");
            serde_json::to_writer(&mut out, &betas).expect("texts are JSON, and memory takes them");
        }
        out.push(b'}');
        out
    }

    fn write_conversation(&self, out: &mut Vec<u8>, marks: &mut Marks) {
        let system = &self.conversation.system;
        if !system.is_empty() {
            schema::next(out, "system");
            // One text, unless a mark says where in it the cache ends.
            let texts: Option<Vec<&str>> = system.iter().map(Block::bare_text).collect();
            match texts {
                Some(texts) => write_string(out, &texts.join("\n")),
                None => write_content(out, system, marks),
            }
        }
        schema::next(out, "messages");
        out.push(b'[');
        for (at, turn) in self.conversation.turns.iter().enumerate() {
            out.extend_from_slice(if at > 0 { b",{\"role\":\"" } else { b"{\"role\":\"" });
            out.extend_from_slice(turn.role.as_bytes());
            out.extend_from_slice(b"\",\"content\":");
            write_content(out, &turn.blocks, marks);
            out.push(b'}');
        }
        out.push(b']');
    }

    /// How much is thought and which form the reply has: with what the client says of the output in
    /// the vendor's own words, which goes before what we make of the rest.
    fn write_thought(&self, out: &mut Vec<u8>, fields: &Fields<'_>, notes: &mut Notes) {
        if let Some(thinking) = &self.thought.json {
            schema::next(out, "thinking");
            out.extend_from_slice(thinking.as_bytes());
        }
        let own = fields.raw("output_config");
        let own = own.as_deref().and_then(|own| Members::of(own.get()));
        if own.is_none() && fields.says("output_config") {
            notes.unsaid("output_config");
        }
        let said = |name| own.as_ref().and_then(|own| own.get(name));
        if said("effort")
            .zip(self.thought.effort)
            .is_some_and(|(own, e)| own.trim_matches('"') != e)
        {
            notes.unsaid("reasoning_effort");
        }
        if said("format").is_some() && self.form.schema.is_some() {
            notes.unsaid("response_format");
        }
        let effort = self.thought.effort.filter(|_| said("effort").is_none());
        let schema = self.form.schema.as_ref().filter(|_| said("format").is_none());
        if own.is_none() && effort.is_none() && schema.is_none() {
            return;
        }
        schema::next(out, "output_config");
        out.push(b'{');
        for (name, value) in own.iter().flat_map(Members::iter) {
            schema::next(out, name);
            out.extend_from_slice(value.get().as_bytes());
        }
        if let Some(effort) = effort {
            schema::next(out, "effort");
            write_string(out, effort);
        }
        if let Some(schema) = schema {
            schema::next(out, "format");
            out.extend_from_slice(b"{\"type\":\"json_schema\",\"schema\":");
            out.extend_from_slice(schema.as_bytes());
            out.push(b'}');
        }
        out.push(b'}');
    }
}
