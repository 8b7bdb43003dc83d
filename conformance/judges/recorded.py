"""Today's output of every case must be what was judged when charts were at hand."""

from suite import outputs, parallel, record
from suite.report import Verdict


def run(options):
    cases = record.load()["cases"]
    chosen = list(outputs.chosen(options))
    for (case, phase), digest in zip(chosen, parallel.each(digest_of, chosen)):
        name = record.case_id(case, phase)
        yield Verdict.of(name, disagreement(cases.get(name), digest))
    if not options.case:
        for name in sorted(cases.keys() - {record.case_id(*one) for one in chosen}):
            yield Verdict.of(name, ["is recorded, but there is no such case any more"])


def digest_of(one):
    try:
        return outputs.of_case(*one)[1]
    except outputs.Failed as failed:
        return str(failed)


def disagreement(entry, digest):
    if entry is None:
        yield "was never judged"
    elif entry["verdict"] != "accepted":
        yield "was judged and refused"
    elif entry["digest"] != digest:
        yield f"changed since it was judged ({digest[:12]}, judged was {entry['digest'][:12]})"
