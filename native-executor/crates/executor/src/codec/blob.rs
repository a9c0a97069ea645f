//! What describes an item of a library in the library's file, so that a tool finds it without running the library.
//!
//! Each item has one blob in the section `.lbmeta` (on macOS `__DATA,__lbmeta`): [`MAGIC`], the length of the text as
//! 32 bits, and the text. The text's first line is the item as it is compared at load, such as
//! `record Item{sku:string,quantity:u32}`; lines of documentation follow, such as `doc sku\tHow it is ordered.`

use super::text::Text;
use super::value::ValueType;

const MAGIC: &[u8] = b"LBM1";
const HEADER: usize = MAGIC.len() + size_of::<u32>();

/// A part of a blob's text: what the attribute knows, or a type, whose name only the compiler knows.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub enum Piece {
    Text(&'static str),
    Type(ValueType),
    /// The crate of a path that `module_path!` gave.
    CrateOf(&'static str),
    /// A number, as 16 hexadecimal digits.
    Hex(u64),
}

impl Piece {
    const fn write(&self, to: &mut Text<'_>) {
        match self {
            Piece::Text(text) => to.put(text),
            Piece::Type(of) => of.write(to),
            Piece::CrateOf(path) => {
                let path = path.as_bytes();
                let mut end = 0;
                while end < path.len() && path[end] != b':' {
                    end += 1;
                }
                to.put_bytes(path.split_at(end).0);
            }
            Piece::Hex(number) => {
                let mut digits = [0; 16];
                let mut place = 0;
                while place < digits.len() {
                    let digit = (*number >> (60 - 4 * place)) & 15;
                    digits[place] = b"0123456789abcdef"[digit as usize];
                    place += 1;
                }
                to.put_bytes(&digits);
            }
        }
    }
}

const fn write_all(pieces: &[Piece], to: &mut Text<'_>) {
    let mut place = 0;
    while place < pieces.len() {
        pieces[place].write(to);
        place += 1;
    }
}

/// Returns the length of the blob with this text.
#[doc(hidden)]
pub const fn blob_length(pieces: &[Piece]) -> usize {
    let mut text = Text::measuring();
    write_all(pieces, &mut text);
    HEADER + text.length()
}

/// Returns the blob with this text; `N` is its [`blob_length`].
#[doc(hidden)]
pub const fn blob<const N: usize>(pieces: &[Piece]) -> [u8; N] {
    let mut bytes = [0; N];
    let mut to = Text::into(&mut bytes);
    to.put_bytes(MAGIC);
    to.put_bytes(&((N - HEADER) as u32).to_le_bytes());
    write_all(pieces, &mut to);
    bytes
}

/// Returns the first line of a blob's text.
pub(crate) fn line_of(blob: &'static [u8]) -> &'static str {
    let text = blob.get(HEADER..).unwrap_or_default();
    let line = text.split(|byte| *byte == b'\n').next();
    std::str::from_utf8(line.unwrap_or_default()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIECES: &[Piece] = &[
        Piece::Text("record A{b:"),
        Piece::Type(ValueType::List(&ValueType::Optional(&ValueType::Named(
            "C",
        )))),
        Piece::Text("}\ndoc b\tSeveral."),
    ];
    static BLOB: [u8; blob_length(PIECES)] = blob(PIECES);

    #[test]
    fn a_blob_is_its_length_and_its_text() {
        let text = "record A{b:list<#C?>}\ndoc b\tSeveral.";
        assert_eq!(BLOB[..4], *b"LBM1");
        assert_eq!(BLOB[4..8], (text.len() as u32).to_le_bytes());
        assert_eq!(&BLOB[8..], text.as_bytes());
        assert_eq!(line_of(&BLOB), "record A{b:list<#C?>}");
    }

    #[test]
    fn a_library_is_named_by_its_crate() {
        const PIECES: &[Piece] = &[
            Piece::CrateOf("orders::data"),
            Piece::Hex(0xfe0),
            Piece::CrateOf("a"),
        ];
        let bytes: [u8; blob_length(PIECES)] = blob(PIECES);
        assert_eq!(&bytes[8..], b"orders0000000000000fe0a");
    }
}
