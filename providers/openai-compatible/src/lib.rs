//! Every vendor that speaks OpenAI's wire, as a row of a table.
