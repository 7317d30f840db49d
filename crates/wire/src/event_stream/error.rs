//! What can be wrong with a frame.

/// A frame is not what its checksums, or the format, say.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FrameError {
    /// The checksum of the lengths is wrong: where the frame ends is not known.
    #[error(
        "the prelude's checksum is {said:08x}, but that of its lengths is {counted:08x}: this is no event-stream frame, or it was damaged"
    )]
    PreludeChecksum {
        /// What the frame says.
        said: u32,
        /// What it would be.
        counted: u32,
    },
    /// The checksum of the frame is wrong.
    #[error(
        "the frame's checksum is {said:08x}, but that of its bytes is {counted:08x}: it was damaged"
    )]
    MessageChecksum {
        /// What the frame says.
        said: u32,
        /// What it would be.
        counted: u32,
    },
    /// The frame says that it is shorter than its own lengths and checksums.
    #[error("the frame's length is {length}, and cannot be less than 16")]
    Length {
        /// What the frame says.
        length: usize,
    },
    /// The headers say that they are longer than the frame.
    #[error("the headers' length is {headers}, and the frame has room for {room}")]
    HeadersLength {
        /// What the frame says.
        headers: usize,
        /// What there is room for.
        room: usize,
    },
    /// The bytes end inside the frame.
    #[error("the frame ends after {there} bytes of {}", .length.map_or_else(|| "its prelude".to_owned(), |length| length.to_string()))]
    Incomplete {
        /// How many bytes are there.
        there: usize,
        /// How many the frame says that it has, if so much of it is there.
        length: Option<usize>,
    },
    /// A header's name is empty, cut short or not UTF-8.
    #[error("the name of header {index} is {problem}")]
    HeaderName {
        /// Which header, from 0.
        index: usize,
        /// What its name is.
        problem: &'static str,
    },
    /// A header's value is of a kind that does not exist.
    #[error("the header `{name}` has a value of kind {kind}, and there are 0 to 9")]
    HeaderKind {
        /// The header's name.
        name: String,
        /// The kind.
        kind: u8,
    },
    /// A header's value is cut short or not UTF-8.
    #[error("the value of the header `{name}` is {problem}")]
    HeaderValue {
        /// The header's name.
        name: String,
        /// What its value is.
        problem: &'static str,
    },
}
