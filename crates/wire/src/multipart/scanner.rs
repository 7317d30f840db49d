//! A form as it arrives.

use memchr::memmem::find;

use super::{Boundary, FormError, Part, head};

/// The longest head of a part.
const MOST_HEAD: usize = 8 << 10;
/// The most parts.
const MOST_PARTS: usize = 256;
/// The most bytes of values that are text, all together.
const MOST_TEXT: usize = 1 << 20;

/// Finds the parts of a form, however its body is cut on the way.
///
/// ```
/// use ferro_wire::multipart::{Boundary, Scanner};
///
/// let body = b"--x\r\ncontent-disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n--x--\r\n";
/// let mut scanner = Scanner::new(Boundary::of("multipart/form-data; boundary=x")?);
/// body.chunks(7).try_for_each(|piece| scanner.push(piece))?;
/// let [model] = scanner.end()? else { panic!("one part") };
/// assert_eq!((model.name.as_str(), model.value.as_slice()), ("model", b"whisper-1".as_slice()));
/// assert_eq!(&body[53..62], b"whisper-1");
/// assert_eq!(model.place, 53..62);
/// # Ok::<(), ferro_wire::multipart::FormError>(())
/// ```
#[derive(Debug)]
pub struct Scanner {
    boundary: Boundary,
    state: State,
    /// What has arrived and is not understood yet.
    window: Vec<u8>,
    /// Where in the body the window begins.
    at: u64,
    parts: Vec<Part>,
    /// How many bytes of text are kept.
    text: usize,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum State {
    /// Before the first boundary.
    Start,
    /// In the head of a part.
    Head,
    /// In the value of the last part.
    Value,
    /// Right behind a boundary, where it is told whether another part follows.
    Boundary,
    /// Behind the last boundary.
    End,
}

/// Whether there is more to be understood, or more has to arrive before.
enum Step {
    Further,
    Wait,
}

impl Scanner {
    /// A scanner at the beginning of a form.
    pub fn new(boundary: Boundary) -> Self {
        let (state, window, parts) = (State::Start, Vec::new(), Vec::new());
        Self { boundary, state, window, at: 0, parts, text: 0 }
    }

    /// What stands between the parts.
    pub fn boundary(&self) -> &Boundary {
        &self.boundary
    }

    /// The parts whose beginnings have arrived.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Takes in what has arrived.
    ///
    /// # Errors
    ///
    /// What is wrong with the form. The scanner is of no use after that.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), FormError> {
        self.window.extend_from_slice(bytes);
        loop {
            let step = match self.state {
                State::Start => self.start()?,
                State::Head => self.head()?,
                State::Value => self.value()?,
                State::Boundary => self.behind()?,
                State::End => self.rest()?,
            };
            if matches!(step, Step::Wait) {
                return Ok(());
            }
        }
    }

    /// The parts, now that all has arrived.
    ///
    /// # Errors
    ///
    /// [`FormError::Cut`] where the last boundary has not.
    pub fn end(&self) -> Result<&[Part], FormError> {
        if self.state == State::End { Ok(&self.parts) } else { Err(FormError::Cut) }
    }

    /// The first boundary, behind an empty line at most.
    fn start(&mut self) -> Result<Step, FormError> {
        let blank = if self.window.starts_with(b"\r") { 2 } else { 0 };
        let expected = [&b"\r\n"[..blank], self.boundary.dashed()].concat();
        let length = self.window.len().min(expected.len());
        if self.window[..length] != expected[..length] {
            return Err(FormError::Beginning);
        }
        if length < expected.len() {
            return Ok(Step::Wait);
        }
        self.pass(length);
        self.state = State::Boundary;
        Ok(Step::Further)
    }

    /// What stands behind a boundary.
    fn behind(&mut self) -> Result<Step, FormError> {
        self.state = match self.window.get(..2) {
            None => return Ok(Step::Wait),
            Some(b"\r\n") => State::Head,
            Some(b"--") => State::End,
            Some(_) => return Err(FormError::Boundary("more stands behind it")),
        };
        self.pass(2);
        Ok(Step::Further)
    }

    fn head(&mut self) -> Result<Step, FormError> {
        let number = self.parts.len() + 1;
        let Some(end) = find(&self.window, b"\r\n\r\n").filter(|end| *end <= MOST_HEAD) else {
            let is_too_long = self.window.len() > MOST_HEAD + 4;
            let too_long = Err(FormError::Head(number, "its head is too long"));
            return if is_too_long { too_long } else { Ok(Step::Wait) };
        };
        if number > MOST_PARTS {
            return Err(FormError::TooMuch("it has more than 256 parts"));
        }
        let said = head::read(&self.window[..end]).map_err(|why| FormError::Head(number, why))?;
        self.pass(end + 4);
        let head::Head { name, is_file } = said;
        let place = self.at..self.at;
        self.parts.push(Part { name, is_file, place, is_whole: false, value: Vec::new() });
        self.state = State::Value;
        Ok(Step::Further)
    }

    /// Looks for the boundary that ends a value. It ends a line, so what was passed never holds the
    /// line's end before it.
    fn value(&mut self) -> Result<Step, FormError> {
        let mut from = 0;
        while let Some(found) = self.boundary.find(&self.window[from..]).map(|at| from + at) {
            let is_first = self.part().place.start == self.at && found == 0;
            match &self.window[..found] {
                [.., b'\r', b'\n'] => {
                    self.keep(found - 2)?;
                    self.part().is_whole = true;
                    self.pass(2 + self.boundary.dashed().len());
                    self.state = State::Boundary;
                    return Ok(Step::Further);
                }
                [.., b'\r' | b'\n'] => {
                    return Err(FormError::Boundary("half a line's end stands before it"));
                }
                _ if is_first => {
                    return Err(FormError::Boundary("it stands right behind a part's head"));
                }
                _ => from = found + 1,
            }
        }
        // The line's end, and all of a boundary but its last byte.
        let unsure = 2 + self.boundary.dashed().len() - 1;
        self.keep(self.window.len().saturating_sub(unsure))?;
        Ok(Step::Wait)
    }

    fn rest(&mut self) -> Result<Step, FormError> {
        if !self.window.iter().all(u8::is_ascii_whitespace) {
            return Err(FormError::Behind);
        }
        self.pass(self.window.len());
        Ok(Step::Wait)
    }

    fn part(&mut self) -> &mut Part {
        self.parts.last_mut().expect("a value stands behind a head")
    }

    /// So many bytes belong to the last part.
    fn keep(&mut self, length: usize) -> Result<(), FormError> {
        let part = self.parts.last_mut().expect("a value stands behind a head");
        if !part.is_file {
            self.text += length;
            if self.text > MOST_TEXT {
                return Err(FormError::TooMuch("its texts are longer than a mebibyte"));
            }
            part.value.extend_from_slice(&self.window[..length]);
        }
        self.pass(length);
        self.part().place.end = self.at;
        Ok(())
    }

    fn pass(&mut self, length: usize) {
        self.window.drain(..length);
        self.at += length as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_understood_yet_is_little() {
        let mut scanner = Scanner::new(Boundary::of("multipart/form-data; boundary=x-1").unwrap());
        let head = "--x-1\r\ncontent-disposition: form-data; name=a; filename=f\r\n\r\n";
        scanner.push(head.as_bytes()).unwrap();
        for _ in 0..100 {
            scanner.push(&[b'-'; 1000]).unwrap();
            assert!(scanner.window.len() <= 8 && scanner.window.capacity() < 4096);
        }
    }
}
