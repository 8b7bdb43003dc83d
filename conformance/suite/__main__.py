"""conformance/run: hears every judge, prints the matrix, fails when one refuses."""

import argparse
import collections
import importlib
import sys
import time
import traceback

from suite import cache, outputs, record
from suite.report import FAILED, OK, SKIPPED, Verdict, skipped

JUDGES = {
    "tests": "every judge refuses a deliberately broken output",
    "charts": "the real Cilium charts through the real Helm",
    "kept": "the real Cilium charts on the values that meshgen calls refused or ignored",
    "births": "initial values through the real charts' first install",
    "rotation": "the CA of a running mesh is replaced, through the real charts",
    "webhook": "KKP's admission webhook and CNI controller",
    "apiserver": "a real kube-apiserver and kubectl",
    "engineer": "the scripts, from nothing to a running mesh, on real API servers",
    "secrets": "the commands of docs/secrets.md, with sops, age and kubeseal",
    "gitops": "the objects of the pages before the definitions of Flux, Argo CD and External Secrets",
    "pki": "Go's crypto/x509 and crypto/tls on what meshgen pki makes, and meshes that need nothing else",
    "x509": "Go's crypto/x509 on odd certificates and keys",
    "templates": "Go's html/template on values with templates",
    "yaml": "Go's sigs.k8s.io/yaml on 100,000 texts",
    "tls": "etcds that really shake hands",
    "packets": "firewall rules between network namespaces",
    "hosts": "ufw and firewalld between network namespaces",
    "policies": "Cilium's parser and a real API server on firewall policies",
    "aws": "Terraform and moto on the module for AWS",
    "cloudformation": "cfn-lint and moto on the template for CloudFormation",
    "clouds": "the published APIs of Google Cloud, Azure and Hetzner",
    "openstack": "Terraform and its provider on the module for OpenStack",
    "aerleon": "aerleon's aclgen and the dialects that it writes",
    "formats": "JSON Schema, SARIF and CSV readers",
    "browser": "Chromium and axe-core on the page of meshgen report",
    "terraform": "the real Terraform with the real external provider",
    "precommit": "the real pre-commit in a git repository",
}


def arguments():
    parser = argparse.ArgumentParser(prog="conformance/run", description="Lets the real consumers judge what meshgen renders.")
    parser.add_argument("--only", action="append", choices=JUDGES, metavar="JUDGE", help=f"one of {', '.join(JUDGES)}; repeatable")
    parser.add_argument("--require", action="append", default=[], metavar="WHAT",
                        help="fail instead of skipping: charts, or a judge's name; repeatable")
    parser.add_argument("--record", action="store_true", help="hear every judge, and write what they accept into conformance/judged.json")
    parser.add_argument("--long", action="store_true", help="every story of the engineer, also those that take many minutes")
    parser.add_argument("--case", action="append", default=[], metavar="PREFIX", help="only cases whose id begins so; repeatable")
    options = parser.parse_args()
    if options.record and (options.only or options.case):
        parser.error("--record goes with neither --only nor --case: the record is of all cases and judges")
    options.require += ["charts"] if options.record else []
    return options


def hear(name, options):
    """All verdicts of one judge; a judge whose tools are absent is skipped by name."""
    try:
        module = importlib.import_module(f"judges.{name}")
        yield from module.run(options)
    except cache.Unavailable as why:
        yield skipped(name, why)
    except Exception as error:  # one judge that breaks must not silence the others
        yield Verdict.of(name, [f"{type(error).__name__}: {error}", *traceback.format_exc().splitlines()[-5:-1]])


def report(name, options):
    """Prints what a judge says; gives its verdicts."""
    print(f"\n== {name}: {JUDGES[name]}", flush=True)
    verdicts = []
    for verdict in hear(name, options):
        if verdict.result == SKIPPED and {name, verdict.subject} & set(options.require):
            verdict = Verdict(verdict.subject, FAILED, ("required, but " + verdict.why[0],))
        verdicts.append(verdict)
        if verdict.result != OK:
            print(f"  {verdict.result} {verdict.subject}", *(f"      {line}" for line in verdict.why[:6]), sep="\n", flush=True)
    print("  " + ", ".join(f"{number} {result}" for result, number in count(verdicts).items()))
    return verdicts


def count(verdicts):
    counts = collections.Counter(verdict.result for verdict in verdicts)
    return {result: counts[result] for result in (OK, FAILED, SKIPPED) if counts[result]}


def main():
    options = arguments()
    names = options.only or list(JUDGES)
    if names != ["tests"] and (why := outputs.build()):
        sys.exit(why)
    started = time.monotonic()
    heard = {name: report(name, options) for name in names}
    failed = any(verdict.result == FAILED for verdicts in heard.values() for verdict in verdicts)
    if options.record and not failed:
        judged = {verdict.subject: verdict.entry for verdicts in heard.values() for verdict in verdicts if verdict.entry}
        record.save(judged, {name: count(verdicts) for name, verdicts in heard.items()})
        record.update_readme()
        print(f"\nrecorded {len(judged)} cases")
    print(f"\n{'FAILED' if failed else 'ok'} after {time.monotonic() - started:.0f} s")
    sys.exit(failed)


if __name__ == "__main__":
    main()
