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
    "recorded": "today's output against conformance/judged.json",
    "webhook": "KKP's admission webhook and CNI controller",
    "apiserver": "a real kube-apiserver and kubectl",
    "tls": "etcds that really shake hands",
    "packets": "firewall rules between network namespaces",
    "formats": "JSON Schema, SARIF and CSV readers",
    "terraform": "the real Terraform with the real external provider",
    "precommit": "the real pre-commit in a git repository",
}


def arguments():
    parser = argparse.ArgumentParser(prog="conformance/run", description="Lets the real consumers judge what meshgen renders.")
    parser.add_argument("--only", action="append", choices=JUDGES, metavar="JUDGE", help=f"one of {', '.join(JUDGES)}; repeatable")
    parser.add_argument("--require", action="append", default=[], metavar="WHAT",
                        help="fail instead of skipping: charts, or a judge's name; repeatable")
    parser.add_argument("--record", action="store_true", help="write conformance/judged.json from what the charts judge sees")
    parser.add_argument("--summary", action="store_true", help="print the recorded matrix as a Markdown table, and judge nothing")
    parser.add_argument("--case", action="append", default=[], metavar="PREFIX", help="only cases whose id begins so; repeatable")
    return parser.parse_args()


def hear(name, options):
    """All verdicts of one judge; a judge whose tools are absent is skipped by name."""
    try:
        module = importlib.import_module(f"judges.{name}")
        yield from module.run(options)
    except cache.Unavailable as why:
        yield skipped(name, why)
    except Exception as error:  # one judge that breaks must not silence the others
        yield Verdict.of(name, [f"{type(error).__name__}: {error}", *traceback.format_exc().splitlines()[-5:-1]])


def main():
    options = arguments()
    if options.summary:
        print(record.summary())
        return
    names = options.only or list(JUDGES)
    if names != ["tests"] and (why := outputs.build()):
        sys.exit(why)
    started = time.monotonic()
    failed = False
    for name in names:
        print(f"\n== {name}: {JUDGES[name]}", flush=True)
        counts = collections.Counter()
        for verdict in hear(name, options):
            required = verdict.result == SKIPPED and (name in options.require or verdict.subject in options.require)
            verdict = Verdict(verdict.subject, FAILED, ("required, but " + verdict.why[0],)) if required else verdict
            counts[verdict.result] += 1
            if verdict.result != OK:
                print(f"  {verdict.result} {verdict.subject}", *(f"      {line}" for line in verdict.why[:6]), sep="\n", flush=True)
        print("  " + ", ".join(f"{counts[result]} {result}" for result in (OK, FAILED, SKIPPED) if counts[result]))
        failed |= bool(counts[FAILED])
    print(f"\n{'FAILED' if failed else 'ok'} after {time.monotonic() - started:.0f} s")
    sys.exit(failed)


if __name__ == "__main__":
    main()
