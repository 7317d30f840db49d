//! The chunked transfer coding, read where it stands.

/// Where in a chunked body the reader is.
#[derive(Debug, Default)]
pub(crate) enum Chunked {
    /// Before the line that says a chunk's length.
    #[default]
    Size,
    /// In a chunk, with so many bytes left, its line break included.
    Data(usize),
    /// Behind the last chunk.
    Over,
}

const LINE_BREAK: usize = 2;

impl Chunked {
    /// Whether the body has ended.
    pub(crate) fn is_over(&self) -> bool {
        matches!(self, Self::Over)
    }

    /// Hands over the data in what has arrived; how many bytes were used.
    pub(crate) fn read(
        &mut self,
        bytes: &[u8],
        mut see: impl FnMut(&[u8]),
    ) -> Result<usize, String> {
        let mut at = 0;
        loop {
            let rest = &bytes[at..];
            match self {
                Self::Over => return Ok(at),
                Self::Size => {
                    let Some(end) = memchr::memchr(b'\n', rest) else { return Ok(at) };
                    let size = size(&rest[..end])?;
                    if size == 0 && rest.len() < end + 1 + LINE_BREAK {
                        return Ok(at);
                    }
                    at += end + 1;
                    if size == 0 {
                        at += LINE_BREAK;
                        *self = Self::Over;
                    } else {
                        *self = Self::Data(size + LINE_BREAK);
                    }
                }
                Self::Data(left) => {
                    let used = rest.len().min(*left);
                    let data = used.min(left.saturating_sub(LINE_BREAK));
                    if data > 0 {
                        see(&rest[..data]);
                    }
                    at += used;
                    *left -= used;
                    if *left > 0 {
                        return Ok(at);
                    }
                    *self = Self::Size;
                }
            }
        }
    }
}

fn size(line: &[u8]) -> Result<usize, String> {
    let digits = line.split(|byte| matches!(byte, b';' | b'\r' | b' ')).next().unwrap_or_default();
    let digits = std::str::from_utf8(digits).unwrap_or_default();
    usize::from_str_radix(digits, 16).map_err(|_| format!("`{digits}` is not a chunk's length"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_is_the_same_however_it_is_cut() {
        let body = b"5\r\nhello\r\n1;x=y\r\n \r\n5\r\nworld\r\n0\r\n\r\n";
        for cut in 1..body.len() {
            let (mut chunked, mut data, mut kept) = (Chunked::default(), Vec::new(), Vec::new());
            for piece in body.chunks(cut) {
                kept.extend_from_slice(piece);
                let used = chunked.read(&kept, |found| data.extend_from_slice(found)).unwrap();
                kept.drain(..used);
            }
            assert_eq!((data.as_slice(), chunked.is_over()), (&b"hello world"[..], true), "{cut}");
        }
        assert!(Chunked::default().read(b"zz\r\n", |_| ()).is_err());
    }
}
