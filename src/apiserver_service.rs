//! The Service `clustermesh-apiserver` as it will be once the patch is applied: what mesh.yaml says of it,
//! else what the current values hold, as far as the chart reads it. Rules ask here.

use std::net::IpAddr;

use serde_json::Value;

use crate::model::{Cluster, Fact, ServiceType};
use crate::profile::service::{ADDRESS_ANNOTATIONS, SOURCE_RANGES_ANNOTATION};
use crate::source::{Place, Route};

/// Where the values keep it.
const SERVICE: &str = "clustermesh.apiserver.service";

/// An annotation of the Service.
pub(crate) struct Annotation<'c> {
    pub(crate) key: &'c str,
    /// Its text; `None` where the values hold something else than a text.
    pub(crate) text: Option<&'c str>,
    pub(crate) place: Place,
}

/// The annotations: those of mesh.yaml stand in place of the Service's own, the values' `clustermesh.annotations` beside them.
pub(crate) fn annotations(cluster: &Cluster) -> Vec<Annotation<'_>> {
    let mut all = held_annotations(cluster, "clustermesh.annotations");
    match &cluster.apiserver.annotations {
        Some(typed) => all.extend(typed.value.iter().map(|(key, text)| Annotation {
            key,
            text: Some(text),
            place: typed.place.key(key),
        })),
        None => all.extend(held_annotations(cluster, &format!("{SERVICE}.annotations"))),
    }
    all
}

fn held_annotations<'c>(cluster: &'c Cluster, path: &str) -> Vec<Annotation<'c>> {
    let Some(current) = &cluster.current else {
        return Vec::new();
    };
    let route = Route::root().dotted(path);
    let held = cluster.current_value(path).and_then(Value::as_object);
    let held = held.into_iter().flatten();
    held.map(|(key, value)| Annotation {
        key,
        text: value.as_str(),
        place: current.place_at(route.key(key).steps()),
    })
    .collect()
}

/// The class of the load balancer, where the Service is one and the chart passes the class on.
pub(crate) fn load_balancer_class(cluster: &Cluster) -> Option<Fact<String>> {
    if !is_load_balancer(cluster) || !cluster.chart()?.load_balancer_class {
        return None;
    }
    let typed = cluster.apiserver.load_balancer_class.clone();
    typed
        .or_else(|| held_text(cluster, "loadBalancerClass"))
        .filter(|class| !class.value.is_empty())
}

/// The ranges that the load balancer lets in, as written; `None` where it lets everybody in.
pub(crate) fn source_ranges(cluster: &Cluster) -> Option<Fact<Vec<String>>> {
    if !is_load_balancer(cluster) {
        return None;
    }
    let held = || {
        let (value, place) = held(cluster, "loadBalancerSourceRanges")?;
        let ranges = value.as_array()?.iter().filter_map(Value::as_str);
        Some(Fact::new(ranges.map(str::to_owned).collect(), place))
    };
    let typed = cluster.apiserver.load_balancer_source_ranges.clone();
    let is_read = cluster.chart()?.load_balancer_source_ranges;
    typed
        .or_else(held)
        .filter(|ranges: &Fact<Vec<String>>| is_read && !ranges.value.is_empty())
        .or_else(|| annotated_ranges(cluster))
}

fn annotated_ranges(cluster: &Cluster) -> Option<Fact<Vec<String>>> {
    let mut all = annotations(cluster).into_iter();
    let annotation = all.find(|annotation| annotation.key == SOURCE_RANGES_ANNOTATION)?;
    let ranges = annotation
        .text?
        .split(',')
        .map(|range| range.trim().to_owned());
    let ranges: Vec<String> = ranges.filter(|range| !range.is_empty()).collect();
    (!ranges.is_empty()).then(|| Fact::new(ranges, annotation.place))
}

/// What makes the Service ask that a client stays with one replica, if anything does.
pub(crate) fn session_affinity(cluster: &Cluster) -> Option<Place> {
    if !cluster.chart()?.session_affinity {
        return None;
    }
    let wish = held(cluster, "enableSessionAffinity");
    let replicas_path = "clustermesh.apiserver.replicas";
    match wish.as_ref().and_then(|(wish, _)| wish.as_str()) {
        Some("Always") => wish.map(|(_, place)| place),
        None | Some("HAOnly") => {
            let replicas = cluster.current_value(replicas_path)?.as_i64()?;
            let place = cluster.current.as_ref()?.value_place(replicas_path);
            (replicas > 1).then_some(place)
        }
        Some(_) => None,
    }
}

/// Where the values say that only nodes with a clustermesh-apiserver of their own answer, if they do.
pub(crate) fn local_traffic_policy(cluster: &Cluster) -> Option<Place> {
    let (policy, place) = held(cluster, "externalTrafficPolicy")?;
    let is_read = cluster.chart()?.traffic_policies;
    (is_read && policy.as_str() == Some("Local")).then_some(place)
}

/// `loadBalancerIP`, where the Service asks for one.
pub(crate) fn load_balancer_ip(cluster: &Cluster) -> Option<Fact<String>> {
    let typed = cluster.apiserver.load_balancer_ip.clone();
    typed
        .or_else(|| held_text(cluster, "loadBalancerIP"))
        .filter(|ip| is_load_balancer(cluster) && !ip.value.is_empty())
}

/// The addresses that the load balancer is asked for, by `loadBalancerIP` and by annotations.
pub(crate) fn requested_addresses(cluster: &Cluster) -> Vec<Fact<IpAddr>> {
    if !is_load_balancer(cluster) {
        return Vec::new();
    }
    let annotations = annotations(cluster).into_iter();
    let by_annotation = annotations
        .filter(|annotation| ADDRESS_ANNOTATIONS.contains(&annotation.key))
        .filter_map(|annotation| Some(Fact::new(annotation.text?.to_owned(), annotation.place)));
    let written = load_balancer_ip(cluster).into_iter().chain(by_annotation);
    let mut all = Vec::new();
    for list in written {
        let addresses = list
            .value
            .split(',')
            .filter_map(|text| text.trim().parse().ok());
        all.extend(addresses.map(|address| list.with(address)));
    }
    all
}

fn is_load_balancer(cluster: &Cluster) -> bool {
    cluster.apiserver.service_type == ServiceType::LoadBalancer
}

/// A value of the Service in the current values.
fn held<'c>(cluster: &'c Cluster, key: &str) -> Option<(&'c Value, Place)> {
    let path = format!("{SERVICE}.{key}");
    let value = cluster.current_value(&path)?;
    Some((value, cluster.current.as_ref()?.value_place(&path)))
}

fn held_text(cluster: &Cluster, key: &str) -> Option<Fact<String>> {
    let (value, place) = held(cluster, key)?;
    Some(Fact::new(value.as_str()?.to_owned(), place))
}
