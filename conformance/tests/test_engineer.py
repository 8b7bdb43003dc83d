"""The engineer judge accepts the scripts as they are rendered, and refuses spoilt ones."""

import base64
import json
import tempfile
import unittest
from pathlib import Path

from judges import engineer
from suite import cache, changes, contact, guises, kills, mishaps, pki, secondwalk, stories
from suite.fleet import Fleet


def instead(old, new):
    """Replaces a text of steps.sh, which must be there."""
    def spoil(text):
        assert old in text, old
        return text.replace(old, new)
    return spoil


class Engineer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        try:
            cls.fleet = cls.enterClassContext(Fleet(Path(folder.name), 3))
        except cache.Unavailable as why:
            raise unittest.SkipTest(str(why)) from why

    def faults(self, old, new):
        return "\n".join(engineer.walk(self.fleet, stories.TWO_SHARED, spoil=instead(old, new)))

    def met(self, mishap, spoil):
        return "\n".join(engineer.meets(self.fleet, mishap, spoil=spoil))

    def test_restarts_everything(self):
        self.assertIn("is restarted without need", self.faults("if (rest != name) return 1", "return 1"))

    def test_forgets_the_agents(self):
        self.assertIn("nobody has restarted it", self.faults('    guard\n    noted=$(sed', '    strike_off "$1"; return 0\n    noted=$(sed'))

    def test_never_says_done(self):
        self.assertIn("changes a finished mesh", self.faults('check() {', 'check() {\n    kube rollout restart daemonset/cilium'))

    def test_notes_what_is_due_when_it_is_too_late(self):
        spoil = instead('    note_due "$@"\n    if send_file; then\n', '    if send_file; then\n        note_due "$@"\n')
        with tempfile.TemporaryDirectory() as folder, engineer.Walk(self.fleet, stories.TWO_SHARED, spoil=spoil) as walk:
            runs = kills.everywhere(walk, Path(folder), lambda state: " patch " in state.after and " cluster-1 " in state.after)
            self.assertIn("nobody has restarted it", "\n".join(fault for _, faults in runs for fault in faults))

    def test_goes_on_where_it_cannot_note_what_is_due(self):
        if not mishaps.can_mount():
            self.skipTest("only root can mount a disk that is full")
        due = instead('        stop "cannot write $notes/.due"', "        :")
        sent = instead('|| stop "cannot write $notes/.sent"', "|| :")
        run = instead('            complain "$name: cannot write $notes/.run"\n            return 1', "            :")
        spoil = lambda text: run(sent(due(text)))  # noqa: E731
        self.assertIn("changes a cluster of which it cannot note what is due", self.met(mishaps.full_disk, spoil))

    def test_leaves_restarts_due_for_a_patch_that_was_refused(self):
        spoil = instead('1) [ $# -eq 0 ] || write_due "$noted" ;;', "1) ;;")
        self.assertIn("restarts are due although no patch was accepted", self.met(mishaps.edited, spoil))

    def test_runs_the_name_of_a_folder(self):
        spoil = instead("'dumps/it'\\''s $(touch pwned) here'", '"dumps/it\'s $(touch pwned) here"')
        faults = "\n".join(engineer.dressed(self.fleet, guises.hostile_context, spoil=spoil))
        self.assertIn("pwned was made", faults)

    def test_writes_to_another_cluster(self):
        spoil = instead('[ "$live" != "$uid" ]', "false")
        self.assertIn("the stranger's cluster was changed", self.met(mishaps.wrong_context, spoil))

    def test_sends_a_patch_that_is_in_place(self):
        spoil = instead('    in_place "$probe" "$wanted_sum"\n', "    false\n")
        self.assertIn("the patch was not accepted", self.met(mishaps.late, spoil))

    def test_a_plan_that_forgets_a_restart(self):
        def forgetful(plan):
            restarts, _, loses = plan["cluster-2"]
            return {**plan, "cluster-2": (restarts - {"daemonset/cilium"}, "", loses)}

        faults = "\n".join(engineer.changed(self.fleet, stories.TWO_SHARED, [changes.renumbered], spoil=forgetful))
        self.assertIn("another ID: plan says that", faults)
        self.assertIn("plan does not say", faults)

    def test_a_plan_that_forgets_who_is_cut_or_names_others(self):
        def mistaken(plan):
            changed = next(name for name in plan if name in ("cluster-2", "renamed"))
            one, third = plan["cluster-1"], plan[changed]
            return {**plan, "cluster-1": (*one[:2], {"cluster-3"}), changed: (*third[:2], {"cluster-3"})}

        faults = "\n".join(engineer.changed(self.fleet, stories.THREE_SHARED, [changes.renamed], spoil=mistaken))
        self.assertIn("another name: cluster-1 does not know cluster-2: it calls itself", faults)
        self.assertIn("another name: plan says that ['cluster-1', 'cluster-3'] lose each other, and they do not", faults)
        self.assertNotIn("['cluster-2', 'cluster-3'] lose", faults)

    def test_a_restart_of_who_serves_the_mesh_that_is_left_out(self):
        """The peers look for the new name, and the clustermesh-apiserver goes on with the old one."""
        spoil = instead('$1 == "endpoint" && is_old($4, $5)', '$1 == "endpoint" && $3 !~ /^clustermesh/ && is_old($4, $5)')
        with engineer.Walk(self.fleet, stories.TWO_SHARED) as walk:
            walk.begin()
            walk.to_the_end()
            walk.desk.spoil = spoil
            faults = "\n".join(changes.renamed(walk))
        self.assertIn("at the end: cluster-1 does not know cluster-2", faults)

    def test_one_pass_that_sends_no_patch_to_one_cluster(self):
        spoil = instead("    if send_file; then\n", '    if [ "$name" = cluster-2 ] || send_file; then\n')
        faults = "\n".join(engineer.one_pass(self.fleet, stories.ONE_PASS[0], spoil=spoil))
        self.assertIn("cluster-2 gets 0 patches", faults)
        self.assertIn("cluster-2: has the peers []", faults)

    def test_one_pass_with_a_certificate_of_another_ca(self):
        """What a peer holds of cluster-2 is by a CA that cluster-2 does not have."""
        with engineer.Walk(self.fleet, stories.ONE_PASS[0]) as walk:
            self.assertEqual(list(secondwalk.faults(walk)), [])
            values = walk.clusters["cluster-1"].released()
            tls = values["clustermesh"]["config"]["clusters"][0]["tls"]
            tls["cert"] = base64.b64encode(pki.issue(pki.issue_ca(), "remote")[0]).decode()
            walk.clusters["cluster-1"].put_config("played-release", {"values": json.dumps(values)})
            self.assertIn("the certificate of the client", "\n".join(contact.lost(walk.clusters).values()))


if __name__ == "__main__":
    unittest.main()
