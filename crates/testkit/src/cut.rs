//! Where a body is cut on its way: no cut may change what it says.

use bytes::Bytes;

use crate::Step;

/// The sizes in which a body is fed.
const SIZES: [usize; 5] = [1, 2, 3, 7, 64];

/// One way in which a body arrives.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cut {
    /// At once.
    Whole,
    /// In pieces of this size, each read alone.
    Every(usize),
    /// In pieces of this size, back to back.
    Burst(usize),
    /// In two pieces.
    At(usize),
}

impl Cut {
    /// Every way that is worth trying: set sizes, inside each character of several bytes, and around
    /// each line break. Of these, a share: one in `share.1`, from the `share.0`th on.
    pub(crate) fn ways(body: &[u8], share: (usize, usize)) -> Vec<Self> {
        let is_telling = |at: &usize| {
            let is_inside_a_character = body[*at] & 0xC0 == 0x80;
            let is_at_a_break = [at - 1, *at].iter().any(|at| matches!(body[*at], b'\n' | b'\r'));
            is_inside_a_character || is_at_a_break
        };
        let places = (1..body.len()).filter(is_telling).map(Self::At);
        let ways = SIZES.map(Self::Every).into_iter().chain([Self::Burst(7)]).chain(places);
        ways.skip(share.0).step_by(share.1).collect()
    }

    pub(crate) fn steps(self, body: &Bytes) -> Vec<Step> {
        let (size, pause) = match self {
            Self::Whole => return vec![Step::Piece(body.clone())],
            Self::At(at) => {
                let (first, second) = (body.slice(..at), body.slice(at..));
                return vec![Step::Piece(first), Step::Pause, Step::Piece(second)];
            }
            Self::Every(size) => (size, Some(Step::Pause)),
            Self::Burst(size) => (size, None),
        };
        let starts = (0..body.len()).step_by(size);
        let pieces = starts.map(|at| body.slice(at..body.len().min(at + size)));
        pieces.flat_map(|piece| [Some(Step::Piece(piece)), pause.clone()]).flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_feeds_every_byte() {
        let body = Bytes::from_static("data: é…𝄞\r\n\r\ndata: [DONE]\n\n".as_bytes());
        let ways = Cut::ways(&body, (0, 1));
        let inside = ways.iter().filter(|way| matches!(way, Cut::At(at) if body[*at] >= 0x80));
        assert_eq!(inside.count(), 1 + 2 + 3);
        for way in ways {
            let pieces = way.steps(&body).into_iter().filter_map(|step| match step {
                Step::Piece(bytes) => Some(bytes),
                _ => None,
            });
            assert_eq!(pieces.collect::<Vec<_>>().concat(), body, "{way:?}");
        }
    }
}
