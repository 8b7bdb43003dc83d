//! The parser's errors in our words.

use serde_saphyr::granit_parser::ErrorKind;

pub(super) const TAB: &str = "a tab cannot indent YAML; use spaces";

pub(super) fn of(kind: &ErrorKind) -> &'static str {
    use ErrorKind as K;
    match kind {
        K::TabNotAllowed
        | K::TabInBlockIndentation
        | K::TabInIndentation
        | K::TabAtBlockScalarStart
        | K::TabInPlainScalar => TAB,
        K::InvalidIndentation
        | K::InvalidBlockScalarIndent
        | K::InvalidQuotedScalarIndent
        | K::InvalidFlowScalarIndent => "this line is not indented like its neighbours",
        K::UnclosedQuotedScalar | K::DocumentIndicatorInQuotedScalar => {
            "this quoted string is never closed"
        }
        K::InvalidTrailingSingleQuotedScalar | K::InvalidTrailingDoubleQuotedScalar => {
            "unexpected text after a quoted string"
        }
        K::UnknownQuotedScalarEscape
        | K::InvalidQuotedScalarHexEscape
        | K::InvalidLowSurrogateHexEscape
        | K::InvalidLowSurrogate
        | K::MissingLowSurrogate
        | K::UnpairedLowSurrogate
        | K::InvalidUnicodeEscape => "unknown escape in a double-quoted string",
        K::UnclosedFlowCollection { .. }
        | K::UnexpectedEofFlowSequence
        | K::UnexpectedEofFlowMapping
        | K::UnexpectedEofImplicitFlowMapping => "this bracket is never closed",
        K::MisplacedFlowCollectionEnd | K::MismatchedFlowCollectionEnd { .. } => {
            "this closing bracket has no opening one"
        }
        K::ExpectedFlowMappingSeparator => "expected `,` or `}`",
        K::ExpectedFlowSequenceSeparator => "expected `,` or `]`",
        K::ExpectedBlockMappingKey => "expected a key at this indentation",
        K::ExpectedBlockSequenceEntry => "expected `- ` at this indentation",
        K::SimpleKeyExpected | K::InvalidSimpleKey => "expected `:` after a key",
        K::MappingValueNotAllowed
        | K::MappingKeyNotAllowed
        | K::InvalidColonPlacement
        | K::FlowMappingValueAdjacentCollection
        | K::InvalidMappingValueWhitespace => {
            "a mapping cannot begin here; a value with `: ` in it needs quotes"
        }
        K::BlockEntryInFlowCollection
        | K::BlockSequenceEntryNotAllowed
        | K::InvalidBlockEntryWhitespace => "a list item cannot begin here",
        K::UnknownAnchor => "this alias names no anchor above it",
        K::MissingAnchorOrAliasName => "an anchor or alias needs a name",
        K::UnexpectedCharacter { .. } => "no value can begin with this character; quote it",
        K::BomInsideDocument => "a byte order mark inside the text",
        K::CommentInterceptedScalar | K::CommentNotSeparated => "a comment cannot stand here",
        K::ExpectedDocumentStart | K::InvalidDocumentEnd => {
            "unexpected text after the end of the document"
        }
        K::RecursionLimitExceeded => super::super::tree::TOO_DEEP,
        K::UndeclaredTagHandle => "this tag has an unknown prefix",
        K::ZeroBlockScalarIndent | K::InvalidBlockScalarHeader => {
            "unexpected text after `|` or `>`"
        }
        K::UnexpectedEof | K::UnexpectedEofBlockMapping | K::UnexpectedEofBlockSequence => {
            "the text ends too early"
        }
        _ => "this is not valid YAML",
    }
}
