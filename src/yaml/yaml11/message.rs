//! Why a text is refused. Where the parser of YAML 1.2 refuses it too, its message is shown instead of these.

pub(super) const CONTROL: &str = "a control character cannot stand in YAML; write it as an escape";
pub(super) const MARKS: &str = "a second byte order mark at the beginning";
pub(super) const TOKEN: &str =
    "no value can begin with this character, and a tab cannot stand here";
pub(super) const COLON: &str = "expected `:` after a key";
pub(super) const ENTRY: &str = "a list item cannot begin here";
pub(super) const KEY: &str = "a key cannot begin here";
pub(super) const VALUE: &str = "a mapping cannot begin here; a value with `: ` in it needs quotes";
pub(super) const DIRECTIVE: &str = "this directive is none that KKP reads";
pub(super) const NAME: &str =
    "the name of an anchor or alias can only hold letters of ASCII, digits, `_` and `-`";
pub(super) const TAG: &str = "this tag cannot be read";
pub(super) const HANDLE: &str = "this tag has an unknown prefix";
pub(super) const HEADER: &str = "unexpected text after `|` or `>`";
pub(super) const TAB: &str = "a tab cannot indent YAML; use spaces";
pub(super) const ESCAPE: &str = "unknown escape in a double-quoted string";
pub(super) const QUOTE: &str = "this quoted string is never closed";
pub(super) const START: &str = "unexpected text after the end of the document";
pub(super) const VERSION: &str = "KKP reads YAML 1.1 only, and refuses another version";
pub(super) const CONTENT: &str = "expected a value";
pub(super) const DASH: &str = "expected `- ` at this indentation";
pub(super) const BLOCK_KEY: &str = "expected a key at this indentation";
pub(super) const BRACKET: &str = "expected `,` or `]`";
pub(super) const BRACE: &str = "expected `,` or `}`";
pub(super) const ANCHOR: &str = "this alias names no anchor above it";
