"""The suite's own tests: a judge that refuses nothing proves nothing."""

import unittest

from suite.cases import HERE
from suite.report import Verdict, skipped


class _Result(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.passed = []

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed.append(test)


def run(options):
    result = _Result()
    unittest.defaultTestLoader.discover(str(HERE / "tests"), top_level_dir=str(HERE)).run(result)
    yield from (Verdict.of(test.id(), []) for test in result.passed)
    yield from (Verdict.of(test.id(), [trace.strip().splitlines()[-1]]) for test, trace in result.failures + result.errors)
    yield from (skipped(test.id(), why) for test, why in result.skipped)
