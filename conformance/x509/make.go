package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"encoding/pem"
	"math/big"

	_ "crypto/md5"
	_ "crypto/sha256"
	_ "crypto/sha512"
)

var (
	oidRSA       = oid(1, 2, 840, 113549, 1, 1, 1)
	oidEC        = oid(1, 2, 840, 10045, 2, 1)
	oidEd25519   = oid(1, 3, 101, 112)
	oidP256      = oid(1, 2, 840, 10045, 3, 1, 7)
	oidSecp256k1 = oid(1, 3, 132, 0, 10)
)

// A private key with what certificates and key files hold of it.
type private struct {
	signer crypto.Signer
	spki   []byte
	sec1   []byte // or PKCS#1
	pkcs8  []byte
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func ec(curve elliptic.Curve) private {
	key := must(ecdsa.GenerateKey(curve, rand.Reader))
	return private{key, must(x509.MarshalPKIXPublicKey(key.Public())), must(x509.MarshalECPrivateKey(key)), must(x509.MarshalPKCS8PrivateKey(key))}
}

func ed() private {
	_, key := must2(ed25519.GenerateKey(rand.Reader))
	pkcs8 := must(x509.MarshalPKCS8PrivateKey(key))
	return private{key, must(x509.MarshalPKIXPublicKey(key.Public())), pkcs8, pkcs8}
}

func must2[A, B any](a A, b B, err error) (A, B) {
	if err != nil {
		panic(err)
	}
	return a, b
}

// rsaOf makes an RSA key of any size: crypto/rsa refuses to make small ones.
func rsaOf(size int, exponent int64) private {
	e := big.NewInt(exponent)
	for {
		p, q := must(rand.Prime(rand.Reader, size/2)), must(rand.Prime(rand.Reader, size-size/2))
		n := new(big.Int).Mul(p, q)
		one := big.NewInt(1)
		p1, q1 := new(big.Int).Sub(p, one), new(big.Int).Sub(q, one)
		d := new(big.Int).ModInverse(e, new(big.Int).Mul(p1, q1))
		if d == nil || n.BitLen() != size || p.Cmp(q) == 0 {
			continue
		}
		return rsaFrom(n, e, d, p, q)
	}
}

func rsaFrom(n, e, d, p, q *big.Int) private {
	key := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: n, E: int(e.Int64())}, D: d, Primes: []*big.Int{p, q}}
	der := pkcs1(rsaNumbers(key))
	return private{key, rsaSPKI(integer(n), integer(e)), der, pkcs8Of(seq(oidRSA, null()), der)}
}

func rsaSPKI(n, e []byte) []byte { return seq(seq(oidRSA, null()), bits(seq(n, e))) }

// rsaNumbers are n, e, d, p, q, dp, dq, qinv.
func rsaNumbers(key *rsa.PrivateKey) []*big.Int {
	one, p, q := big.NewInt(1), key.Primes[0], key.Primes[1]
	dp := new(big.Int).Mod(key.D, new(big.Int).Sub(p, one))
	dq := new(big.Int).Mod(key.D, new(big.Int).Sub(q, one))
	return []*big.Int{key.N, big.NewInt(int64(key.E)), key.D, p, q, dp, dq, new(big.Int).ModInverse(q, p)}
}

func pkcs1(numbers []*big.Int) []byte {
	parts := [][]byte{small(0)}
	for _, number := range numbers {
		parts = append(parts, integer(number))
	}
	return seq(parts...)
}

func pkcs8Of(algorithm, inside []byte) []byte { return seq(small(0), algorithm, octets(inside)) }

// How a certificate is signed.
type algorithm struct {
	id   []byte
	hash crypto.Hash
	pss  bool
}

func rsaAlgorithm(number int, hash crypto.Hash) algorithm {
	return algorithm{seq(oid(1, 2, 840, 113549, 1, 1, number), null()), hash, false}
}

func ecAlgorithm(number int, hash crypto.Hash) algorithm {
	return algorithm{seq(oid(1, 2, 840, 10045, 4, 3, number)), hash, false}
}

func pssAlgorithm(hash crypto.Hash, number int, salt int64) algorithm {
	of := seq(oid(2, 16, 840, 1, 101, 3, 4, 2, number), null())
	parameters := seq(tlv(0xa0, of), tlv(0xa1, seq(oid(1, 2, 840, 113549, 1, 1, 8), of)), tlv(0xa2, small(salt)))
	return algorithm{seq(oid(1, 2, 840, 113549, 1, 1, 10), parameters), hash, true}
}

var (
	rsaMD5, rsaSHA1      = rsaAlgorithm(4, crypto.MD5), rsaAlgorithm(5, crypto.SHA1)
	rsaSHA256, rsaSHA384 = rsaAlgorithm(11, crypto.SHA256), rsaAlgorithm(12, crypto.SHA384)
	rsaSHA512            = rsaAlgorithm(13, crypto.SHA512)
	ecSHA1               = algorithm{seq(oid(1, 2, 840, 10045, 4, 1)), crypto.SHA1, false}
	ecSHA256, ecSHA384   = ecAlgorithm(2, crypto.SHA256), ecAlgorithm(3, crypto.SHA384)
	ecSHA512             = ecAlgorithm(4, crypto.SHA512)
	plainEd              = algorithm{seq(oidEd25519), 0, false}
	usual                = map[string]algorithm{"ec": ecSHA256, "rsa": rsaSHA256, "ed": plainEd}
)

func (key private) usual() algorithm {
	switch key.signer.(type) {
	case *rsa.PrivateKey:
		return usual["rsa"]
	case *ecdsa.PrivateKey:
		return usual["ec"]
	default:
		return usual["ed"]
	}
}

func (key private) sign(message []byte, by algorithm) []byte {
	if by.hash == 0 {
		return must(key.signer.Sign(rand.Reader, message, crypto.Hash(0)))
	}
	hash := by.hash.New()
	hash.Write(message)
	digest := hash.Sum(nil)
	if key, ok := key.signer.(*rsa.PrivateKey); ok {
		if by.pss {
			return must(rsa.SignPSS(rand.Reader, key, by.hash, digest, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}))
		}
		return signPKCS1(key, by.hash, digest)
	}
	return must(key.signer.Sign(rand.Reader, digest, by.hash))
}

var hashPrefixes = map[crypto.Hash][]byte{
	crypto.MD5:    seq(oid(1, 2, 840, 113549, 2, 5), null()),
	crypto.SHA1:   seq(oid(1, 3, 14, 3, 2, 26), null()),
	crypto.SHA256: seq(oid(2, 16, 840, 1, 101, 3, 4, 2, 1), null()),
	crypto.SHA384: seq(oid(2, 16, 840, 1, 101, 3, 4, 2, 2), null()),
	crypto.SHA512: seq(oid(2, 16, 840, 1, 101, 3, 4, 2, 3), null()),
}

// signPKCS1 signs with keys of any size: crypto/rsa refuses small ones.
func signPKCS1(key *rsa.PrivateKey, hash crypto.Hash, digest []byte) []byte {
	info := seq(hashPrefixes[hash], octets(digest))
	size := (key.N.BitLen() + 7) / 8
	padded := []byte{0, 1}
	for len(padded) < size-len(info)-1 {
		padded = append(padded, 0xff)
	}
	padded = join(padded, []byte{0}, info)
	return new(big.Int).Exp(new(big.Int).SetBytes(padded), key.D, key.N).FillBytes(make([]byte, size))
}

// A certificate before it is signed; every part is DER.
type spec struct {
	version, serial                            []byte
	algorithm                                  algorithm
	inner                                      []byte // algorithm identifier inside, where it differs
	issuer, notBefore, notAfter, subject, spki []byte
	uniqueIDs                                  []byte
	extensions                                 [][]byte
	noExtensions                               bool
	behind, behindAll                          []byte // extra bytes at the end of the inner sequence, of the whole
	by                                         private
	spoil                                      func(der []byte) []byte
}

func (s *spec) add(extensions ...[]byte) { s.extensions = append(s.extensions, extensions...) }

func (s spec) der() []byte {
	inner := s.algorithm.id
	if s.inner != nil {
		inner = s.inner
	}
	extensions := []byte{}
	if !s.noExtensions {
		extensions = tlv(0xa3, seq(s.extensions...))
	}
	tbs := seq(s.version, s.serial, inner, s.issuer, seq(s.notBefore, s.notAfter), s.subject, s.spki, s.uniqueIDs, extensions, s.behind)
	der := seq(tbs, s.algorithm.id, bits(s.by.sign(tbs, s.algorithm)), s.behindAll)
	if s.spoil != nil {
		der = s.spoil(der)
	}
	return der
}

func name(parts ...[]byte) []byte {
	var sets [][]byte
	for _, part := range parts {
		sets = append(sets, set(part))
	}
	return seq(sets...)
}

func attribute(number int, tag byte, text string) []byte {
	return seq(oid(2, 5, 4, number), tlv(tag, []byte(text)))
}

func cn(text string) []byte { return name(attribute(3, 0x0c, text)) }

func utc(text string) []byte     { return tlv(0x17, []byte(text)) }
func general(text string) []byte { return tlv(0x18, []byte(text)) }

func extension(id []byte, value []byte) []byte         { return seq(id, octets(value)) }
func criticalExtension(id []byte, value []byte) []byte { return seq(id, boolean(0xff), octets(value)) }

func ce(number int) []byte { return oid(2, 5, 29, number) }

func constraints(isCA bool, pathLen int64) []byte {
	var content [][]byte
	if isCA {
		content = append(content, boolean(0xff))
	}
	if pathLen >= 0 {
		content = append(content, small(pathLen))
	}
	return criticalExtension(ce(19), seq(content...))
}

func keyUsage(bytes ...byte) []byte { return criticalExtension(ce(15), tlv(0x03, bytes)) }

func usages(purposes ...int) []byte {
	var content [][]byte
	for _, purpose := range purposes {
		if purpose == 0 {
			content = append(content, oid(2, 5, 29, 37, 0))
		} else {
			content = append(content, oid(1, 3, 6, 1, 5, 5, 7, 3, purpose))
		}
	}
	return extension(ce(37), seq(content...))
}

func names(parts ...[]byte) []byte { return extension(ce(17), seq(parts...)) }
func dns(text string) []byte       { return tlv(0x82, []byte(text)) }
func uri(text string) []byte       { return tlv(0x86, []byte(text)) }
func email(text string) []byte     { return tlv(0x81, []byte(text)) }
func ip(bytes ...byte) []byte      { return tlv(0x87, bytes) }

func keyID(spki []byte) []byte {
	sum := sha1.Sum(spki)
	return sum[:]
}

func pemOf(label string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der})
}

func certPEM(der []byte) []byte { return pemOf("CERTIFICATE", der) }

// rootSpec is a CA as Cilium's certificate Job makes it.
func rootSpec(key private) spec {
	s := spec{
		version: tlv(0xa0, small(2)), serial: small(77), algorithm: key.usual(),
		issuer: cn("Cilium CA"), subject: cn("Cilium CA"), notBefore: utc("251101000000Z"), notAfter: utc("351101000000Z"),
		spki: key.spki, by: key,
	}
	s.add(keyUsage(1, 6), constraints(true, -1), extension(ce(14), octets(keyID(key.spki))))
	return s
}

// leafSpec is a remote certificate as Cilium's certificate Job makes it.
func leafSpec(key, by private) spec {
	s := spec{
		version: tlv(0xa0, small(2)), serial: small(4711), algorithm: by.usual(),
		issuer: cn("Cilium CA"), subject: cn("remote"), notBefore: utc("251101000000Z"), notAfter: utc("341101000000Z"),
		spki: key.spki, by: by,
	}
	s.add(keyUsage(5, 0xa0), usages(1, 2), criticalExtension(ce(19), seq()),
		extension(ce(35), seq(tlv(0x80, keyID(by.spki)))))
	return s
}
