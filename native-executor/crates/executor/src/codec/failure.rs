//! How an error or a panic is encoded for Java.

/// The most bytes of one text of a failure; a longer one is cut. The limit on payloads is for results, so that an error
/// needs a limit of its own.
const MAX_TEXT_BYTES: usize = 64 * 1024;

/// The texts of an error or a panic, as Java shows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) type_name: String,
    pub(crate) message: String,
    /// `file:line:column`, or empty.
    pub(crate) location: String,
    /// The causes, outermost first.
    pub(crate) causes: Vec<String>,
}

impl Failure {
    pub(crate) fn of_panic(message: impl Into<String>, location: impl Into<String>) -> Failure {
        Failure {
            type_name: "panic".to_owned(),
            message: message.into(),
            location: location.into(),
            causes: Vec::new(),
        }
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        put_text(&mut out, &self.type_name);
        put_text(&mut out, &self.message);
        put_text(&mut out, &self.location);
        out.extend_from_slice(&(self.causes.len() as u32).to_le_bytes());
        for cause in &self.causes {
            put_text(&mut out, cause);
        }
        out
    }

    /// Decodes what was encoded, for use in Rust.
    pub(crate) fn decode(encoded: &[u8]) -> Option<Failure> {
        let (type_name, rest) = take_text(encoded)?;
        let (message, rest) = take_text(rest)?;
        let (location, rest) = take_text(rest)?;
        let (count, mut rest) = take_number(rest)?;
        let mut causes = Vec::new();
        for _ in 0..count {
            let (cause, after) = take_text(rest)?;
            causes.push(cause);
            rest = after;
        }
        Some(Failure {
            type_name,
            message,
            location,
            causes,
        })
    }
}

/// Returns the first text and the bytes that follow it.
fn take_text(from: &[u8]) -> Option<(String, &[u8])> {
    let (length, rest) = take_number(from)?;
    let (text, rest) = rest.split_at_checked(length)?;
    Some((String::from_utf8_lossy(text).into_owned(), rest))
}

fn take_number(from: &[u8]) -> Option<(usize, &[u8])> {
    let (number, rest) = from.split_first_chunk()?;
    Some((u32::from_le_bytes(*number) as usize, rest))
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    let mut end = text.len().min(MAX_TEXT_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    out.extend_from_slice(&(end as u32).to_le_bytes());
    out.extend_from_slice(&text.as_bytes()[..end]);
}
