//! Tests of the module as a whole.

mod line_index;
