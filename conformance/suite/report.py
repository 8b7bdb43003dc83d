"""What a judge says about one thing."""

from dataclasses import dataclass

OK, FAILED, SKIPPED = "ok", "FAILED", "SKIPPED"


@dataclass(frozen=True)
class Verdict:
    subject: str
    result: str
    why: tuple = ()
    entry: dict | None = None  # what judged.json is to say of it

    @classmethod
    def of(cls, subject, faults, entry=None):
        faults = tuple(faults)
        return cls(subject, FAILED if faults else OK, faults, entry)


def skipped(subject, why):
    return Verdict(subject, SKIPPED, (str(why),))
