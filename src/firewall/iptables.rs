//! iptables and ip6tables: the same language for one family each, and one chain of our own.

use std::io;

use super::cidr::Family;
use super::dialect::{Dialect, DialectRequest, PacketFilter, WriteError};
use super::model::Protocol;
use super::openings::many_rules_remark;
use super::page;
use crate::render::{self, Template};

/// The language of `iptables-restore --noflush`, for one family.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Iptables {
    /// The program, which also is the dialect's name and the files' extension.
    program: &'static str,
    help: &'static str,
    families: [Family; 1],
}

/// For IPv4.
pub(crate) static IPTABLES: Iptables = Iptables {
    program: "iptables",
    help: "iptables, for each node of a cluster: iptables-restore --noflush",
    families: [Family::V4],
};

/// For IPv6.
pub(crate) static IP6TABLES: Iptables = Iptables {
    program: "ip6tables",
    help: "ip6tables, the same for IPv6",
    families: [Family::V6],
};

/// `iptables-restore` refuses a parameter of more than 1023 bytes ("Parameter too long", seen with 1.8.9). The longest IPv6
/// range has 43 characters; twenty of them and their commas have 879.
const LONGEST_LIST: usize = 20;

impl Dialect for Iptables {
    fn name(&self) -> &'static str {
        self.program
    }

    fn help(&self) -> &'static str {
        self.help
    }

    fn packet_filter(&self) -> Option<&dyn PacketFilter> {
        Some(self)
    }

    fn write(
        &self,
        request: &DialectRequest<'_>,
        out: &mut dyn io::Write,
    ) -> Result<(), WriteError> {
        page::write(self, request, out)
    }

    fn remarks(&self, request: &DialectRequest<'_>) -> Vec<String> {
        let many = many_rules_remark(request.plan, request.permits(), &self.families);
        many.into_iter().collect()
    }
}

impl PacketFilter for Iptables {
    fn file_extension(&self) -> &'static str {
        self.program
    }

    fn families(&self) -> &[Family] {
        &self.families
    }

    fn expresses(&self, protocol: Protocol) -> bool {
        self.families
            .iter()
            .all(|family| protocol.exists_in(*family))
    }

    fn longest_list(&self) -> usize {
        LONGEST_LIST
    }

    fn separator(&self) -> &'static str {
        ","
    }

    fn template(&self) -> &'static Template {
        &render::IPTABLES
    }
}
