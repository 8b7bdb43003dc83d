//! nftables: a table of our own, replaced as a whole in one transaction, both families in one file.

use std::io;

use super::cidr::Family;
use super::dialect::{Dialect, DialectRequest, PacketFilter, WriteError};
use super::model::Protocol;
use super::page;
use crate::render::{self, Template};

/// The language of `nft -f`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Nft;

impl Dialect for Nft {
    fn name(&self) -> &'static str {
        "nft"
    }

    fn help(&self) -> &'static str {
        "nftables, for each node of a cluster: nft -f"
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
}

impl PacketFilter for Nft {
    fn file_extension(&self) -> &'static str {
        "nft"
    }

    fn families(&self) -> &[Family] {
        &Family::ALL
    }

    fn expresses(&self, protocol: Protocol) -> bool {
        match protocol {
            Protocol::Udp | Protocol::Tcp | Protocol::Icmp | Protocol::Icmpv6 | Protocol::Esp => {
                true
            }
        }
    }

    fn separator(&self) -> &'static str {
        ", "
    }

    fn names_lists(&self) -> bool {
        true
    }

    fn template(&self) -> &'static Template {
        &render::NFT
    }
}
