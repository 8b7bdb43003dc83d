"""The judge of OpenStack accepts the module and variables that say what the rules say, and refuses either when it is off."""

import copy
import json
import unittest

from judges import openstack
from suite import cache, tf
from tests import test_aws

RULES, VARIABLES = test_aws.RULES, test_aws.VARIABLES


class OpenStack(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        try:
            tf.program()
            cache.tool(openstack.PROVIDER)
        except cache.Unavailable as why:
            raise unittest.SkipTest(str(why)) from why

    def faults(self, edit=lambda _: None, by_group=True, replaced=("", "")):
        variables = copy.deepcopy(VARIABLES)
        edit(variables)
        return openstack.judge(openstack.module().replace(*replaced), json.dumps(variables), by_group, RULES, "1")

    def test_variables_that_say_what_the_rules_say(self):
        for by_group in (True, False):
            self.assertEqual(self.faults(by_group=by_group), [])

    def test_broken_variables(self):
        def rules(variables):
            return variables["cluster_mesh_ingress"]

        for name, edit, by_group, said in (
            ("another port", lambda all_: rules(all_)["udp"].update(port=8473), True, "udp 8472: closed"),
            ("a port that is none", lambda all_: rules(all_)["udp"].update(port=99999), True, "apply exits 1"),
            ("a protocol that is none", lambda all_: rules(all_)["udp"].update(protocol="vxlan"), True, "apply exits 1"),
            ("the same rule twice", lambda all_: rules(all_).update(again=rules(all_)["udp"]), True, "SecurityGroupRuleExists"),
            ("a range too wide", lambda all_: all_["cluster_mesh_peers"].update(ipv4=["10.0.2.0/23"]), False, "10.0.3.255 udp 8472: open"),
            ("ranges of another family", lambda all_: all_["cluster_mesh_peers"].update(ipv4=["fd00::/64"]), False, "apply exits 1"),
            ("more than the quota", lambda all_: all_["cluster_mesh_peers"].update(ipv4=[f"10.1.{n}.0/24" for n in range(40)]), False, "Quota"),
        ):
            with self.subTest(name):
                faults = self.faults(edit, by_group)
                self.assertTrue(any(said in fault for fault in faults), faults)

    def test_broken_modules(self):
        for old, new, said in (
            ('direction               = "ingress"', 'direction               = "egress"', "udp 8472: closed"),
            ("addresses = each.value", "addresses = slice(each.value, 0, 0)", "closed"),
            ("description             = each.value.description", "description             = timestamp()", "the second plan exits 2"),
        ):
            with self.subTest(new):
                self.assertIn(old, openstack.module())
                faults = self.faults(replaced=(old, new))
                self.assertTrue(any(said in fault for fault in faults), faults)


if __name__ == "__main__":
    unittest.main()
