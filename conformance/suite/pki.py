"""Certificates as Cilium's certificate Job would issue them, and the questions a TLS peer asks of one."""

import base64
import datetime
import ipaddress

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

START = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
END = datetime.datetime(2099, 12, 31, tzinfo=datetime.timezone.utc)
USAGES = {"server auth": ExtendedKeyUsageOID.SERVER_AUTH, "client auth": ExtendedKeyUsageOID.CLIENT_AUTH}


def name(common_name):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def key_usage(**granted):
    flags = dict.fromkeys(
        "digital_signature content_commitment key_encipherment data_encipherment key_agreement key_cert_sign crl_sign "
        "encipher_only decipher_only".split(),
        False,
    )
    return x509.KeyUsage(**{**flags, **granted})


def key_pem(key):
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())


def cert_pem(cert):
    return cert.public_bytes(serialization.Encoding.PEM)


def issue_ca(common_name="Cilium CA"):
    """A new CA as (certificate PEM, key PEM)."""
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key()
    cert = (
        x509.CertificateBuilder(name(common_name), name(common_name), public, x509.random_serial_number(), START, END)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(key_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .sign(key, hashes.SHA256())
    )
    return cert_pem(cert), key_pem(key)


def issue(ca, common_name, hosts=(), usages=("client auth",), start=START, end=END):
    """A leaf of `ca` as (certificate PEM, key PEM)."""
    ca_cert = x509.load_pem_x509_certificate(ca[0])
    ca_key = serialization.load_pem_private_key(ca[1], None)
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key()
    builder = (
        x509.CertificateBuilder(ca_cert.subject, name(common_name), public, x509.random_serial_number(), start, end)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(key_usage(digital_signature=True, key_encipherment=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([USAGES[usage] for usage in usages]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(issuer_id(ca_cert), critical=False)
    )
    if hosts:
        builder = builder.add_extension(x509.SubjectAlternativeName([general_name(host) for host in hosts]), critical=False)
    return cert_pem(builder.sign(ca_key, hashes.SHA256())), key_pem(key)


def issuer_id(ca):
    """How a leaf names the key of its CA: as the CA itself does, which openssl compares."""
    own = ca.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own)


def issue_rsa(common_name):
    """A certificate of its own with an RSA key, as Sealed Secrets' controller has one; the key is thrown away."""
    key = rsa.generate_private_key(65537, 2048)
    names = name(common_name)
    cert = x509.CertificateBuilder(names, names, key.public_key(), x509.random_serial_number(), START, END)
    return cert_pem(cert.sign(key, hashes.SHA256()))


def plain(text):
    """The bytes of a value in base64."""
    return base64.b64decode(text)


def general_name(host):
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def common_name(pem):
    return x509.load_pem_x509_certificate(pem).subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value


def is_ca(cert):
    try:
        return x509.load_pem_x509_certificate(cert).extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def key_fits(cert, key):
    try:
        public = serialization.load_pem_private_key(key, None).public_key()
    except ValueError:
        return False
    return public == x509.load_pem_x509_certificate(cert).public_key()


def distrust(cert, trusted, usage, now=None):
    """Why a peer that trusts the CAs in `trusted` (PEM) refuses `cert` for `usage`; None when it does not."""
    now = now or datetime.datetime.now(datetime.timezone.utc)
    try:
        leaf = x509.load_pem_x509_certificate(cert)
        cas = x509.load_pem_x509_certificates(trusted)
    except ValueError as error:
        return f"unreadable certificate ({error})"
    issuers = [ca for ca in cas if issued(ca, leaf)]
    if not issuers:
        return "signed by a CA that is not trusted"
    if not any(ca.extensions.get_extension_for_class(x509.BasicConstraints).value.ca for ca in issuers):
        return "its issuer is no CA"
    for one in (leaf, *issuers):
        if not one.not_valid_before_utc <= now <= one.not_valid_after_utc:
            return "out of date"
    if USAGES[usage] not in leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value:
        return f"not for {usage}"
    return None


def issued(ca, leaf):
    try:
        leaf.verify_directly_issued_by(ca)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def names_host(cert, host):
    """Is `host` (a DNS name or an IP address) among the certificate's names? A wildcard covers one label."""
    try:
        names = x509.load_pem_x509_certificate(cert).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return False
    try:
        return ipaddress.ip_address(host) in names.get_values_for_type(x509.IPAddress)
    except ValueError:
        pass
    wildcard = "*." + host.partition(".")[2]
    return any(one.lower() in (host.lower(), wildcard.lower()) for one in names.get_values_for_type(x509.DNSName))
