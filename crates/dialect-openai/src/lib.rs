//! OpenAI's wire, and what vendors that speak it do differently.
