//! What steps.sh has left to restart in a cluster: it notes a restart before it sends the patch that makes it due, and
//! strikes it off when it has ended. The note stands in the file `.due` of the cluster's dumps.

/// What can be due for a restart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DueRestart {
    /// Cilium's operator.
    Operator,
    /// The agents.
    Agents,
    /// Workloads with pods of an old identity.
    Workloads,
    /// clustermesh-apiserver.
    Apiserver,
}

impl DueRestart {
    /// All of them, in the order in which they are done.
    pub const ALL: [Self; 4] = [
        Self::Operator,
        Self::Agents,
        Self::Workloads,
        Self::Apiserver,
    ];

    /// As `.due` and `kubectl rollout` name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Operator => "deployment/cilium-operator",
            Self::Agents => "daemonset/cilium",
            Self::Workloads => "workloads",
            Self::Apiserver => "deployment/clustermesh-apiserver",
        }
    }
}

/// The restarts that are noted for a cluster, each with the generation that the ApplicationInstallation had before
/// the patch which makes it due.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Due(Vec<(DueRestart, i64)>);

impl Due {
    /// Reads `.due`: a line for each restart, of its name, the `restartedAt` of the workload then, and the generation.
    /// A line that meshgen does not know is passed over.
    pub fn read(text: &str) -> Self {
        let line = |line: &str| {
            let mut words = line.split_ascii_whitespace();
            let name = words.next()?;
            let what = DueRestart::ALL.into_iter().find(|one| one.name() == name)?;
            let generation = words.nth(1).and_then(|word| word.parse().ok());
            Some((what, generation.unwrap_or_default()))
        };
        let mut all: Vec<_> = text.lines().filter_map(line).collect();
        all.sort_unstable();
        Self(all)
    }

    /// Whether nothing is noted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a restart is noted, whether or not its patch was accepted.
    pub fn holds(&self, restart: DueRestart) -> bool {
        self.0.iter().any(|(one, _)| *one == restart)
    }

    /// The restarts whose patch is in place: the object's generation is a later one now. With `all`, every restart.
    pub fn counting(&self, generation: Option<i64>, all: bool) -> Vec<DueRestart> {
        let counts = |then: i64| all || generation.is_some_and(|now| now > then);
        let due = self.0.iter().filter(|(_, then)| counts(*then));
        due.map(|(restart, _)| *restart).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_restart_counts_once_its_patch_is_in_place() {
        let due = Due::read(
            "# what is left\nworkloads - 4\ndeployment/cilium-operator 2026-11-23T00:00:00Z 4\nrm -rf\n",
        );
        assert_eq!(due.counting(Some(4), false), []);
        let all = [DueRestart::Operator, DueRestart::Workloads];
        assert_eq!(due.counting(Some(5), false), all);
        assert_eq!(due.counting(None, true), all);
        assert!(due.holds(DueRestart::Workloads) && !due.holds(DueRestart::Agents));
    }
}
