//! Who may call: keys, held in memory.
