//! What there is more and more of: for each series how to make a mesh of which size, and what is run.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Something that grows.
pub(crate) struct Series {
    pub(crate) name: &'static str,
    /// The smallest size that is measured; twice and four times as many are measured too.
    pub(crate) first: usize,
    pub(crate) arguments: &'static [&'static str],
    /// Writes mesh.yaml and what it names into a folder.
    pub(crate) make: fn(&Path, usize) -> Result<()>,
}

const VALIDATE: &[&str] = &["validate", "mesh.yaml", "--now", "2026-11-23T00:00:00Z"];
const JSON: &[&str] = &[
    "validate",
    "mesh.yaml",
    "--now",
    "2026-11-23T00:00:00Z",
    "--format",
    "json",
];
const RENDER: &[&str] = &["render", "mesh.yaml", "-o", "out"];

/// The series, in the order of the table.
pub(crate) const SERIES: &[Series] = &[
    series("podCIDRs of one cluster", 4_000, VALIDATE, pod_ranges),
    series(
        "podCIDRs of one cluster, rendered",
        4_000,
        RENDER,
        pod_ranges,
    ),
    series(
        "nodeCIDRs of one cluster, rendered",
        4_000,
        RENDER,
        node_ranges,
    ),
    series("nodes of one cluster, as iptables", 4_000, IPTABLES, nodes),
    series("nodes of one cluster, rendered", 4_000, RENDER, nodes),
    series(
        "current peers that mesh.yaml does not know",
        4_000,
        VALIDATE,
        unknown_peers,
    ),
    series("the same as JSON", 4_000, JSON, unknown_peers),
    series("the same, rendered", 4_000, RENDER, unknown_peers),
    series(
        "template hazards in one valuesBlock",
        8_000,
        VALIDATE,
        hazards,
    ),
    series("the same as JSON", 8_000, JSON, hazards),
    series("one key again and again", 8_000, VALIDATE, duplicate_keys),
    series("each key twice", 8_000, VALIDATE, keys_twice),
    series(
        "each key of a valuesBlock twice",
        8_000,
        VALIDATE,
        block_keys_twice,
    ),
    series("unknown keys", 8_000, VALIDATE, unknown_keys),
    series("unknown keys as JSON", 8_000, JSON, unknown_keys),
    series(
        "unknown keys of one letter less",
        8_000,
        VALIDATE,
        misspelt_keys,
    ),
    series("wrong types", 8_000, VALIDATE, wrong_types),
    series("invalid CIDRs", 8_000, VALIDATE, invalid_ranges),
    series("base64 words on one line", 16_000, VALIDATE, base64_words),
    series("letters of one word", 250_000, VALIDATE, one_word),
    series(
        "letters of an ignore's code",
        250_000,
        VALIDATE,
        ignore_code,
    ),
    series("entries of ignore", 4_000, VALIDATE, ignores),
    series("services", 4_000, RENDER, services),
    series("annotations", 4_000, RENDER, annotations),
    series(
        "clusters with the same pod range",
        127,
        VALIDATE,
        same_range,
    ),
    series("the same as JSON", 127, JSON, same_range),
    series(
        "clusters with the same node range",
        127,
        VALIDATE,
        same_nodes,
    ),
    series(
        "clusters with the same address",
        127,
        VALIDATE,
        same_address,
    ),
    series(
        "clusters with the same name and ID",
        127,
        VALIDATE,
        same_name,
    ),
    series("clusters without an address", 127, VALIDATE, no_address),
    series(
        "clusters without an address, rendered",
        127,
        RENDER,
        no_address,
    ),
    series("clusters beyond 511", 5_000, VALIDATE, no_address),
    series(
        "clusters with 100 pod ranges each",
        127,
        VALIDATE,
        hundred_ranges,
    ),
    series(
        "clusters with 100 pod ranges each, rendered",
        127,
        RENDER,
        hundred_ranges,
    ),
    series(
        "clusters of which each range is in one of the next",
        127,
        VALIDATE,
        hundred_overlaps,
    ),
    series(
        "clusters with 5,000 nodes dumped each",
        2,
        VALIDATE,
        dumped_nodes_each,
    ),
    series(
        "nodes of one cluster, dumped",
        1_250,
        VALIDATE,
        dumped_nodes,
    ),
    series(
        "nodes of one cluster, dumped, rendered",
        1_250,
        RENDER,
        dumped_nodes,
    ),
    series("MiB of a mesh file", 4, VALIDATE, mesh_of_mebibytes),
    series(
        "MiB of a mesh file that is one line",
        4,
        VALIDATE,
        mesh_of_one_line,
    ),
    series(
        "MiB of a mesh file of short keys",
        4,
        VALIDATE,
        mesh_of_short_keys,
    ),
    series(
        "MiB of a mesh file of short items",
        4,
        VALIDATE,
        mesh_of_short_items,
    ),
    series("MiB of a dump that is no dump", 4, VALIDATE, foreign_dump),
    series("MiB of a valuesBlock", 4, RENDER, values_of_mebibytes),
    series("MiB of values", 4, VALIDATE, plain_values_of_mebibytes),
    series("documents of a dump", 8_000, VALIDATE, documents),
    series("dump files", 2_000, VALIDATE, dump_files),
    series("levels of nesting", 250, VALIDATE, nesting),
    series("aliases of aliases", 10, VALIDATE, aliases),
    series("uses of an anchor", 8_000, VALIDATE, anchors),
];

const IPTABLES: &[&str] = &[
    "firewall",
    "mesh.yaml",
    "--format",
    "iptables",
    "--cluster",
    "cluster-2",
];

const fn series(
    name: &'static str,
    first: usize,
    arguments: &'static [&'static str],
    make: fn(&Path, usize) -> Result<()>,
) -> Series {
    Series {
        name,
        first,
        arguments,
        make,
    }
}

const HEAD: &str = "apiVersion: meshgen/v1\nmesh: growth\nmaxConnectedClusters: 511\n\
    defaults: {kkp: \"2.30.5\", cilium: 1.18.10, proxyMode: ebpf}\n";

/// A mesh of two clusters, of which the first has `more`, lines of YAML at its level.
fn two(folder: &Path, more: &str) -> Result<()> {
    two_below(folder, "", more)
}

/// The same with lines at the top.
fn two_below(folder: &Path, top: &str, more: &str) -> Result<()> {
    let text = format!(
        "{HEAD}{top}clusters:\n- name: cluster-1\n  id: 1\n{more}- name: cluster-2\n  id: 2\n  \
         podCIDRs: [10.1.0.0/16]\n  nodeCIDRs: [192.168.0.0/24]\n  apiserver: {{ips: [203.0.113.2]}}\n"
    );
    fs::write(folder.join("mesh.yaml"), text)?;
    Ok(())
}

const OWN: &str = "  podCIDRs: [10.2.0.0/16]\n  apiserver: {ips: [203.0.113.1]}\n";

/// The lines of a list, each item made of its number.
fn list(key: &str, size: usize, item: impl Fn(usize) -> String) -> String {
    let items = (0..size).map(|at| format!("  - {}\n", item(at)));
    format!("  {key}:\n{}", items.collect::<String>())
}

/// A range of 16 addresses.
fn sixteen(first: u8, at: usize) -> String {
    let address = u32::from(first) << 24 | u32::try_from(at << 4).unwrap_or_default();
    format!("{}/28", std::net::Ipv4Addr::from(address))
}

fn address(first: u8, at: usize) -> String {
    let address = u32::from(first) << 24 | u32::try_from(at + 1).unwrap_or_default();
    std::net::Ipv4Addr::from(address).to_string()
}

fn pod_ranges(folder: &Path, size: usize) -> Result<()> {
    let ranges = list("podCIDRs", size, |at| sixteen(11, at));
    two(
        folder,
        &format!("{ranges}  apiserver: {{ips: [203.0.113.1]}}\n"),
    )
}

fn node_ranges(folder: &Path, size: usize) -> Result<()> {
    let ranges = list("nodeCIDRs", size, |at| sixteen(11, at));
    two(folder, &format!("{ranges}{OWN}"))
}

fn nodes(folder: &Path, size: usize) -> Result<()> {
    let nodes = list("nodes", size, |at| address(11, at));
    two(folder, &format!("{nodes}{OWN}"))
}

/// A mesh of two clusters of which the first has this valuesBlock.
fn with_block(folder: &Path, block: &str) -> Result<()> {
    let indented = block.lines().map(|line| format!("    {line}\n"));
    let spec = format!("  valuesBlock: |\n{}", indented.collect::<String>());
    with_spec(folder, &spec)
}

fn with_spec(folder: &Path, spec: &str) -> Result<()> {
    let dumps = folder.join("dumps/cluster-1");
    fs::create_dir_all(&dumps)?;
    let object = format!(
        "apiVersion: apps.kubermatic.k8c.io/v1\nkind: ApplicationInstallation\nmetadata:\n  name: cilium\n  \
         namespace: kube-system\n  uid: 00000000-0000-4000-8000-000000000001\nspec:\n  \
         applicationRef: {{name: cilium, version: 1.18.10}}\n{spec}"
    );
    fs::write(dumps.join("cilium.applicationinstallation.yaml"), object)?;
    two(folder, OWN)
}

fn unknown_peers(folder: &Path, size: usize) -> Result<()> {
    let peers = (0..size).map(|at| {
        format!(
            "    - {{name: gone-{at}, ips: [\"{}\"], port: 2379}}\n",
            address(12, at)
        )
    });
    let block = format!(
        "clustermesh:\n  config:\n    enabled: true\n    clusters:\n{}",
        peers.collect::<String>()
    );
    with_block(folder, &block)
}

fn hazards(folder: &Path, size: usize) -> Result<()> {
    let lines = (0..size).map(|at| format!("key{at}: \"{{{{ .Mystery{at} }}}}\"\n"));
    with_block(folder, &lines.collect::<String>())
}

fn duplicate_keys(folder: &Path, size: usize) -> Result<()> {
    two_below(folder, &"authMode: legacy\n".repeat(size), OWN)
}

fn keys_twice(folder: &Path, size: usize) -> Result<()> {
    let lines = (0..size).map(|at| format!("key{}: 1\n", at % size.div_ceil(2)));
    two_below(folder, &lines.collect::<String>(), OWN)
}

fn block_keys_twice(folder: &Path, size: usize) -> Result<()> {
    let lines = (0..size).map(|at| format!("key{}: 1\n", at % size.div_ceil(2)));
    with_block(folder, &lines.collect::<String>())
}

fn unknown_keys(folder: &Path, size: usize) -> Result<()> {
    let lines = (0..size).map(|at| format!("unheard-of-{at}: 1\n"));
    two_below(folder, &lines.collect::<String>(), OWN)
}

fn misspelt_keys(folder: &Path, size: usize) -> Result<()> {
    let lines = (0..size).map(|at| format!("  podCIDR{at}: 1\n"));
    two(folder, &format!("{OWN}{}", lines.collect::<String>()))
}

fn wrong_types(folder: &Path, size: usize) -> Result<()> {
    let ranges = list("podCIDRs", size, |_| "{a: 1}".to_owned());
    two(folder, &ranges)
}

fn invalid_ranges(folder: &Path, size: usize) -> Result<()> {
    let ranges = list("podCIDRs", size, |at| format!("10.0.0.{at}/99"));
    two(folder, &ranges)
}

fn base64_words(folder: &Path, size: usize) -> Result<()> {
    let word = "aGVsbG8gd29ybGQgaGVsbG8gd29ybGQgaGVsbG8gd29ybGQK ";
    two_below(folder, &format!("unknown: {}\n", word.repeat(size)), OWN)
}

fn one_word(folder: &Path, size: usize) -> Result<()> {
    two_below(
        folder,
        &format!("unknown: {}\n", "aB3d".repeat(size / 4)),
        OWN,
    )
}

fn ignore_code(folder: &Path, size: usize) -> Result<()> {
    let code = "unknown-key".repeat(size / 11 + 1);
    let ignore = format!("ignore: [{{code: {code}, route: clusters, reason: why not}}]\n");
    two_below(folder, &ignore, OWN)
}

fn ignores(folder: &Path, size: usize) -> Result<()> {
    let entry = |at| {
        format!("- {{code: cidr-invalid, route: 'clusters[0].podCIDRs[{at}]', reason: known}}\n")
    };
    let ranges = list("podCIDRs", size, |at| format!("10.0.0.{at}/99"));
    let entries = (0..size).map(entry);
    two_below(
        folder,
        &format!("ignore:\n{}", entries.collect::<String>()),
        &ranges,
    )
}

fn services(folder: &Path, size: usize) -> Result<()> {
    let entry = |at| {
        format!(
            "- {{name: service-{at}, namespace: default, ports: [{{port: 80}}], selector: {{app: a}}}}\n"
        )
    };
    let entries = (0..size).map(entry);
    two_below(
        folder,
        &format!("services:\n{}", entries.collect::<String>()),
        OWN,
    )
}

fn annotations(folder: &Path, size: usize) -> Result<()> {
    let entries = (0..size).map(|at| format!("        example.com/a{at}: \"1\"\n"));
    let own = format!(
        "  podCIDRs: [10.2.0.0/16]\n  apiserver:\n    ips: [203.0.113.1]\n    service:\n      annotations:\n{}",
        entries.collect::<String>()
    );
    two(folder, &own)
}

/// A mesh of clusters, each of which has what is made of its number.
fn clusters(folder: &Path, size: usize, own: impl Fn(usize) -> String) -> Result<()> {
    let mut text = format!("{HEAD}clusters:\n");
    for id in 1..=size {
        writeln!(text, "- {{name: cluster-{id}, id: {id}, {}}}", own(id))?;
    }
    fs::write(folder.join("mesh.yaml"), text)?;
    Ok(())
}

fn ips(id: usize) -> String {
    format!("apiserver: {{ips: [203.0.{}.{}]}}", id / 256, id % 256)
}

fn same_range(folder: &Path, size: usize) -> Result<()> {
    clusters(folder, size, |id| {
        format!("podCIDRs: [172.25.0.0/16], {}", ips(id))
    })
}

fn same_nodes(folder: &Path, size: usize) -> Result<()> {
    clusters(folder, size, |id| {
        let pods = format!("10.{}.{}.0/24", id / 256, id % 256);
        format!(
            "podCIDRs: [{pods}], nodeCIDRs: [192.168.0.0/24], nodes: [192.168.0.1], {}",
            ips(id)
        )
    })
}

fn same_address(folder: &Path, size: usize) -> Result<()> {
    clusters(folder, size, |id| {
        let pods = format!("10.{}.{}.0/24", id / 256, id % 256);
        format!("podCIDRs: [{pods}], apiserver: {{ips: [203.0.113.1]}}")
    })
}

fn same_name(folder: &Path, size: usize) -> Result<()> {
    let mut text = format!("{HEAD}clusters:\n");
    for at in 1..=size {
        let pods = format!("10.{}.{}.0/24", at / 256, at % 256);
        writeln!(
            text,
            "- {{name: one, id: 1, podCIDRs: [{pods}], {}}}",
            ips(at)
        )?;
    }
    fs::write(folder.join("mesh.yaml"), text)?;
    Ok(())
}

fn no_address(folder: &Path, size: usize) -> Result<()> {
    clusters(folder, size, |id| {
        format!("podCIDRs: [10.{}.{}.0/24]", id / 256 % 256, id % 256)
    })
}

fn hundred_ranges(folder: &Path, size: usize) -> Result<()> {
    clusters(folder, size, |id| {
        let ranges = (0..100).map(|at| sixteen(11, id * 100 + at));
        format!(
            "podCIDRs: [{}], {}",
            ranges.collect::<Vec<_>>().join(", "),
            ips(id)
        )
    })
}

fn hundred_overlaps(folder: &Path, size: usize) -> Result<()> {
    clusters(folder, size, |id| {
        let ranges = (0..100).map(|at| sixteen(11, id + at));
        format!(
            "podCIDRs: [{}], {}",
            ranges.collect::<Vec<_>>().join(", "),
            ips(id)
        )
    })
}

/// A Node list as `kubectl get nodes -o yaml` prints it.
fn node_list(first: usize, size: usize) -> Result<String> {
    let mut text = "apiVersion: v1\nkind: List\nitems:\n".to_owned();
    for at in first..first + size {
        let internal = address(11, at);
        write!(
            text,
            "- apiVersion: v1\n  kind: Node\n  metadata:\n    name: node-{at}\n    uid: 00000000-0000-4000-8000-{at:012}\n    \
             labels:\n      kubernetes.io/hostname: node-{at}\n      kubernetes.io/os: linux\n      topology.kubernetes.io/zone: a\n    \
             annotations:\n      node.alpha.kubernetes.io/ttl: \"0\"\n  spec:\n    podCIDR: {pods}\n    podCIDRs:\n    - {pods}\n  status:\n    \
             addresses:\n    - address: {internal}\n      type: InternalIP\n    - address: node-{at}\n      type: Hostname\n    \
             conditions:\n    - lastHeartbeatTime: \"2026-11-23T00:00:00Z\"\n      message: kubelet is posting ready status\n      \
             reason: KubeletReady\n      status: \"True\"\n      type: Ready\n    nodeInfo:\n      architecture: amd64\n      \
             kernelVersion: 6.8.0\n      kubeletVersion: v1.33.1\n      operatingSystem: linux\n",
            pods = sixteen(13, at),
        )?;
    }
    Ok(text)
}

fn dumped_nodes(folder: &Path, size: usize) -> Result<()> {
    dump(folder, 1, "nodes.yaml", &node_list(0, size)?)?;
    two(folder, OWN)
}

fn dumped_nodes_each(folder: &Path, size: usize) -> Result<()> {
    for id in 1..=size {
        dump(folder, id, "nodes.yaml", &node_list(id * 5_000, 5_000)?)?;
    }
    clusters(folder, size, |id| {
        format!("podCIDRs: [10.{id}.0.0/16], {}", ips(id))
    })
}

fn dump(folder: &Path, id: usize, name: &str, text: &str) -> Result<()> {
    let dumps = folder.join(format!("dumps/cluster-{id}"));
    fs::create_dir_all(&dumps)?;
    fs::write(dumps.join(name), text)?;
    Ok(())
}

const MEBIBYTE: usize = 1 << 20;

/// Lines, as many as fit into so many MiB, each made of its number.
fn mebibytes(size: usize, line: impl Fn(usize) -> String) -> String {
    let mut text = String::with_capacity(size * MEBIBYTE);
    for at in 0.. {
        let next = line(at);
        if text.len() + next.len() > size * MEBIBYTE {
            break;
        }
        text += &next;
    }
    text
}

fn mesh_of_mebibytes(folder: &Path, size: usize) -> Result<()> {
    let ranges = mebibytes(size, |at| {
        format!(
            "  - {} # a range of sixteen addresses, number {at}\n",
            sixteen(11, at)
        )
    });
    two(
        folder,
        &format!("  podCIDRs:\n{ranges}  apiserver: {{ips: [203.0.113.1]}}\n"),
    )
}

fn mesh_of_one_line(folder: &Path, size: usize) -> Result<()> {
    let ranges = mebibytes(size, |at| format!("{}, ", sixteen(11, at)));
    two(
        folder,
        &format!("  podCIDRs: [{ranges}]\n  apiserver: {{ips: [203.0.113.1]}}\n"),
    )
}

fn mesh_of_short_keys(folder: &Path, size: usize) -> Result<()> {
    two_below(folder, &mebibytes(size, |at| format!("k{at}: 1\n")), OWN)
}

fn mesh_of_short_items(folder: &Path, size: usize) -> Result<()> {
    two_below(
        folder,
        &format!("x:\n{}", mebibytes(size, |_| "- 1\n".to_owned())),
        OWN,
    )
}

fn foreign_dump(folder: &Path, size: usize) -> Result<()> {
    dump(
        folder,
        1,
        "other.yaml",
        &mebibytes(size, |at| format!("key{at}: value\n")),
    )?;
    two(folder, OWN)
}

fn values_of_mebibytes(folder: &Path, size: usize) -> Result<()> {
    with_block(
        folder,
        &mebibytes(size, |at| {
            format!("key{at}:\n  enabled: true\n  name: value-{at}\n")
        }),
    )
}

fn plain_values_of_mebibytes(folder: &Path, size: usize) -> Result<()> {
    let lines = mebibytes(size, |at| {
        format!("    key{at}:\n      enabled: true\n      name: value-{at}\n")
    });
    with_spec(folder, &format!("  values:\n{lines}"))
}

fn documents(folder: &Path, size: usize) -> Result<()> {
    let one = |at| format!("---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: map-{at}}}\n");
    dump(
        folder,
        1,
        "all.yaml",
        &(0..size).map(one).collect::<String>(),
    )?;
    two(folder, OWN)
}

fn dump_files(folder: &Path, size: usize) -> Result<()> {
    for at in 0..size {
        let text = format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: map-{at}}}\n");
        dump(folder, 1, &format!("map-{at}.yaml"), &text)?;
    }
    two(folder, OWN)
}

fn nesting(folder: &Path, size: usize) -> Result<()> {
    let text = format!("unknown: {}1{}\n", "[".repeat(size), "]".repeat(size));
    two_below(folder, &text, OWN)
}

/// Each level names the one before ten times.
fn aliases(folder: &Path, size: usize) -> Result<()> {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..=size {
        let below = vec![format!("*a{}", level - 1); 10].join(", ");
        writeln!(text, "a{level}: &a{level} [{below}]")?;
    }
    two_below(folder, &text, OWN)
}

fn anchors(folder: &Path, size: usize) -> Result<()> {
    let text = format!(
        "unknown:\n- &one {{a: 1, b: 2}}\n{}",
        "- *one\n".repeat(size)
    );
    two_below(folder, &text, OWN)
}
