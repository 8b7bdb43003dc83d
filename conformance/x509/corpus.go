package main

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
)

// The parts that most entries share.
type parts struct {
	corpus               Corpus
	caKey, leafKey       private
	otherCA              private
	rsa2048, rsaLeaf     private
	rsa9216              private
	ca, caFile, leafFile []byte // PEM of the usual CA, its key, the usual leaf's key
}

func makeCorpus() Corpus {
	p := &parts{
		corpus: Corpus{Note: "TEST FIXTURES, trusted by nothing", Files: map[string][]byte{}},
		caKey:  ec(elliptic.P256()), leafKey: ec(elliptic.P256()), otherCA: ec(elliptic.P256()),
		rsa2048: rsaOf(2048, 65537), rsaLeaf: rsaOf(2048, 65537), rsa9216: rsaOf(9216, 65537),
	}
	p.ca = certPEM(rootSpec(p.caKey).der())
	p.caFile, p.leafFile = pemOf("EC PRIVATE KEY", p.caKey.sec1), pemOf("EC PRIVATE KEY", p.leafKey.sec1)
	p.signatures()
	p.publicKeys()
	p.structure()
	p.times()
	p.subjects()
	p.extensionsOfLeaves()
	p.authorities()
	p.chains()
	p.privateKeys()
	p.changedKeys()
	p.pemForms()
	p.pastedForms()
	return p.corpus
}

func serverFiles() (cert, key []byte) {
	made := ec(elliptic.P256())
	return certPEM(rootSpec(made).der()), pemOf("EC PRIVATE KEY", made.sec1)
}

// entry adds a case; a file that was there already is named again.
func (p *parts) entry(name string, ca, caKey, cert, key []byte) {
	file := func(part string, content []byte) string {
		for known, there := range p.corpus.Files {
			if bytes.Equal(there, content) {
				return known
			}
		}
		p.corpus.Files[name+"."+part] = content
		return name + "." + part
	}
	p.corpus.Entries = append(p.corpus.Entries, Entry{
		name, file("ca.crt", ca), file("ca.key", caKey), file("tls.crt", cert), file("tls.key", key),
	})
}

// leaf adds a case with the usual CA and an odd leaf.
func (p *parts) leaf(name string, change func(*spec)) {
	s := leafSpec(p.leafKey, p.caKey)
	change(&s)
	p.entry("leaf-"+name, p.ca, p.caFile, certPEM(s.der()), p.leafFile)
}

// authority adds a case with an odd CA and a usual leaf of it.
func (p *parts) authority(name string, change func(ca, leaf *spec)) {
	ca, leaf := rootSpec(p.caKey), leafSpec(p.leafKey, p.caKey)
	change(&ca, &leaf)
	p.entry("ca-"+name, certPEM(ca.der()), p.caFile, certPEM(leaf.der()), p.leafFile)
}

func (p *parts) usualLeaf() []byte { return certPEM(leafSpec(p.leafKey, p.caKey).der()) }

// keyFile adds a case with an odd key file for a leaf of this key.
func (p *parts) keyFile(name string, of private, file []byte) {
	p.entry("key-"+name, p.ca, p.caFile, certPEM(leafSpec(of, p.caKey).der()), file)
}

func (p *parts) signatures() {
	rsas := map[string]algorithm{
		"md5": rsaMD5, "sha1": rsaSHA1, "sha256": rsaSHA256, "sha384": rsaSHA384, "sha512": rsaSHA512,
		"pss-sha256": pssAlgorithm(crypto.SHA256, 1, 32), "pss-sha384": pssAlgorithm(crypto.SHA384, 2, 48), "pss-sha512": pssAlgorithm(crypto.SHA512, 3, 64),
		"pss-salt-20": pssAlgorithm(crypto.SHA256, 1, 20),
	}
	signed := func(name string, key private, by algorithm) {
		ca, leaf := rootSpec(key), leafSpec(p.leafKey, key)
		ca.algorithm, leaf.algorithm = key.usual(), by
		keyFile := pemOf("PRIVATE KEY", key.pkcs8)
		p.entry("signature-"+name, certPEM(ca.der()), keyFile, certPEM(leaf.der()), p.leafFile)
	}
	for _, name := range []string{"md5", "sha1", "sha256", "sha384", "sha512", "pss-sha256", "pss-sha384", "pss-sha512", "pss-salt-20"} {
		signed("rsa2048-"+name, p.rsa2048, rsas[name])
	}
	withoutNull := algorithm{seq(oid(1, 2, 840, 113549, 1, 1, 11)), crypto.SHA256, false}
	signed("rsa2048-without-null", p.rsa2048, withoutNull)
	signed("rsa2048-sha1-other-oid", p.rsa2048, algorithm{seq(oid(1, 3, 14, 3, 2, 29), null()), crypto.SHA1, false})
	for _, size := range []int{512, 768, 1016, 1024, 1536, 2047, 3072, 4096} {
		signed(fmt.Sprintf("rsa%d-sha256", size), rsaOf(size, 65537), rsaSHA256)
	}
	signed("rsa9216-sha256", p.rsa9216, rsaSHA256)
	signed("rsa-exponent-3", rsaOf(2048, 3), rsaSHA256)
	signed("rsa-exponent-2^31+11", rsaOf(2048, 1<<31+11), rsaSHA256)
	for name, curve := range ordered(map[string]elliptic.Curve{"p224": elliptic.P224(), "p256": elliptic.P256(), "p384": elliptic.P384(), "p521": elliptic.P521()}) {
		for hash, by := range ordered(map[string]algorithm{"sha1": ecSHA1, "sha256": ecSHA256, "sha384": ecSHA384, "sha512": ecSHA512}) {
			signed(name+"-"+hash, ec(curve), by)
		}
	}
	signed("ed25519", ed(), plainEd)
	p.leaf("signature-of-another-ca", func(s *spec) { s.by = p.otherCA })
	p.leaf("signature-of-its-own", func(s *spec) { s.by = p.leafKey })
	p.leaf("signature-spoilt", func(s *spec) { s.spoil = func(der []byte) []byte { der[len(der)-1] ^= 1; return der } })
	p.leaf("content-spoilt", func(s *spec) {
		s.spoil = func(der []byte) []byte { return bytes.Replace(der, []byte("remote"), []byte("remotf"), 1) }
	})
	p.leaf("algorithm-of-another-kind", func(s *spec) { s.algorithm.id = rsaSHA256.id })
	p.leaf("algorithm-unknown", func(s *spec) { s.algorithm.id = seq(oid(1, 2, 3, 4)) })
	p.leaf("algorithm-inner-differs", func(s *spec) { s.inner = ecSHA384.id })
	p.leaf("algorithm-with-null", func(s *spec) { s.algorithm.id = seq(oid(1, 2, 840, 10045, 4, 3, 2), null()) })
	p.leaf("algorithm-with-rubbish", func(s *spec) { s.algorithm.id = seq(oid(1, 2, 840, 10045, 4, 3, 2), []byte{5, 9}) })
	p.leaf("algorithm-empty", func(s *spec) { s.algorithm.id = seq() })
}

func (p *parts) publicKeys() {
	kind := func(name string, key private, label string) {
		p.entry("kind-"+name, p.ca, p.caFile, certPEM(leafSpec(key, p.caKey).der()), pemOf(label, key.sec1))
	}
	kind("p224", ec(elliptic.P224()), "EC PRIVATE KEY")
	kind("p384", ec(elliptic.P384()), "EC PRIVATE KEY")
	kind("p521", ec(elliptic.P521()), "EC PRIVATE KEY")
	kind("ed25519", ed(), "PRIVATE KEY")
	kind("rsa2048", p.rsaLeaf, "RSA PRIVATE KEY")
	for _, size := range []int{512, 768, 1023, 1024, 1536, 2047, 4096} {
		kind(fmt.Sprintf("rsa%d", size), rsaOf(size, 65537), "RSA PRIVATE KEY")
	}
	kind("rsa8192", rsaOf(8192, 65537), "RSA PRIVATE KEY")
	kind("rsa9216", p.rsa9216, "RSA PRIVATE KEY")
	kind("rsa-exponent-3", rsaOf(2048, 3), "RSA PRIVATE KEY")
	kind("rsa-exponent-2^31+11", rsaOf(2048, 1<<31+11), "RSA PRIVATE KEY")

	public := func(name string, spki []byte) { p.leaf("public-"+name, func(s *spec) { s.spki = spki }) }
	point := must(p.leafKey.signer.(*ecdsa.PrivateKey).PublicKey.Bytes())
	compressed := join([]byte{2 + point[64]&1}, point[1:33])
	wrong := bytes.Clone(point)
	wrong[64] ^= 1
	named := func(curve, point []byte) []byte { return seq(seq(oidEC, curve), bits(point)) }
	public("compressed", named(oidP256, compressed))
	public("off-the-curve", named(oidP256, wrong))
	public("infinity", named(oidP256, []byte{0}))
	public("hybrid", named(oidP256, join([]byte{6 + point[64]&1}, point[1:])))
	public("short", named(oidP256, point[:64]))
	public("secp256k1", named(oidSecp256k1, point))
	public("curve-missing", named(nil, point))
	public("curve-null", named(null(), point))
	public("curve-explicit", named(seq(small(1)), point))
	public("other-p256", p.otherCA.spki)
	public("algorithm-unknown", seq(seq(oid(1, 3, 101, 113)), bits(make([]byte, 57))))
	public("x25519", seq(seq(oid(1, 3, 101, 110)), bits(bytes.Repeat([]byte{9}, 32))))
	public("ed25519-with-null", seq(seq(oidEd25519, null()), bits(make([]byte, 32))))
	public("ed25519-short", seq(seq(oidEd25519), bits(make([]byte, 31))))
	public("bits-unused", seq(seq(oidEC, oidP256), tlv(3, []byte{4}, point)))
	public("empty", seq())
	public("behind", seq(seq(oidEC, oidP256), bits(point), null()))

	n, e := p.rsaLeaf.signer.(*rsa.PrivateKey).N, big.NewInt(65537)
	rsaLeaf := func(name string, spki []byte) {
		s := leafSpec(p.rsaLeaf, p.caKey)
		s.spki = spki
		p.entry("leaf-public-rsa-"+name, p.ca, p.caFile, certPEM(s.der()), pemOf("RSA PRIVATE KEY", p.rsaLeaf.sec1))
	}
	rsaLeaf("exponent-other", rsaSPKI(integer(n), small(3)))
	rsaLeaf("exponent-1", rsaSPKI(integer(n), small(1)))
	rsaLeaf("exponent-zero", rsaSPKI(integer(n), small(0)))
	rsaLeaf("exponent-negative", rsaSPKI(integer(n), tlv(2, []byte{0xff})))
	rsaLeaf("exponent-huge", rsaSPKI(integer(n), integer(new(big.Int).Lsh(big.NewInt(1), 70))))
	rsaLeaf("modulus-negative", rsaSPKI(tlv(2, n.Bytes()), integer(e)))
	rsaLeaf("modulus-zero", rsaSPKI(small(0), integer(e)))
	rsaLeaf("modulus-even", rsaSPKI(integer(new(big.Int).Add(n, big.NewInt(1))), integer(e)))
	rsaLeaf("modulus-padded", rsaSPKI(tlv(2, []byte{0, 0}, n.Bytes()), integer(e)))
	rsaLeaf("behind", seq(seq(oidRSA, null()), bits(join(seq(integer(n), integer(e)), null()))))
	rsaLeaf("behind-inside", seq(seq(oidRSA, null()), bits(seq(integer(n), integer(e), null()))))
	rsaLeaf("without-null", seq(seq(oidRSA), bits(seq(integer(n), integer(e)))))
	rsaLeaf("empty", seq(seq(oidRSA, null()), bits(seq())))
}

func (p *parts) structure() {
	p.leaf("usual", func(*spec) {})
	for name, version := range ordered(map[string][]byte{
		"absent": nil, "0": small(0), "1": small(1), "3": small(3), "9": small(9), "negative": tlv(2, []byte{0xff}), "empty": tlv(2), "two-bytes": tlv(2, []byte{0, 2}), "null": null(),
	}) {
		p.leaf("version-"+name, func(s *spec) {
			s.version = nil
			if version != nil {
				s.version = tlv(0xa0, version)
			}
		})
		if name == "absent" || name == "1" {
			p.leaf("version-"+name+"-without-extensions", func(s *spec) {
				s.version = nil
				if version != nil {
					s.version = tlv(0xa0, version)
				}
				s.noExtensions = true
			})
		}
	}
	p.leaf("version-2-without-extensions", func(s *spec) { s.noExtensions = true })
	for name, serial := range ordered(map[string][]byte{
		"zero": small(0), "negative": tlv(2, []byte{0x80}), "minus-one": tlv(2, []byte{0xff}), "empty": tlv(2), "padded": tlv(2, []byte{0, 1}), "20-bytes": tlv(2, bytes.Repeat([]byte{0x11}, 20)),
		"21-bytes": tlv(2, bytes.Repeat([]byte{0x11}, 21)), "64-bytes": tlv(2, bytes.Repeat([]byte{0x11}, 64)), "octets": tlv(4, []byte{1}), "negative-padded": tlv(2, []byte{0xff, 0x80}),
	}) {
		p.leaf("serial-"+name, func(s *spec) { s.serial = serial })
	}
	p.leaf("behind", func(s *spec) { s.behindAll = null() })
	p.leaf("behind-inside", func(s *spec) { s.behind = null() })
	p.leaf("behind-outside", func(s *spec) { s.spoil = func(der []byte) []byte { return join(der, null()) } })
	p.leaf("cut-off", func(s *spec) { s.spoil = func(der []byte) []byte { return der[:len(der)-1] } })
	p.leaf("empty", func(s *spec) { s.spoil = func([]byte) []byte { return seq() } })
	p.leaf("not-a-sequence", func(s *spec) { s.spoil = func(der []byte) []byte { return join([]byte{0x31}, der[1:]) } })
	p.leaf("ber-open-length", func(s *spec) {
		s.spoil = func(der []byte) []byte { return join([]byte{0x30, 0x80}, der[4:], []byte{0, 0}) }
	})
	p.leaf("ber-long-length", func(s *spec) { s.spoil = func(der []byte) []byte { return join([]byte{0x30, 0x83, 0}, der[2:]) } })
	p.leaf("ber-long-length-inside", func(s *spec) { s.serial = []byte{2, 0x81, 1, 5} })
	p.leaf("ber-boolean", func(s *spec) { s.add(seq(ce(18), boolean(1), octets(seq(dns("x"))))) })
	p.leaf("ber-constructed-octets", func(s *spec) { s.add(seq(ce(18), tlv(0x24, octets(seq(dns("x")))))) })
	p.leaf("signature-bits-unused", func(s *spec) {
		s.spoil = func(der []byte) []byte {
			at := bytes.LastIndex(der, []byte{0, 0x30})
			der[at] = 1
			return der
		}
	})
	p.leaf("unique-ids", func(s *spec) { s.uniqueIDs = join(tlv(0x81, []byte{0, 1}), tlv(0x82, []byte{0, 1})) })
	p.leaf("unique-ids-swapped", func(s *spec) { s.uniqueIDs = join(tlv(0x82, []byte{0, 1}), tlv(0x81, []byte{0, 1})) })
	p.leaf("unique-id-constructed", func(s *spec) { s.uniqueIDs = tlv(0xa1, []byte{3, 2, 0, 1}) })
	p.leaf("extensions-empty", func(s *spec) { s.extensions = nil })
	p.leaf("extensions-not-a-sequence", func(s *spec) { s.noExtensions = true; s.behind = tlv(0xa3, null()) })
	p.leaf("extension-twice", func(s *spec) { s.add(usages(1, 2)) })
	p.leaf("extension-without-value", func(s *spec) { s.add(seq(oid(1, 2, 3))) })
	p.leaf("extension-value-null", func(s *spec) { s.add(seq(oid(1, 2, 3), null())) })
	p.leaf("extension-behind", func(s *spec) { s.add(seq(oid(1, 2, 3), octets(null()), null())) })
	p.leaf("extension-oid-empty", func(s *spec) { s.add(seq(tlv(6), octets(null()))) })
	p.leaf("extension-oid-long", func(s *spec) { s.add(seq(tlv(6, []byte{0x2a, 0xff, 0xff, 0xff, 0xff, 0x7f}), octets(null()))) })
	p.leaf("extension-oid-padded", func(s *spec) { s.add(seq(tlv(6, []byte{0x2a, 0x80, 1}), octets(null()))) })
	p.leaf("extension-oid-cut-off", func(s *spec) { s.add(seq(tlv(6, []byte{0x2a, 0x81}), octets(null()))) })
}

func (p *parts) times() {
	for name, time := range ordered(map[string][]byte{
		"general": general("20251101000000Z"), "fraction": general("20251101000000.5Z"), "general-without-seconds": general("202511010000Z"), "without-seconds": utc("2511010000Z"),
		"offset": utc("251101000000+0100"), "offset-zero": utc("251101000000+0000"), "offset-minus-zero": utc("251101000000-0000"), "offset-large": utc("251101000000+2400"), "offset-larger": utc("251101000000+2500"),
		"offset-short": utc("251101000000+01"), "offset-60-minutes": utc("251101000000+0060"), "general-offset": general("20251101000000-0100"), "without-zone": utc("251101000000"), "small-z": utc("251101000000z"), "month-0": utc("250001000000Z"),
		"month-13": utc("251301000000Z"), "day-0": utc("251100000000Z"), "day-31": utc("251131000000Z"), "day-29": utc("250229000000Z"), "leap-day": utc("240229000000Z"),
		"hour-24": utc("251101240000Z"), "minute-60": utc("251101006000Z"), "second-60": utc("251101000060Z"), "letters": utc("2511o1000000Z"), "blank": utc("251101 00000Z"), "empty": utc(""),
		"year-1950": utc("500101000000Z"), "year-2049": utc("491231235959Z"), "general-1999": general("19991231235959Z"), "general-0000": general("00000101000000Z"), "integer": small(5), "octets": tlv(4, []byte("251101000000Z")), "comma": general("20251101000000,5Z"),
	}) {
		p.leaf("begins-"+name, func(s *spec) { s.notBefore = time })
	}
	for name, time := range ordered(map[string][]byte{
		"yesterday": utc("261122000000Z"), "today": utc("261123000000Z"), "general-9999": general("99991231235959Z"), "year-1950": utc("500101000000Z"), "before-the-beginning": utc("200101000000Z"), "fraction": general("20361101000000.000Z"),
	}) {
		p.leaf("ends-"+name, func(s *spec) { s.notAfter = time })
	}
	p.leaf("begins-tomorrow", func(s *spec) { s.notBefore = utc("261124000000Z") })
	p.leaf("validity-behind", func(s *spec) { s.notAfter = join(s.notAfter, null()) })
	p.leaf("validity-half", func(s *spec) { s.notAfter = nil })
}

func (p *parts) subjects() {
	for name, subject := range ordered(map[string][]byte{
		"printable": name(attribute(3, 0x13, "remote")), "ia5": name(attribute(3, 0x16, "remote")), "t61": name(attribute(3, 0x14, "remote")), "bmp": name(attribute(3, 0x1e, "\x00r\x00e\x00m\x00o\x00t\x00e")),
		"bmp-ended": name(attribute(3, 0x1e, "\x00r\x00e\x00m\x00o\x00t\x00e\x00\x00")), "bmp-odd": name(attribute(3, 0x1e, "\x00r\x00e\x00")), "bmp-surrogate": name(attribute(3, 0x1e, "\xd8\x00\xdc\x00")), "bmp-reserved": name(attribute(3, 0x1e, "\xff\xfe")),
		"universal": name(attribute(3, 0x1c, "\x00\x00\x00r")), "visible": name(attribute(3, 0x1a, "remote")), "numeric": name(attribute(3, 0x12, "12 3")), "numeric-letters": name(attribute(3, 0x12, "12a")),
		"octets": name(attribute(3, 0x04, "remote")), "utf8-broken": name(attribute(3, 0x0c, "rem\xffte")), "printable-at": name(attribute(3, 0x13, "re@mote")), "printable-star": name(attribute(3, 0x13, "re*&mote")), "printable-underscore": name(attribute(3, 0x13, "re_mote")),
		"ia5-high": name(attribute(3, 0x16, "rem\xe9te")), "t61-high": name(attribute(3, 0x14, "rem\xe9te")), "nul": cn("remote\x00"), "space": cn("remote "), "upper": cn("Remote"), "empty": name(), "empty-set": seq(set()), "empty-text": cn(""),
		"twice": name(attribute(3, 0x0c, "first"), attribute(3, 0x0c, "remote")), "twice-wrong-last": name(attribute(3, 0x0c, "remote"), attribute(3, 0x0c, "last")), "in-one-set": seq(set(attribute(10, 0x0c, "org"), attribute(3, 0x0c, "remote"))), "with-others": name(attribute(10, 0x0c, "org"), attribute(3, 0x0c, "remote"), attribute(11, 0x13, "unit")),
		"attribute-without-value": seq(set(seq(oid(2, 5, 4, 3)))), "attribute-behind": seq(set(seq(oid(2, 5, 4, 3), tlv(0x0c, []byte("remote")), null()))), "not-a-set": seq(seq(attribute(3, 0x0c, "remote"))), "other-attribute-broken": name(attribute(3, 0x0c, "remote"), attribute(10, 0x13, "a_b")), "not-a-sequence": set(),
	}) {
		p.leaf("subject-"+name, func(s *spec) { s.subject = subject })
	}
	p.leaf("issuer-other", func(s *spec) { s.issuer = cn("Other CA") })
	p.leaf("issuer-printable", func(s *spec) { s.issuer = name(attribute(3, 0x13, "Cilium CA")) })
	p.leaf("issuer-empty", func(s *spec) { s.issuer = seq() })
	p.leaf("issuer-broken", func(s *spec) { s.issuer = name(attribute(3, 0x13, "Cilium_CA")) })
	for name, value := range ordered(map[string][]byte{
		"dns": names(dns("remote")), "dns-high": names(dns("rem\xffte")), "dns-empty": names(dns("")), "dns-odd": names(dns("a b..c_*")), "ip": names(ip(10, 0, 0, 1)), "ip-5": names(ip(10, 0, 0, 1, 2)), "ip-empty": names(ip()), "email": names(email("a@b.c")), "email-high": names(email("\xff@b.c")),
		"email-odd": names(email("@@")), "uri": names(uri("spiffe://mesh/remote")), "uri-high": names(uri("http://\xff")), "uri-broken": names(uri("http://a b/")), "uri-percent": names(uri("http://a/%zz")), "uri-control": names(uri("http://a/\x01")), "uri-no-scheme": names(uri(":x")), "uri-relative": names(uri("a/b")), "uri-host-odd": names(uri("http://a..b/")), "uri-ipv6": names(uri("http://[::1]/")),
		"uri-ipv6-open": names(uri("http://[::1/")), "uri-port": names(uri("http://a:80/")), "uri-port-letters": names(uri("http://a:b/")), "uri-user": names(uri("http://u:p@a/")), "uri-empty": names(uri("")), "uri-mail": names(uri("mailto:a@b.c")), "uri-colon-first": names(uri("a:b:c/d")), "uri-segment-colon": names(uri("1a:b")), "uri-query": names(uri("http://a?b=%zz#f")), "uri-fragment": names(uri("http://a#%zz")), "uri-underscore": names(uri("http://a_b/")), "uri-trailing-dot": names(uri("http://a./")),
		"empty": names(), "empty-critical": criticalExtension(ce(17), seq()), "critical": criticalExtension(ce(17), seq(dns("remote"))), "other-name-critical": criticalExtension(ce(17), seq(tlv(0xa0, oid(1, 2, 3), tlv(0xa0, null())))), "directory": names(tlv(0xa4, cn("x"))), "registered-id": names(tlv(0x88, []byte{42, 3})),
		"broken": extension(ce(17), []byte{0x30, 5, 0}), "not-a-sequence": extension(ce(17), null()), "behind": extension(ce(17), join(seq(dns("a")), null())), "tag-unknown": names(tlv(0x0c, []byte("x"))),
	}) {
		p.leaf("san-"+name, func(s *spec) { s.add(value) })
	}
}

func replaceFirst(s *spec, extensions ...[]byte) {
	s.extensions = append(extensions, s.extensions[1:]...)
}

func (p *parts) extensionsOfLeaves() {
	for name, value := range ordered(map[string][]byte{
		"unknown": extension(oid(1, 2, 3, 4), null()), "unknown-critical": criticalExtension(oid(1, 2, 3, 4), null()), "ce-unknown-critical": criticalExtension(ce(99), null()), "issuer-alt-critical": criticalExtension(ce(18), seq(dns("x"))),
		"ski-critical": criticalExtension(ce(14), octets([]byte{1})), "ski-broken": extension(ce(14), seq()), "aia": extension(oid(1, 3, 6, 1, 5, 5, 7, 1, 1), seq(seq(oid(1, 3, 6, 1, 5, 5, 7, 48, 1), uri("http://x")))), "aia-critical": criticalExtension(oid(1, 3, 6, 1, 5, 5, 7, 1, 1), seq()), "aia-broken": extension(oid(1, 3, 6, 1, 5, 5, 7, 1, 1), null()),
		"crl-points": extension(ce(31), seq(seq(tlv(0xa0, tlv(0xa0, uri("http://x")))))), "crl-points-broken": extension(ce(31), seq(null())), "crl-points-half": extension(ce(31), seq(seq(tlv(0xa0, null())))), "crl-points-critical": criticalExtension(ce(31), seq()),
		"policies": extension(ce(32), seq(seq(oid(1, 2, 3)))), "policies-twice": extension(ce(32), seq(seq(oid(1, 2, 3)), seq(oid(1, 2, 3)))), "policies-broken": extension(ce(32), seq(null())), "policies-empty": extension(ce(32), seq()), "policies-oid-broken": extension(ce(32), seq(seq(tlv(6, []byte{0x80, 1})))), "policies-not-a-sequence": extension(ce(32), null()),
		"policy-mappings": extension(ce(33), seq(seq(oid(1, 2, 3), oid(1, 2, 4)))), "policy-mappings-broken": extension(ce(33), seq(seq(oid(1, 2, 3)))), "policy-constraints-0": criticalExtension(ce(36), seq(tlv(0x80, []byte{0}))), "policy-constraints-1": criticalExtension(ce(36), seq(tlv(0x80, []byte{1}))),
		"policy-constraints-broken": extension(ce(36), seq(tlv(0x80))), "policy-constraints-long": extension(ce(36), seq(tlv(0x80, bytes.Repeat([]byte{1}, 9)))), "policy-constraints-mapping": extension(ce(36), seq(tlv(0x81, []byte{0}))), "policy-constraints-empty": extension(ce(36), seq()), "inhibit-any": criticalExtension(ce(54), small(0)), "inhibit-any-broken": extension(ce(54), null()),
		"name-constraints": criticalExtension(ce(30), seq(tlv(0xa0, seq(dns("x"))))), "name-constraints-empty": criticalExtension(ce(30), seq()), "name-constraints-directory": criticalExtension(ce(30), seq(tlv(0xa0, seq(tlv(0xa4, cn("x")))))), "netscape": extension(oid(2, 16, 840, 1, 113730, 1, 1), tlv(3, []byte{7, 0x80})), "must-staple-critical": criticalExtension(oid(1, 3, 6, 1, 5, 5, 7, 1, 24), seq(small(5))),
	}) {
		p.leaf("extension-"+name, func(s *spec) { s.add(value) })
	}
	p.leaf("policy-constraints-0-with-policy", func(s *spec) {
		s.add(criticalExtension(ce(36), seq(tlv(0x80, []byte{0}))), extension(ce(32), seq(seq(oid(1, 2, 3)))))
	})
	for name, purposes := range ordered(map[string][]int{"server": {1}, "client": {2}, "any": {0}, "signing": {3}, "unknown": {99}, "unknown-and-client": {99, 2}, "server-and-any": {1, 0}}) {
		p.leaf("eku-"+name, func(s *spec) { s.extensions[1] = usages(purposes...) })
	}
	p.leaf("eku-empty", func(s *spec) { s.extensions[1] = usages() })
	p.leaf("eku-absent", func(s *spec) { s.extensions = append(s.extensions[:1], s.extensions[2:]...) })
	p.leaf("eku-broken", func(s *spec) { s.extensions[1] = extension(ce(37), seq(null())) })
	p.leaf("eku-critical", func(s *spec) { s.extensions[1] = criticalExtension(ce(37), seq(oid(1, 3, 6, 1, 5, 5, 7, 3, 2))) })
	for name, usage := range ordered(map[string][]byte{"zero": {0, 0}, "none": {0}, "sign-only": {7, 0x80}, "encipher-only": {5, 0x20}, "cert-sign": {2, 4}, "unused-not-zero": {7, 0xff}, "9-bits": {7, 0xff, 0x80}, "empty": {}, "unused-8": {8, 0}}) {
		p.leaf("ku-"+name, func(s *spec) { replaceFirst(s, keyUsage(usage...)) })
	}
	p.leaf("ku-absent", func(s *spec) { s.extensions = s.extensions[1:] })
	p.leaf("ku-octets", func(s *spec) { replaceFirst(s, criticalExtension(ce(15), octets([]byte{0}))) })
	for name, value := range ordered(map[string][]byte{
		"ca": constraints(true, -1), "ca-pathlen": constraints(true, 0), "pathlen": constraints(false, 0), "pathlen-negative": criticalExtension(ce(19), seq(boolean(0xff), tlv(2, []byte{0xff}))), "pathlen-huge": criticalExtension(ce(19), seq(tlv(2, bytes.Repeat([]byte{0x7f}, 9)))), "boolean-1": criticalExtension(ce(19), seq(boolean(1))),
		"false": criticalExtension(ce(19), seq(boolean(0))), "behind": criticalExtension(ce(19), join(seq(), null())), "not-a-sequence": criticalExtension(ce(19), null()), "critical-false": seq(ce(19), boolean(0), octets(seq())), "reversed": criticalExtension(ce(19), seq(small(0), boolean(0xff))),
	}) {
		p.leaf("bc-"+name, func(s *spec) { s.extensions[2] = value })
	}
	p.leaf("bc-absent", func(s *spec) { s.extensions = append(s.extensions[:2], s.extensions[3:]...) })
	for name, value := range ordered(map[string][]byte{"other": extension(ce(35), seq(tlv(0x80, []byte{1, 2}))), "critical": criticalExtension(ce(35), seq(tlv(0x80, []byte{1, 2}))), "broken": extension(ce(35), null()), "empty": extension(ce(35), seq()), "issuer-and-serial": extension(ce(35), seq(tlv(0xa1, tlv(0xa4, cn("x"))), tlv(0x82, []byte{1})))}) {
		p.leaf("aki-"+name, func(s *spec) { s.extensions[3] = value })
	}
}

func (p *parts) authorities() {
	both := func(name string, change func(ca *spec)) { p.authority(name, func(ca, _ *spec) { change(ca) }) }
	both("usual", func(*spec) {})
	both("version-1", func(ca *spec) { ca.version, ca.noExtensions = nil, true })
	both("version-2", func(ca *spec) { ca.version, ca.noExtensions = tlv(0xa0, small(1)), true })
	both("without-extensions", func(ca *spec) { ca.noExtensions = true })
	both("without-constraints", func(ca *spec) { ca.extensions = ca.extensions[:1] })
	both("constraints-false", func(ca *spec) { ca.extensions[1] = constraints(false, -1) })
	both("constraints-not-critical", func(ca *spec) { ca.extensions[1] = extension(ce(19), seq(boolean(0xff))) })
	both("pathlen-0", func(ca *spec) { ca.extensions[1] = constraints(true, 0) })
	both("pathlen-negative", func(ca *spec) { ca.extensions[1] = criticalExtension(ce(19), seq(boolean(0xff), tlv(2, []byte{0xff}))) })
	for name, usage := range ordered(map[string][]byte{"zero": {0, 0}, "none": {0}, "signature-only": {7, 0x80}, "crl-only": {1, 2}, "cert-sign-only": {2, 4}, "everything": {7, 0xff, 0x80}}) {
		both("ku-"+name, func(ca *spec) { replaceFirst(ca, keyUsage(usage...)) })
	}
	both("ku-absent", func(ca *spec) { ca.extensions = ca.extensions[1:] })
	for name, purposes := range ordered(map[string][]int{"server": {1}, "client": {2}, "both": {1, 2}, "any": {0}, "signing": {3}, "unknown": {99}, "server-and-any": {1, 0}}) {
		both("eku-"+name, func(ca *spec) { ca.add(usages(purposes...)) })
	}
	both("eku-empty", func(ca *spec) { ca.add(usages()) })
	both("expired", func(ca *spec) { ca.notAfter = utc("261122000000Z") })
	both("not-yet", func(ca *spec) { ca.notBefore = utc("261124000000Z") })
	both("unknown-critical", func(ca *spec) { ca.add(criticalExtension(oid(1, 2, 3), null())) })
	both("unknown", func(ca *spec) { ca.add(extension(oid(1, 2, 3), null())) })
	both("intermediate", func(ca *spec) { ca.issuer, ca.by = cn("Root"), p.otherCA })
	both("signed-by-another", func(ca *spec) { ca.by = p.otherCA })
	both("algorithm-sha1", func(ca *spec) { ca.algorithm = ecSHA1 })
	both("algorithm-unknown", func(ca *spec) { ca.algorithm.id = seq(oid(1, 2, 3)) })
	both("serial-negative", func(ca *spec) { ca.serial = tlv(2, []byte{0x80}) })
	both("ski-other", func(ca *spec) { ca.extensions[2] = extension(ce(14), octets([]byte{9, 9})) })
	both("ski-absent", func(ca *spec) { ca.extensions = ca.extensions[:2] })
	both("subject-printable", func(ca *spec) { ca.subject = name(attribute(3, 0x13, "Cilium CA")) })
	both("subject-upper", func(ca *spec) { ca.subject = cn("CILIUM CA") })
	both("policy-constraints-0", func(ca *spec) { ca.add(criticalExtension(ce(36), seq(tlv(0x80, []byte{0})))) })
	both("inhibit-any", func(ca *spec) { ca.add(criticalExtension(ce(54), small(0))) })
	p.authority("subject-empty", func(ca, leaf *spec) { ca.subject, ca.issuer, leaf.issuer = seq(), seq(), seq() })
	p.authority("subject-t61", func(ca, leaf *spec) {
		odd := name(attribute(3, 0x14, "Cilium CA"), attribute(10, 0x14, "\xe9"))
		ca.subject, ca.issuer, leaf.issuer = odd, odd, odd
	})
	p.authority("rsa-self-signed-over-md5", func(ca, leaf *spec) { ca.by, ca.algorithm = p.rsa2048, rsaMD5 })
	constrained := func(name string, leafNames []byte, subtrees ...[]byte) {
		p.authority("names-"+name, func(ca, leaf *spec) {
			ca.add(criticalExtension(ce(30), seq(subtrees...)))
			if leafNames != nil {
				leaf.add(leafNames)
			}
		})
	}
	permitted := func(bases ...[]byte) []byte { return tlv(0xa0, subtrees(bases)...) }
	excluded := func(bases ...[]byte) []byte { return tlv(0xa1, subtrees(bases)...) }
	constrained("no-san", nil, permitted(dns("example.com")))
	constrained("permitted", names(dns("a.example.com")), permitted(dns("example.com")))
	constrained("permitted-upper", names(dns("a.EXAMPLE.com")), permitted(dns("example.com")))
	constrained("permitted-itself", names(dns("example.com")), permitted(dns("example.com")))
	constrained("permitted-dot", names(dns("a.example.com")), permitted(dns(".example.com")))
	constrained("permitted-dot-itself", names(dns("example.com")), permitted(dns(".example.com")))
	constrained("not-permitted", names(dns("remote")), permitted(dns("example.com")))
	constrained("not-a-label", names(dns("badexample.com")), permitted(dns("example.com")))
	constrained("one-of-two-not-permitted", names(dns("a.example.com"), dns("remote")), permitted(dns("example.com")))
	constrained("permitted-everything", names(dns("remote")), permitted(dns("")))
	constrained("excluded", names(dns("remote")), excluded(dns("remote")))
	constrained("excluded-everything", names(dns("remote")), excluded(dns("")))
	constrained("excluded-other", names(dns("remote")), excluded(dns("example.com")))
	constrained("excluded-inside", names(dns("a.b.example.com")), permitted(dns("example.com")), excluded(dns("b.example.com")))
	constrained("excluded-wildcard", names(dns("*.example.com")), excluded(dns("a.example.com")))
	constrained("excluded-wildcard-deeper", names(dns("*.example.com")), excluded(dns("a.b.example.com")))
	constrained("permitted-wildcard", names(dns("*.example.com")), permitted(dns("a.example.com")))
	constrained("name-odd", names(dns("a b")), permitted(dns("example.com")))
	constrained("name-odd-other-kind", names(dns("a b")), permitted(ip(10, 0, 0, 0, 255, 0, 0, 0)))
	constrained("ip-permitted", names(ip(10, 1, 2, 3)), permitted(ip(10, 0, 0, 0, 255, 0, 0, 0)))
	constrained("ip-not-permitted", names(ip(11, 1, 2, 3)), permitted(ip(10, 0, 0, 0, 255, 0, 0, 0)))
	constrained("ip-excluded", names(ip(10, 1, 2, 3)), excluded(ip(10, 0, 0, 0, 255, 0, 0, 0)))
	constrained("ip-other-family", names(ip(make([]byte, 16)...)), permitted(ip(10, 0, 0, 0, 255, 0, 0, 0)))
	constrained("ip-mask-broken", nil, permitted(ip(10, 0, 0, 0, 255, 0, 255, 0)))
	constrained("ip-short", nil, permitted(ip(10, 0, 0, 0)))
	constrained("ip-host-bits", names(ip(10, 1, 2, 3)), permitted(ip(10, 9, 9, 9, 255, 0, 0, 0)))
	constrained("email-permitted", names(email("a@example.com")), permitted(email("example.com")))
	constrained("email-not-permitted", names(email("a@other.com")), permitted(email("example.com")))
	constrained("email-exact", names(email("a@Example.com")), permitted(email("a@example.com")))
	constrained("email-exact-other", names(email("b@example.com")), permitted(email("a@example.com")))
	constrained("email-broken", names(email("@@")), permitted(dns("example.com")))
	constrained("email-constraint-broken", nil, permitted(email("@")))
	constrained("email-quoted", names(email("\"a b\"@example.com")), permitted(email("example.com")))
	constrained("uri-permitted", names(uri("spiffe://mesh.example.com/x")), permitted(uri("example.com")))
	constrained("uri-not-permitted", names(uri("spiffe://mesh/x")), permitted(uri("example.com")))
	constrained("uri-without-host", names(uri("urn:x")), permitted(dns("example.com")))
	constrained("uri-ip", names(uri("http://10.0.0.1/")), permitted(dns("example.com")))
	constrained("uri-port", names(uri("http://a.example.com:80/")), excluded(uri("example.com")))
	constrained("uri-constraint-ip", nil, permitted(uri("10.0.0.1")))
	constrained("directory", nil, permitted(tlv(0xa4, cn("remote"))))
	constrained("empty", nil)
	constrained("empty-list", nil, tlv(0xa0))
	constrained("dns-broken", nil, permitted(dns("a..b")))
	constrained("dns-high", nil, permitted(dns("\xff")))
	constrained("behind", nil, permitted(dns("a")), null())
	constrained("minimum", names(dns("a.example.com")), tlv(0xa0, seq(dns("example.com"), tlv(0x80, []byte{0}))))
	p.authority("names-directory-not-critical", func(ca, _ *spec) { ca.add(extension(ce(30), seq(permitted(tlv(0xa4, cn("x")))))) })
	p.authority("names-not-critical", func(ca, leaf *spec) {
		ca.add(extension(ce(30), seq(permitted(dns("example.com")))))
		leaf.add(names(dns("remote")))
	})

	leaf := p.usualLeaf()
	other := certPEM(rootSpec(p.otherCA).der())
	p.entry("ca-two-the-same", join(p.ca, p.ca), p.caFile, leaf, p.leafFile)
	p.entry("ca-two", join(p.ca, other), p.caFile, leaf, p.leafFile)
	p.entry("ca-two-other-first", join(other, p.ca), p.caFile, leaf, p.leafFile)
	p.entry("ca-another", other, p.caFile, leaf, p.leafFile)
	p.entry("ca-another-with-its-key", other, pemOf("EC PRIVATE KEY", p.otherCA.sec1), leaf, p.leafFile)
	p.entry("ca-key-of-another", p.ca, pemOf("EC PRIVATE KEY", p.otherCA.sec1), leaf, p.leafFile)
	p.entry("ca-is-the-leaf", leaf, p.leafFile, leaf, p.leafFile)
	p.entry("ca-is-its-own-leaf", p.ca, p.caFile, p.ca, p.caFile)
	cross := rootSpec(p.caKey)
	cross.issuer, cross.by = cn("Other"), p.otherCA
	p.entry("ca-cross-signed-too", join(p.ca, certPEM(cross.der())), p.caFile, leaf, p.leafFile)
	p.entry("ca-broken-second", join(p.ca, certPEM(seq())), p.caFile, leaf, p.leafFile)
}

func subtrees(bases [][]byte) [][]byte {
	var all [][]byte
	for _, base := range bases {
		all = append(all, seq(base))
	}
	return all
}

func (p *parts) chains() {
	leaf := p.usualLeaf()
	chain := func(name string, certs ...[]byte) { p.entry("chain-"+name, p.ca, p.caFile, join(certs...), p.leafFile) }
	chain("with-ca", leaf, p.ca)
	chain("ca-first", p.ca, leaf)
	chain("unrelated", leaf, certPEM(rootSpec(p.otherCA).der()))
	chain("broken-second", leaf, certPEM(seq()))
	chain("twice", leaf, leaf)
	big := rootSpec(p.rsa9216)
	chain("with-rsa9216", leaf, certPEM(big.der()))
	below := func(name string, change func(root, middle, end *spec)) {
		root, middle, end := rootSpec(p.caKey), rootSpec(p.otherCA), leafSpec(p.leafKey, p.otherCA)
		middle.subject, end.issuer = cn("Middle CA"), cn("Middle CA")
		middle.by = p.caKey
		change(&root, &middle, &end)
		p.entry("chain-below-"+name, certPEM(root.der()), p.caFile, join(certPEM(end.der()), certPEM(middle.der())), p.leafFile)
	}
	same := func(name string, change func(middle *spec)) { below(name, func(_, middle, _ *spec) { change(middle) }) }
	same("intermediate", func(*spec) {})
	same("not-a-ca", func(m *spec) { m.extensions[1] = constraints(false, -1) })
	same("without-constraints", func(m *spec) { m.extensions = m.extensions[:1] })
	same("version-1", func(m *spec) { m.version, m.noExtensions = nil, true })
	same("eku-server", func(m *spec) { m.add(usages(1)) })
	same("expired", func(m *spec) { m.notAfter = utc("261122000000Z") })
	same("critical", func(m *spec) { m.add(criticalExtension(oid(1, 2, 3), null())) })
	same("sha1", func(m *spec) { m.algorithm = ecSHA1 })
	same("signed-by-another", func(m *spec) { m.by = p.leafKey })
	same("policy-constraints-0", func(m *spec) { m.add(criticalExtension(ce(36), seq(tlv(0x80, []byte{0})))) })
	same("policies-any", func(m *spec) { m.add(extension(ce(32), seq(seq(oid(2, 5, 29, 32, 0))))) })
	same("names", func(m *spec) { m.add(criticalExtension(ce(30), seq(tlv(0xa0, seq(dns("x")))))) })
	same("ku-no-cert-sign", func(m *spec) { replaceFirst(m, keyUsage(7, 0x80)) })
	below("pathlen-0", func(root, _, _ *spec) { root.extensions[1] = constraints(true, 0) })
	below("pathlen-1", func(root, _, _ *spec) { root.extensions[1] = constraints(true, 1) })
	below("root-eku-server", func(root, _, _ *spec) { root.add(usages(1)) })
	below("names-of-the-leaf", func(_, m, end *spec) {
		m.add(criticalExtension(ce(30), seq(tlv(0xa0, seq(dns("x"))))))
		end.add(names(dns("y")))
	})
	policies := func(name string, ofMiddle, ofEnd []int, more ...[]byte) {
		policy := func(last []int) []byte {
			var all [][]byte
			for _, number := range last {
				if number == 0 {
					all = append(all, seq(oid(2, 5, 29, 32, 0)))
				} else {
					all = append(all, seq(oid(1, 2, 3, number)))
				}
			}
			return extension(ce(32), seq(all...))
		}
		below("policy-"+name, func(_, m, end *spec) {
			m.add(criticalExtension(ce(36), seq(tlv(0x80, []byte{0}))))
			m.add(more...)
			if ofMiddle != nil {
				m.add(policy(ofMiddle))
			}
			if ofEnd != nil {
				end.add(policy(ofEnd))
			}
		})
	}
	mapping := func(from, to int) []byte { return extension(ce(33), seq(seq(oid(1, 2, 3, from), oid(1, 2, 3, to)))) }
	policies("equal", []int{1}, []int{1})
	policies("unequal", []int{1}, []int{2})
	policies("any-above", []int{0}, []int{2})
	policies("any-below", []int{1}, []int{0})
	policies("any-below-inhibited", []int{1}, []int{0}, criticalExtension(ce(54), small(0)))
	policies("mapped", []int{1}, []int{2}, mapping(1, 2))
	policies("mapped-unmapped", []int{1}, []int{1}, mapping(1, 2))
	policies("none-above", nil, []int{1})
}

func (p *parts) privateKeys() {
	key := p.leafKey.signer.(*ecdsa.PrivateKey)
	scalar := must(key.Bytes())
	point := must(key.PublicKey.Bytes())
	inner := func(version int64, scalar, curve, point []byte) []byte {
		parts := [][]byte{small(version), octets(scalar)}
		if curve != nil {
			parts = append(parts, tlv(0xa0, curve))
		}
		if point != nil {
			parts = append(parts, tlv(0xa1, bits(point)))
		}
		return seq(parts...)
	}
	sec1 := func(name string, der []byte) { p.keyFile("sec1-"+name, p.leafKey, pemOf("EC PRIVATE KEY", der)) }
	pkcs8 := func(name string, of private, der []byte) { p.keyFile("pkcs8-"+name, of, pemOf("PRIVATE KEY", der)) }
	sec1("usual", p.leafKey.sec1)
	sec1("without-point", inner(1, scalar, oidP256, nil))
	sec1("without-curve", inner(1, scalar, nil, point))
	sec1("point-of-another", inner(1, scalar, oidP256, must(p.otherCA.signer.(*ecdsa.PrivateKey).PublicKey.Bytes())))
	sec1("curve-other", inner(1, scalar, oid(1, 3, 132, 0, 34), point))
	sec1("curve-unknown", inner(1, scalar, oidSecp256k1, point))
	sec1("curve-explicit", inner(1, scalar, seq(small(1)), point))
	sec1("version-0", inner(0, scalar, oidP256, point))
	sec1("version-2", inner(2, scalar, oidP256, point))
	sec1("padded", inner(1, join(make([]byte, 3), scalar), oidP256, point))
	sec1("too-long", inner(1, join([]byte{1}, scalar), oidP256, point))
	sec1("zero", inner(1, make([]byte, 32), oidP256, point))
	sec1("order", inner(1, elliptic.P256().Params().N.Bytes(), oidP256, point))
	sec1("plus-order", inner(1, new(big.Int).Add(new(big.Int).SetBytes(scalar), elliptic.P256().Params().N).Bytes(), oidP256, point))
	sec1("empty-scalar", inner(1, nil, oidP256, point))
	sec1("behind", join(p.leafKey.sec1, null()))
	sec1("behind-inside", seq(small(1), octets(scalar), tlv(0xa0, oidP256), tlv(0xa1, bits(point)), null()))
	sec1("cut-off", p.leafKey.sec1[:len(p.leafKey.sec1)-3])
	sec1("point-broken", seq(small(1), octets(scalar), tlv(0xa0, oidP256), tlv(0xa1, null())))
	sec1("of-another", p.otherCA.sec1)
	short := p.shortKey()
	p.keyFile("sec1-leading-zero-dropped", short, pemOf("EC PRIVATE KEY", inner(1, must(short.signer.(*ecdsa.PrivateKey).Bytes())[1:], oidP256, nil)))

	ecID, inside := seq(oidEC, oidP256), inner(1, scalar, nil, point)
	pkcs8("usual", p.leafKey, p.leafKey.pkcs8)
	pkcs8("version-1-with-public", p.leafKey, seq(small(1), ecID, octets(inside), tlv(0x81, []byte{0}, point)))
	pkcs8("version-9", p.leafKey, seq(small(9), ecID, octets(inside)))
	pkcs8("version-negative", p.leafKey, seq(tlv(2, []byte{0xff}), ecID, octets(inside)))
	pkcs8("version-padded", p.leafKey, seq(tlv(2, []byte{0, 0}), ecID, octets(inside)))
	pkcs8("attributes", p.leafKey, seq(small(0), ecID, octets(inside), tlv(0xa0, null())))
	pkcs8("behind", p.leafKey, join(p.leafKey.pkcs8, null()))
	pkcs8("behind-inside", p.leafKey, seq(small(0), ecID, octets(inside), null()))
	pkcs8("curve-inside-only", p.leafKey, pkcs8Of(seq(oidEC), inner(1, scalar, oidP256, point)))
	pkcs8("curve-null-outside", p.leafKey, pkcs8Of(seq(oidEC, null()), inner(1, scalar, oidP256, point)))
	pkcs8("curve-nowhere", p.leafKey, pkcs8Of(seq(oidEC), inside))
	pkcs8("curves-differ", p.leafKey, pkcs8Of(ecID, inner(1, scalar, oid(1, 3, 132, 0, 34), point)))
	pkcs8("curves-differ-outside", p.leafKey, pkcs8Of(seq(oidEC, oid(1, 3, 132, 0, 34)), inner(1, scalar, oidP256, point)))
	pkcs8("curve-explicit-outside", p.leafKey, pkcs8Of(seq(oidEC, seq(small(1))), inner(1, scalar, oidP256, point)))
	pkcs8("sec1-inside-broken", p.leafKey, pkcs8Of(ecID, null()))
	pkcs8("algorithm-unknown", p.leafKey, pkcs8Of(seq(oid(1, 2, 3)), inside))
	pkcs8("algorithm-id-ec", p.leafKey, pkcs8Of(seq(oid(1, 3, 132, 1, 12), oidP256), inside))
	edKey := ed()
	seed := must(base64.StdEncoding.DecodeString(base64.StdEncoding.EncodeToString(edKey.pkcs8)))[16:]
	pkcs8("ed25519", edKey, edKey.pkcs8)
	pkcs8("ed25519-with-null", edKey, pkcs8Of(seq(oidEd25519, null()), octets(seed)))
	pkcs8("ed25519-short", edKey, pkcs8Of(seq(oidEd25519), octets(seed[:31])))
	pkcs8("ed25519-bare", edKey, pkcs8Of(seq(oidEd25519), seed))
	pkcs8("ed25519-seed-behind", edKey, pkcs8Of(seq(oidEd25519), join(octets(seed), null())))
	pkcs8("ed25519-with-public", edKey, seq(small(1), seq(oidEd25519), octets(octets(seed)), tlv(0x81, []byte{0}, make([]byte, 32))))
	pkcs8("x25519", p.leafKey, pkcs8Of(seq(oid(1, 3, 101, 110)), octets(seed)))
	pkcs8("sec1-inside-label", p.leafKey, p.leafKey.sec1)
	pkcs8("pkcs1-inside-label", p.rsaLeaf, p.rsaLeaf.sec1)
	p.keyFile("label-sec1-holds-pkcs8", p.leafKey, pemOf("EC PRIVATE KEY", p.leafKey.pkcs8))
	p.keyFile("label-pkcs1-holds-sec1", p.leafKey, pemOf("RSA PRIVATE KEY", p.leafKey.sec1))
	p.keyFile("label-any", p.leafKey, pemOf("ANY PRIVATE KEY", p.leafKey.pkcs8))
	p.keyFile("label-any-sec1", p.leafKey, pemOf("MY OWN PRIVATE KEY", p.leafKey.sec1))
	p.keyFile("label-without-space", p.leafKey, pemOf("MYPRIVATE KEY", p.leafKey.pkcs8))
	p.keyFile("label-lower", p.leafKey, pemOf("private key", p.leafKey.pkcs8))
	p.keyFile("label-encrypted", p.leafKey, pemOf("ENCRYPTED PRIVATE KEY", p.leafKey.pkcs8))
	p.keyFile("label-encrypted-really", p.leafKey, pemOf("ENCRYPTED PRIVATE KEY", seq(seq(oid(1, 2, 840, 113549, 1, 5, 13), seq()), octets(make([]byte, 48)))))
	p.keyFile("label-openssh", p.leafKey, pemOf("OPENSSH PRIVATE KEY", []byte("openssh-key-v1\x00none")))
	p.keyFile("label-public", p.leafKey, pemOf("PUBLIC KEY", p.leafKey.spki))
	p.keyFile("label-certificate", p.leafKey, p.ca)
	header := &pem.Block{Type: "EC PRIVATE KEY", Headers: map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": "AES-256-CBC,00"}, Bytes: make([]byte, 48)}
	p.keyFile("encrypted-headers", p.leafKey, pem.EncodeToMemory(header))
	header.Bytes = p.leafKey.sec1
	p.keyFile("encrypted-headers-but-plain", p.leafKey, pem.EncodeToMemory(header))
	parameters := pemOf("EC PARAMETERS", oidP256)
	p.keyFile("parameters-first", p.leafKey, join(parameters, p.leafFile))
	p.keyFile("parameters-last", p.leafKey, join(p.leafFile, parameters))
	p.keyFile("parameters-alone", p.leafKey, parameters)
	p.keyFile("parameters-explicit-first", p.leafKey, join(pemOf("EC PARAMETERS", seq(small(1))), p.leafFile))
	p.keyFile("two-first-fits", p.leafKey, join(p.leafFile, p.caFile))
	p.keyFile("two-second-fits", p.leafKey, join(p.caFile, p.leafFile))
	p.keyFile("certificate-first", p.leafKey, join(p.usualLeaf(), p.leafFile))
	p.keyFile("certificate-last", p.leafKey, join(p.leafFile, p.usualLeaf()))
	p.keyFile("public-first", p.leafKey, join(pemOf("PUBLIC KEY", p.leafKey.spki), p.leafFile))
	p.keyFile("broken-first", p.leafKey, join(pemOf("EC PRIVATE KEY", seq()), p.leafFile))
	p.keyFile("encrypted-first", p.leafKey, join(pemOf("ENCRYPTED PRIVATE KEY", seq()), p.leafFile))

	rsaKey := p.rsaLeaf.signer.(*rsa.PrivateKey)
	odd := func(name string, change func(n []*big.Int)) {
		numbers := rsaNumbers(rsaKey)
		for i := range numbers {
			numbers[i] = new(big.Int).Set(numbers[i])
		}
		change(numbers)
		p.keyFile("rsa-"+name, p.rsaLeaf, pemOf("RSA PRIVATE KEY", pkcs1(numbers)))
	}
	for i, name := range []string{"n", "e", "d", "p", "q", "dp", "dq", "qinv"} {
		odd(name+"-plus-2", func(n []*big.Int) { n[i].Add(n[i], big.NewInt(2)) })
		odd(name+"-zero", func(n []*big.Int) { n[i] = new(big.Int) })
	}
	odd("primes-swapped", func(n []*big.Int) { n[3], n[4] = n[4], n[3] })
	odd("primes-swapped-whole", func(n []*big.Int) {
		n[3], n[4], n[5], n[6] = n[4], n[3], n[6], n[5]
		n[7] = new(big.Int).ModInverse(n[4], n[3])
	})
	odd("d-modulo-phi", func(n []*big.Int) {
		one := big.NewInt(1)
		n[2].Add(n[2], new(big.Int).Mul(new(big.Int).Sub(n[3], one), new(big.Int).Sub(n[4], one)))
	})
	numbers := rsaNumbers(rsaKey)
	rsaFile := func(name string, der []byte) { p.keyFile("rsa-"+name, p.rsaLeaf, pemOf("RSA PRIVATE KEY", der)) }
	rsaFile("usual", pkcs1(numbers))
	rsaFile("behind", join(pkcs1(numbers), null()))
	rsaFile("without-crt", pkcs1(numbers[:5]))
	rsaFile("public-numbers-only", pkcs1(numbers[:2]))
	version := func(version []byte) []byte {
		parts := [][]byte{version}
		for _, number := range numbers {
			parts = append(parts, integer(number))
		}
		return seq(parts...)
	}
	rsaFile("version-1", version(small(1)))
	rsaFile("version-2", version(small(2)))
	rsaFile("version-negative", version(tlv(2, []byte{0xff})))
	pkcs8("rsa", p.rsaLeaf, p.rsaLeaf.pkcs8)
	pkcs8("rsa-without-null", p.rsaLeaf, pkcs8Of(seq(oidRSA), p.rsaLeaf.sec1))
	pkcs8("rsa-behind-inside", p.rsaLeaf, pkcs8Of(seq(oidRSA, null()), join(p.rsaLeaf.sec1, null())))
	p.keyFile("rsa-for-ec", p.leafKey, pemOf("RSA PRIVATE KEY", p.rsaLeaf.sec1))
	p.keyFile("ec-for-rsa", p.rsaLeaf, p.leafFile)
}

// shortKey has a zero as first byte of its number.
func (p *parts) shortKey() private {
	for {
		if key := ec(elliptic.P256()); must(key.signer.(*ecdsa.PrivateKey).Bytes())[0] == 0 {
			return key
		}
	}
}

// changedKeys are keys of which one character of the base64 was changed.
func (p *parts) changedKeys() {
	change := func(name string, of private, label string, steps int) {
		file := pemOf(label, of.sec1)
		begin, end := bytes.IndexByte(file, '\n')+1, bytes.Index(file, []byte("\n-----END"))
		for step := range steps {
			at := begin + (end-begin)*step/steps
			for file[at] == '\n' {
				at++
			}
			changed := bytes.Clone(file)
			changed[at] = "BADC"[step%4]
			if changed[at] == file[at] {
				changed[at] = 'Q'
			}
			p.keyFile(fmt.Sprintf("changed-%s-%02d", name, step), of, changed)
		}
	}
	change("p256", p.leafKey, "EC PRIVATE KEY", 24)
	change("rsa", p.rsaLeaf, "RSA PRIVATE KEY", 24)
	change("p384", ec(elliptic.P384()), "EC PRIVATE KEY", 8)
	change("ed25519", ed(), "PRIVATE KEY", 8)
}

func (p *parts) pemForms() {
	leaf := p.usualLeaf()
	lines := func(file []byte) []string { return strings.Split(strings.TrimSuffix(string(file), "\n"), "\n") }
	body := func(file []byte) string { all := lines(file); return strings.Join(all[1:len(all)-1], "") }
	wrap := func(file []byte, inside string) []byte {
		all := lines(file)
		return []byte(all[0] + "\n" + inside + "\n" + all[len(all)-1] + "\n")
	}
	broken := func(text string, width int) string {
		var out strings.Builder
		for i, c := range text {
			if i > 0 && i%width == 0 {
				out.WriteByte('\n')
			}
			out.WriteRune(c)
		}
		return out.String()
	}
	for name, form := range ordered(map[string]func([]byte) []byte{
		"crlf":               func(f []byte) []byte { return bytes.ReplaceAll(f, []byte("\n"), []byte("\r\n")) },
		"cr":                 func(f []byte) []byte { return bytes.ReplaceAll(f, []byte("\n"), []byte("\r")) },
		"no-final-newline":   func(f []byte) []byte { return bytes.TrimSuffix(f, []byte("\n")) },
		"blank-lines":        func(f []byte) []byte { return bytes.ReplaceAll(f, []byte("\n"), []byte("\n\n")) },
		"one-line":           func(f []byte) []byte { return wrap(f, body(f)) },
		"narrow":             func(f []byte) []byte { return wrap(f, broken(body(f), 1)) },
		"wide":               func(f []byte) []byte { return wrap(f, broken(body(f), 200)) },
		"spaces":             func(f []byte) []byte { return wrap(f, broken(body(f), 64)+" \t") },
		"spaces-between":     func(f []byte) []byte { return wrap(f, strings.ReplaceAll(broken(body(f), 4), "\n", " ")) },
		"indented":           func(f []byte) []byte { return bytes.ReplaceAll(f, []byte("\n"), []byte("\n  ")) },
		"indented-first":     func(f []byte) []byte { return join([]byte("  "), f) },
		"indented-body":      func(f []byte) []byte { return wrap(f, "  "+strings.ReplaceAll(broken(body(f), 64), "\n", "\n  ")) },
		"form-feed":          func(f []byte) []byte { return wrap(f, "\f"+body(f)) },
		"text-before":        func(f []byte) []byte { return join([]byte("subject=x\nissuer=y\n"), f) },
		"text-after":         func(f []byte) []byte { return join(f, []byte("the end\n")) },
		"text-before-inline": func(f []byte) []byte { return join([]byte("x "), f) },
		"text-after-end":     func(f []byte) []byte { return join(bytes.TrimSuffix(f, []byte("\n")), []byte("x\n")) },
		"space-after-end":    func(f []byte) []byte { return join(bytes.TrimSuffix(f, []byte("\n")), []byte(" \t\n")) },
		"space-after-begin":  func(f []byte) []byte { return bytes.Replace(f, []byte("-----\n"), []byte("----- \n"), 1) },
		"begin-twice":        func(f []byte) []byte { return join([]byte(lines(f)[0]+"\n"), f) },
		"end-twice":          func(f []byte) []byte { all := lines(f); return join(f, []byte(all[len(all)-1]+"\n")) },
		"begin-missing":      func(f []byte) []byte { return f[bytes.IndexByte(f, '\n')+1:] },
		"end-missing":        func(f []byte) []byte { return f[:bytes.Index(f, []byte("-----END"))] },
		"end-other":          func(f []byte) []byte { return bytes.Replace(f, []byte("-----END "), []byte("-----END X"), 1) },
		"four-dashes":        func(f []byte) []byte { return bytes.Replace(f, []byte("-----BEGIN"), []byte("----BEGIN"), 1) },
		"six-dashes":         func(f []byte) []byte { return bytes.Replace(f, []byte("-----BEGIN"), []byte("------BEGIN"), 1) },
		"headers": func(f []byte) []byte {
			return bytes.Replace(f, []byte("-----\n"), []byte("-----\nComment: made by hand\nOther: x\n\n"), 1)
		},
		"headers-no-blank": func(f []byte) []byte {
			return bytes.Replace(f, []byte("-----\n"), []byte("-----\nComment: made by hand\n"), 1)
		},
		"header-folded": func(f []byte) []byte {
			return bytes.Replace(f, []byte("-----\n"), []byte("-----\nComment: made\n by hand\n\n"), 1)
		},
		"headers-only":    func(f []byte) []byte { return wrap(f, "Comment: x\n") },
		"body-empty":      func(f []byte) []byte { return wrap(f, "") },
		"body-none":       func(f []byte) []byte { all := lines(f); return []byte(all[0] + "\n" + all[len(all)-1] + "\n") },
		"body-rubbish":    func(f []byte) []byte { return wrap(f, "!"+body(f)) },
		"body-url-safe":   func(f []byte) []byte { return wrap(f, strings.NewReplacer("+", "-", "/", "_").Replace(body(f))) },
		"padding-missing": func(f []byte) []byte { return wrap(f, strings.TrimRight(body(f), "=")) },
		"padding-more":    func(f []byte) []byte { return wrap(f, body(f)+"====") },
		"line-missing": func(f []byte) []byte {
			all := lines(f)
			return []byte(strings.Join(append(all[:2:2], all[3:]...), "\n") + "\n")
		},
		"bom":              func(f []byte) []byte { return join([]byte("\xef\xbb\xbf"), f) },
		"utf16":            func(f []byte) []byte { return utf16le(f) },
		"nul-behind":       func(f []byte) []byte { return join(f, []byte{0}) },
		"der":              func(f []byte) []byte { block, _ := pem.Decode(f); return block.Bytes },
		"base64-again":     func(f []byte) []byte { return []byte(base64.StdEncoding.EncodeToString(f)) },
		"newlines-spelled": func(f []byte) []byte { return bytes.ReplaceAll(f, []byte("\n"), []byte(`\n`)) },
		"newlines-blanks":  func(f []byte) []byte { return bytes.ReplaceAll(f, []byte("\n"), []byte(" ")) },
		"lower-begin":      func(f []byte) []byte { return bytes.Replace(f, []byte("BEGIN"), []byte("begin"), 1) },
		"empty":            func(f []byte) []byte { return []byte{} },
		"trailing-bits":    trailingBits,
	}) {
		p.entry("pem-cert-"+name, p.ca, p.caFile, form(leaf), p.leafFile)
		p.entry("pem-key-"+name, p.ca, p.caFile, leaf, form(p.leafFile))
	}
	for _, label := range []string{"TRUSTED CERTIFICATE", "X509 CERTIFICATE", "PKCS7", "CERTIFICATE REQUEST", "certificate"} {
		p.entry("pem-cert-label-"+strings.ReplaceAll(label, " ", "-"), p.ca, p.caFile, pemOf(label, leafSpec(p.leafKey, p.caKey).der()), p.leafFile)
	}
	p.entry("pem-cert-key-in-it", p.ca, p.caFile, join(leaf, p.leafFile), p.leafFile)
	p.entry("pem-cert-key-before-it", p.ca, p.caFile, join(p.leafFile, leaf), p.leafFile)
	p.entry("pem-cert-is-a-key", p.ca, p.caFile, p.leafFile, p.leafFile)
	p.entry("pem-cert-and-key-swapped", p.ca, p.caFile, p.leafFile, leaf)
	p.entry("pem-ca-key-in-it", join(p.ca, p.caFile), p.caFile, leaf, p.leafFile)
	p.entry("pem-ca-parameters-first", p.ca, join(pemOf("EC PARAMETERS", oidP256), p.caFile), leaf, p.leafFile)
	p.entry("pem-ca-crlf", bytes.ReplaceAll(p.ca, []byte("\n"), []byte("\r\n")), p.caFile, leaf, p.leafFile)
	p.entry("pem-ca-headers", bytes.Replace(p.ca, []byte("-----\n"), []byte("-----\nComment: x\n\n"), 1), p.caFile, leaf, p.leafFile)
	p.entry("pem-ca-text-before", join([]byte("my CA\n"), p.ca), p.caFile, leaf, p.leafFile)
	p.entry("pem-ca-key-certificate-first", p.ca, join(p.ca, p.caFile), leaf, p.leafFile)
	p.entry("pem-ca-key-pkcs8", p.ca, pemOf("PRIVATE KEY", p.caKey.pkcs8), leaf, p.leafFile)
	p.entry("pem-ca-key-any-label", p.ca, pemOf("ANY PRIVATE KEY", p.caKey.pkcs8), leaf, p.leafFile)
}

func utf16le(text []byte) []byte {
	out := []byte{0xff, 0xfe}
	for _, c := range text {
		out = append(out, c, 0)
	}
	return out
}

// trailingBits sets a bit that the base64 of a file does not need.
func trailingBits(file []byte) []byte {
	at := bytes.IndexByte(file, '=')
	if at < 0 {
		return join(file, []byte("# no padding\n"))
	}
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	changed := bytes.Clone(file)
	changed[at-1] = letters[strings.IndexByte(letters, changed[at-1])|1]
	return changed
}
