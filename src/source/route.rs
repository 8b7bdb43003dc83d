//! Routes: how every stage names a place in a document without knowing its text.

use std::fmt;

/// One step of a [`Route`]: into a mapping by key, or into a list by index (from 0).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RouteStep {
    /// The value under this key.
    Key(String),
    /// The item at this index, from 0.
    Index(usize),
}

/// The way from the top of a document to one value: `clusters[1].podCIDRs[0]`.
///
/// Rules speak in routes; only [`crate::source`] turns them into bytes, lines and columns.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Route(Vec<RouteStep>);

impl Route {
    /// The top of a document.
    pub fn root() -> Self {
        Self::default()
    }

    /// This route, one key further.
    #[must_use]
    pub fn key(&self, key: impl Into<String>) -> Self {
        self.step(RouteStep::Key(key.into()))
    }

    /// This route, one list index further.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.step(RouteStep::Index(index))
    }

    /// This route followed by a dotted path of plain keys, such as `spec.values`.
    #[must_use]
    pub fn dotted(&self, path: &str) -> Self {
        let mut route = self.clone();
        let keys = path.split('.').filter(|key| !key.is_empty());
        route
            .0
            .extend(keys.map(|key| RouteStep::Key(key.to_owned())));
        route
    }

    /// This route followed by steps.
    #[must_use]
    pub fn below(&self, steps: &[RouteStep]) -> Self {
        let mut route = self.clone();
        route.0.extend_from_slice(steps);
        route
    }

    /// The route of the value that holds this one; the root holds itself.
    #[must_use]
    pub fn parent(&self) -> Self {
        let end = self.0.len().saturating_sub(1);
        Self(self.0[..end].to_vec())
    }

    /// The steps, from the top.
    pub fn steps(&self) -> &[RouteStep] {
        &self.0
    }

    /// Whether `self` is `other` or lies inside it.
    pub fn is_within(&self, other: &Route) -> bool {
        self.0.starts_with(&other.0)
    }

    fn step(&self, step: RouteStep) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            match step {
                RouteStep::Index(index) => write!(f, "[{index}]")?,
                RouteStep::Key(key) if is_plain(key) => {
                    let dot = if position == 0 { "" } else { "." };
                    write!(f, "{dot}{key}")?;
                }
                RouteStep::Key(key) => write!(f, "[{key:?}]")?,
            }
        }
        Ok(())
    }
}

/// Keys that need no quotes in a route: no dot, bracket or quote that could be read as a step.
fn is_plain(key: &str) -> bool {
    !key.is_empty()
        && key
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_reads_like_the_path_a_person_would_write() {
        let route = Route::root()
            .key("clusters")
            .index(1)
            .key("podCIDRs")
            .index(0);
        assert_eq!(route.to_string(), "clusters[1].podCIDRs[0]");
        assert_eq!(
            Route::root().dotted("data").key("ca.crt").to_string(),
            "data[\"ca.crt\"]"
        );
        assert_eq!(Route::root().to_string(), "");
    }

    #[test]
    fn a_route_lies_within_its_parents_and_itself() {
        let list = Route::root().key("clusters");
        let item = list.index(3);
        assert!(item.is_within(&list) && item.is_within(&item));
        assert!(!list.is_within(&item));
        assert_eq!(item.parent(), list);
    }
}
