//! Brackets, and the end of the values that they are.

use super::{Field, JsonError, Kind, MAX_DEPTH, Scanner, State};

/// One more than the brackets that can be open, which is a power of two.
const LEVELS: usize = MAX_DEPTH as usize + 1;

/// A bool for each level: written and read in one instruction, unlike a bit of a long number.
pub(super) struct Objects([bool; LEVELS]);

impl Default for Objects {
    fn default() -> Self {
        Self([false; LEVELS])
    }
}

impl Scanner {
    #[inline(always)]
    pub(super) fn is_object(&self) -> bool {
        self.objects.0[self.depth as usize % LEVELS]
    }

    #[inline(always)]
    pub(super) fn open(&mut self, is_object: bool, i: usize) -> Result<usize, JsonError> {
        if self.depth == MAX_DEPTH {
            return self.refuse(i, Kind::TooDeep);
        }
        self.enter(is_object);
        self.state = if is_object { State::KeyOrEnd } else { State::ValueOrEnd };
        Ok(i + 1)
    }

    #[inline(always)]
    pub(super) fn enter(&mut self, is_object: bool) {
        self.depth += 1;
        self.objects.0[self.depth as usize % LEVELS] = is_object;
    }

    #[inline(always)]
    pub(super) fn close(&mut self, bytes: &[u8], end: usize) -> usize {
        self.depth -= 1;
        self.value_ended(bytes, end)
    }

    /// A value ended before `end`; where to go on.
    #[inline(always)]
    pub(super) fn value_ended(&mut self, bytes: &[u8], end: usize) -> usize {
        self.state = State::CommaOrEnd;
        if self.depth <= 1 {
            self.field_ended(end);
            return end;
        }
        if bytes.get(end) != Some(&b',') {
            return end;
        }
        self.state = if self.is_object() { State::Key } else { State::Value };
        end + 1
    }

    /// A value of the outermost object ended, or the object itself.
    #[inline(never)]
    pub(super) fn field_ended(&mut self, end: usize) {
        if self.depth == 0 {
            self.state = State::Done;
            return;
        }
        let value = self.value_start..self.at + end;
        self.fields.push(Field { key: self.key.clone(), value, unescaped: None });
    }
}
