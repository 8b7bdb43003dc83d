"""The YAML judge refuses another value, a text that only one of the two refuses, and answers that are missing."""

import itertools
import unittest

from judges import yaml
from suite import yamltexts


class Yaml(unittest.TestCase):
    def test_the_same_values_in_another_spelling(self):
        for go, ours in [('{"a":1,"b":[true,"x"]}', '{"b": [true, "x"], "a": 1.0}'), ("18446744073709552000", "1.8446744073709552e+19"), ('!"why"', '!"so"')]:
            self.assertIsNone(yaml.difference(go, ours))

    def test_another_value(self):
        for go, ours in [('{"a":1}', '{"a":2}'), ('{"a":1}', '{"a":true}'), ('"1"', "1"), ("[0]", "[false]"), ("{}", "[]"), ("[1]", "[1,1]")]:
            self.assertIsNotNone(yaml.difference(go, ours))

    def test_marks_excuse_a_refusal_and_nothing_else(self):
        self.assertIsNotNone(yaml.difference("1", '!"why"'))
        self.assertIsNone(yaml.difference("~1", '!"why"'))
        self.assertIsNone(yaml.difference("~^1", '!"why"'))
        self.assertIsNotNone(yaml.difference("~1", "2"))
        self.assertIsNotNone(yaml.difference('!"why"', "1"))

    def test_chance_excuses_another_value(self):
        self.assertIsNone(yaml.difference('={"1":"a"}', '{"1":"b"}'))
        self.assertIsNotNone(yaml.difference('^{"1":"a"}', '{"1":"b"}'))

    def test_an_answer_missing_on_either_side(self):
        self.assertEqual(len(yaml.differences(["a", "b"], ['"a"', '"b"'], ['"a"'])), 1)
        self.assertEqual(yaml.differences(["a", "b"], ['"a"', '"b"'], ['"a"', '"b"']), [])

    def test_the_same_seed_gives_the_same_texts(self):
        first = list(itertools.islice(yamltexts.texts(50), 50))
        self.assertEqual(first, list(yamltexts.texts(50)))
        self.assertGreater(len(set(first)), 40)
