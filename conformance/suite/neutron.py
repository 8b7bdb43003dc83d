"""A Keystone and a Neutron that know what security groups need, on a port of this machine: they keep what they are given, and refuse what Neutron does."""

import http.server
import ipaddress
import json
import threading
import uuid

PROTOCOLS = {"tcp", "udp", "icmp", "ipv6-icmp", "icmpv6", "esp", "ah", "gre", "sctp", "vrrp"}
ETHERTYPES = {"IPv4": 4, "IPv6": 6}
RULE = {"id": None, "security_group_id": None, "direction": None, "ethertype": "IPv4", "protocol": None, "port_range_min": None,
        "port_range_max": None, "remote_ip_prefix": None, "remote_group_id": None, "remote_address_group_id": None, "description": "",
        "tenant_id": "project", "project_id": "project"}
GROUP = {"id": None, "name": "", "description": "", "addresses": [], "project_id": "project", "shared": False}
QUOTA = 100  # rules of a project, by default


class Refused(Exception):
    """(status, message) of an answer that is no success."""


class Neutron:
    """The service, for as long as the `with` block runs; `security_group` is there from the beginning, as KKP's is."""

    def __init__(self):
        self.security_group = str(uuid.uuid4())
        self.rules, self.groups, self.requests = {}, {}, []

    def __enter__(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (Handler,), {"neutron": self}))
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def environment(self):
        """What the provider reads."""
        return {"OS_AUTH_URL": f"{self.url}/v3", "OS_USERNAME": "user", "OS_PASSWORD": "password", "OS_PROJECT_NAME": "project",
                "OS_USER_DOMAIN_NAME": "Default", "OS_PROJECT_DOMAIN_NAME": "Default", "OS_REGION_NAME": "region"}

    def answer(self, method, path, body):
        """(status, body) of a request."""
        words = [word for word in path.split("?")[0].split("/") if word]
        match (method, *words):
            case ("POST", "v3", "auth", "tokens"):
                return 201, self.token()
            case ("GET", *_) if words in ([], ["v3"], ["v2.0"]):
                return 200, {"versions": []}
            case (_, "v2.0", "security-group-rules", *rest):
                return self.keep(method, rest, self.rules, "security_group_rule", body, self.new_rule)
            case ("PUT", "v2.0", "address-groups", group, ("add_addresses" | "remove_addresses") as action):
                return 200, {"address_group": self.change(group, action, body["address_group"]["addresses"])}
            case (_, "v2.0", "address-groups", *rest):
                return self.keep(method, rest, self.groups, "address_group", body, self.new_group)
        raise Refused(404, f"no {method} {path}")

    def token(self):
        network = {"type": "network", "name": "neutron", "id": "n", "endpoints": [
            {"interface": "public", "url": self.url, "region": "region", "region_id": "region", "id": "e"}]}
        return {"token": {"catalog": [network], "expires_at": "2099-01-01T00:00:00.000000Z", "issued_at": "2026-01-01T00:00:00.000000Z",
                          "methods": ["password"], "project": {"id": "project", "name": "project", "domain": {"id": "default", "name": "Default"}},
                          "user": {"id": "user", "name": "user", "domain": {"id": "default", "name": "Default"}}, "roles": []}}

    @staticmethod
    def keep(method, rest, kept, kind, body, new):
        if method == "POST" and not rest:
            made = new(body[kind])
            kept[made["id"]] = made
            return 201, {kind: made}
        if len(rest) != 1 or rest[0] not in kept:
            raise Refused(404, f"no {kind} {rest}")
        if method == "DELETE":
            del kept[rest[0]]
            return 204, None
        if method != "GET":
            raise Refused(405, method)
        return 200, {kind: kept[rest[0]]}

    def new_rule(self, given):
        rule = completed(given, RULE)
        if rule["security_group_id"] != self.security_group:
            raise Refused(404, f"no security group {rule['security_group_id']}")
        if rule["direction"] not in ("ingress", "egress") or rule["ethertype"] not in ETHERTYPES or rule["protocol"] not in PROTOCOLS:
            raise Refused(400, f"invalid direction, ethertype or protocol: {rule['direction']} {rule['ethertype']} {rule['protocol']}")
        ports = rule["port_range_min"], rule["port_range_max"]
        if rule["protocol"] in ("tcp", "udp"):
            if None in ports or not 0 < ports[0] <= ports[1] < 65536:
                raise Refused(400, f"invalid port range {ports}")
        elif rule["protocol"] not in ("icmp", "ipv6-icmp", "icmpv6") and ports != (None, None):
            raise Refused(400, f"ports with {rule['protocol']}")
        if (rule["ethertype"], rule["protocol"]) in (("IPv6", "icmp"), ("IPv4", "ipv6-icmp"), ("IPv4", "icmpv6")):
            raise Refused(400, f"{rule['protocol']} is not of {rule['ethertype']}")
        remotes = [key for key in ("remote_ip_prefix", "remote_group_id", "remote_address_group_id") if rule[key]]
        if len(remotes) > 1 or (rule["remote_address_group_id"] and rule["remote_address_group_id"] not in self.groups):
            raise Refused(400, f"invalid remote: {remotes}")
        if rule["remote_ip_prefix"] and network(rule["remote_ip_prefix"]).version != ETHERTYPES[rule["ethertype"]]:
            raise Refused(400, f"{rule['remote_ip_prefix']} is not of {rule['ethertype']}")
        if any(self.says(rule) == self.says(other) for other in self.rules.values()):
            raise Refused(409, "SecurityGroupRuleExists")
        if len(self.rules) >= QUOTA:
            raise Refused(409, "Quota exceeded for resources: ['security_group_rule']")
        return rule

    @staticmethod
    def says(rule):
        return {key: value for key, value in rule.items() if key not in ("id", "description")}

    def new_group(self, given):
        group = completed(given, GROUP)
        group["addresses"] = [str(network(cidr)) for cidr in group["addresses"]]
        return group

    def change(self, group, action, addresses):
        kept = self.groups[group]
        rest = [cidr for cidr in kept["addresses"] if cidr not in addresses]
        kept["addresses"] = rest + (addresses if action == "add_addresses" else [])
        return kept

    def openings(self):
        """What the group lets in: (range, protocol, port)."""
        for rule in self.rules.values():
            if rule["direction"] == "ingress":
                protocol = {"ipv6-icmp": "icmpv6"}.get(rule["protocol"], rule["protocol"])
                group = self.groups.get(rule["remote_address_group_id"])
                ranges = [rule["remote_ip_prefix"] or {4: "0.0.0.0/0", 6: "::/0"}[ETHERTYPES[rule["ethertype"]]]] if group is None else group["addresses"]
                for cidr in ranges:
                    if network(cidr).version == ETHERTYPES[rule["ethertype"]]:
                        yield cidr, protocol, rule["port_range_min"] if protocol in ("udp", "tcp") else None


def completed(given, fields):
    if unknown := set(given) - set(fields):
        raise Refused(400, f"unrecognized attributes {sorted(unknown)}")
    return {**fields, **given, "id": str(uuid.uuid4())}


def network(cidr):
    try:
        return ipaddress.ip_network(cidr)
    except ValueError as error:
        raise Refused(400, f"invalid {cidr}") from error


class Handler(http.server.BaseHTTPRequestHandler):
    neutron = None

    def handle_any(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        self.neutron.requests.append(f"{self.command} {self.path}")
        try:
            status, answer = self.neutron.answer(self.command, self.path, body)
        except Refused as refused:
            status, message = refused.args
            answer = {"NeutronError": {"type": "Refused", "message": message, "detail": ""}}
        text = b"" if answer is None else json.dumps(answer).encode()
        self.send_response(status)
        for name, value in (("Content-Type", "application/json"), ("Content-Length", str(len(text))), ("X-Subject-Token", "token")):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_PUT = do_DELETE = handle_any

    def log_message(self, *_):
        """Says nothing."""
