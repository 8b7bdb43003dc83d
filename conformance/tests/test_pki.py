"""The judge of `meshgen pki` accepts what it makes, and refuses each certificate that is wrong in one thing."""

import datetime
import shutil
import tempfile
import unittest
import unittest.mock
from pathlib import Path

from judges import charts, pki as judge
from suite import cases, helm, onepass, outputs, pki

START = datetime.datetime(2026, 11, 23, tzinfo=datetime.timezone.utc)
LEAF = onepass.Leaf("remote", [], 1095)


def days(count):
    return START + datetime.timedelta(days=count)


@unittest.skipIf(shutil.which("go") is None, "no go")
class Certificates(unittest.TestCase):
    """None of these is made by meshgen."""

    @classmethod
    def setUpClass(cls):
        cls.ca = pki.issue_ca()

    def faults(self, pair, leaf=LEAF, ca=None):
        return judge.ask([judge.client(pair, ca or self.ca, leaf)])[0]

    def issue(self, name="remote", ca=None, **how):
        return pki.issue(ca or self.ca, name, **{"start": START, "end": days(1095), **how})

    def assert_refused(self, why, faults):
        self.assertTrue(any(why in fault for fault in faults), faults)

    def test_a_right_leaf(self):
        self.assertFalse(self.faults(self.issue()))
        named = onepass.Leaf("remote-a", ["remote-a"], 365)
        self.assertFalse(self.faults(self.issue("remote-a", hosts=["remote-a"], end=days(365)), named))

    def test_wrong_leaves(self):
        for why, how in (
            ("common name", {"name": "remote-a"}),
            ("its names are", {"hosts": ["remote"]}),
            ("it lasts", {"end": days(1094)}),
            ("it begins", {"start": days(-1)}),
            ("taken for a server", {"usages": ["client auth", "server auth"]}),
            ("as a client", {"usages": ["server auth"]}),
            ("as a client", {"ca": pki.issue_ca()}),
            ("a handshake", {"ca": pki.issue_ca()}),
        ):
            with self.subTest(why):
                self.assert_refused(why, self.faults(self.issue(**how)))

    def test_a_key_that_is_anothers(self):
        self.assert_refused("its key", self.faults((self.issue()[0], self.issue()[1])))

    def test_a_key_of_another_kind(self):
        self.assert_refused("not ECDSA P-256", self.faults((pki.issue_rsa("remote"), self.issue()[1])))

    def test_a_file_of_two_certificates(self):
        cert, key = self.issue()
        self.assert_refused("not one certificate", self.faults((cert + self.ca[0], key)))

    def test_a_ca_that_is_none(self):
        self.assert_refused("it may be used for", judge.ask([judge.authority(self.issue("Cilium CA"), onepass.START)])[0])

    def test_a_renewal_with_another_key(self):
        other = pki.issue_ca()
        leaf = self.issue()[0].decode()
        job = judge.authority(other, onepass.START, Kind="renewed", CA=self.ca[0].decode(), Leaves=[leaf])
        faults = judge.ask([job])[0]
        for why in ("its key is another", "a leaf of before", "ends no later"):
            self.assert_refused(why, faults)

    def test_a_renewal_with_another_name(self):
        job = judge.authority(pki.issue_ca("Cilium  CA"), onepass.START, Kind="renewed", CA=self.ca[0].decode())
        self.assert_refused("its name is another", judge.ask([job])[0])


class Files(unittest.TestCase):
    def test_a_key_that_others_can_read(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "ca.key"
            path.write_bytes(pki.issue_ca()[1])
            path.chmod(0o640)
            self.assertEqual(len(list(judge.private(Path(folder)))), 1)
            path.chmod(0o600)
            self.assertEqual(list(judge.private(Path(folder))), [])

    def test_a_program_that_writes_over_what_is_there(self):
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder)
            program = folder / "meshgen"
            program.write_text('#!/bin/sh\nmkdir -p "$4"\nrm -f "$4/ca.key"\necho new > "$4/ca.key"\n')
            program.chmod(0o755)
            for place in judge.COMMANDS:
                (folder / place).mkdir()
                (folder / place / "ca.key").write_text("old")
            with unittest.mock.patch.object(outputs, "meshgen_binary", lambda: program):
                faults = "\n".join(judge.kept(folder))
            self.assertIn("is written over", faults)
            self.assertIn("exits 0 where a file is there", faults)


class OnePass(unittest.TestCase):
    def test_certificates_by_another_ca(self):
        """The mesh is not complete where one cluster gives its peers a certificate of a CA of before."""
        case = next(case for case in cases.all_cases() if case.id == "1.13.0-sharedCA")
        if not helm.archive("1.13.0").exists() or not outputs.meshgen_binary().exists():
            self.skipTest("no chart 1.13.0, or no meshgen")
        made, cas = onepass.rendered(case)
        self.assertEqual(charts.judge(case, "mesh", made, cas.__getitem__), [])
        for output in made.values():
            ca = output.values["clustermesh"]["apiserver"]["tls"]["ca"]
            self.assertTrue(ca["key"])
        values = made["cluster-2"].values
        values["clustermesh"]["apiserver"]["tls"]["ca"] = dict(zip(("cert", "key"), (outputs.base64.b64encode(one).decode() for one in pki.issue_ca())))
        made["cluster-2"].after["spec"] = {**made["cluster-2"].after["spec"], "values": values}
        self.assertTrue(charts.judge(case, "mesh", made, cas.__getitem__))


if __name__ == "__main__":
    unittest.main()
