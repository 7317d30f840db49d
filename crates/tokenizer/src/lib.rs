//! Counts tokens by a vocabulary that is compiled in, where a vendor does not count them.
//!
//! ```
//! use ferro_tokenizer::VOCABULARIES;
//!
//! let vocabulary = VOCABULARIES.iter().find(|vocabulary| vocabulary.name == "o200k_base").unwrap();
//! let tokenizer = (vocabulary.open)();
//! assert_eq!(tokenizer.count("All human beings are born free"), 6);
//! ```
//!
//! # Limitations
//!
//! There is one vocabulary; models that have another have a fifth more tokens for a text, or fewer. It is read
//! when a configuration names it first, which takes some tenths of a second and thirty megabytes.

mod o200k;

pub use o200k::VOCABULARIES;
