//! The way through what stands inside the outermost object's values, where no field is noted.

use fearless_simd::Simd;

use super::{
    MAX_DEPTH, Scanner, State,
    piece::Piece,
    scalar::{whole_number, whole_word},
    text::whole_string,
};

impl Scanner {
    /// Goes on from member to member, as long as each is whole in this piece and right; where to go
    /// on with the one that is not, which is read part by part.
    ///
    /// Nearly all of a real request is passed over here. It is one loop because what it knows (that
    /// behind a comma in an object comes a name) need not be looked at again.
    ///
    /// It stands apart from the rest of the scan, with a look at the piece of its own, so that all it
    /// works with fits into registers.
    #[inline(never)]
    pub(super) fn nested<S: Simd>(&mut self, simd: S, bytes: &[u8], from: usize) -> usize {
        simd.vectorize(
            #[inline(always)]
            || self.members(&mut Piece::new(simd, bytes), from),
        )
    }

    #[inline(always)]
    fn members<S: Simd>(&mut self, piece: &mut Piece<'_, S>, from: usize) -> usize {
        let mut is_object = self.is_object();
        let mut may_end = match (self.state, is_object) {
            (State::Key, true) | (State::Value, false) => false,
            (State::KeyOrEnd, true) | (State::ValueOrEnd, false) => true,
            _ => return from,
        };
        let mut i = from;
        loop {
            let (at, byte) = piece.solid(i, b'"');
            let member = match is_object {
                true => self.field(piece, at, byte),
                false => self.item(piece, at, byte),
            };
            let end = match member {
                Ok(Member::Whole(end)) => end,
                Ok(Member::Opens(next)) => {
                    (i, is_object, may_end) = (next, self.is_object(), true);
                    continue;
                }
                Err(stop) if !may_end || stop != at => return stop,
                Err(stop) if byte == closing(is_object) => stop,
                Err(stop) => {
                    let state = if is_object { State::KeyOrEnd } else { State::ValueOrEnd };
                    return self.stop(state, stop);
                }
            };
            i = match self.behind(piece, end, &mut is_object) {
                Ok(next) => next,
                Err(stop) => return stop,
            };
            may_end = false;
        }
    }

    /// A member of an object.
    #[inline(always)]
    fn field<S: Simd>(
        &mut self,
        piece: &mut Piece<'_, S>,
        at: usize,
        byte: u8,
    ) -> Result<Member, usize> {
        if byte != b'"' {
            return Err(self.stop(State::Key, at));
        }
        let end = whole_string(piece, at + 1)
            .map_err(|stop| self.stop(State::Text { is_key: true }, stop))?;
        let (at, byte) = piece.solid(end, b':');
        if byte != b':' {
            return Err(self.stop(State::Colon, at));
        }
        let (at, byte) = piece.solid(at + 1, b'"');
        self.item(piece, at, byte)
    }

    /// A value: of an object's member, or an array's.
    #[inline(always)]
    fn item<S: Simd>(
        &mut self,
        piece: &mut Piece<'_, S>,
        at: usize,
        byte: u8,
    ) -> Result<Member, usize> {
        let end = match byte {
            b'"' => {
                return whole_string(piece, at + 1)
                    .map(Member::Whole)
                    .map_err(|stop| self.stop(State::Text { is_key: false }, stop));
            }
            b'{' | b'[' if self.depth < MAX_DEPTH => {
                self.enter(byte == b'{');
                return Ok(Member::Opens(at + 1));
            }
            b'-' | b'0'..=b'9' => whole_number(piece, at, byte),
            b't' | b'f' | b'n' => whole_word(piece.bytes(), at),
            _ => None,
        };
        end.map(Member::Whole).ok_or_else(|| self.stop(State::Value, at))
    }

    /// What stands behind a member: closing brackets, up to a comma; where the next one begins.
    #[inline(always)]
    fn behind<S: Simd>(
        &mut self,
        piece: &mut Piece<'_, S>,
        end: usize,
        is_object: &mut bool,
    ) -> Result<usize, usize> {
        let mut end = end;
        loop {
            let (at, byte) = piece.solid(end, b',');
            if byte == b',' {
                return Ok(at + 1);
            }
            if byte != closing(*is_object) {
                return Err(self.stop(State::CommaOrEnd, at));
            }
            end = at + 1;
            self.depth -= 1;
            if self.depth == 1 {
                return Err(self.value_ended(piece.bytes(), end));
            }
            *is_object = self.is_object();
        }
    }

    /// Leaves the rest to the scan part by part: what comes next, and where it does.
    #[inline(always)]
    fn stop(&mut self, state: State, i: usize) -> usize {
        self.state = state;
        i
    }
}

/// A member that was passed over: up to its end, or into its bracket.
enum Member {
    Whole(usize),
    Opens(usize),
}

#[inline(always)]
fn closing(is_object: bool) -> u8 {
    if is_object { b'}' } else { b']' }
}
