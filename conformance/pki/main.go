// Command pki judges what `meshgen pki` makes, with the packages that Cilium, etcd and certgen use: crypto/x509 and crypto/tls.
//
// It reads jobs as JSON from its input, and writes for each the list of what is wrong.
package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"os"
	"slices"
	"time"
)

type job struct {
	Kind       string // "ca", "renewed" or "client"
	Cert, Key  string
	CA, CAKey  string // who signed a client certificate; for "renewed" the CA of before
	CommonName string
	DNSNames   []string
	Days       int
	Start      time.Time
	Leaves     []string // certificates by the CA of before
	AnyKey     bool     // the CA was made by somebody else, so its kind of key is theirs
}

func main() {
	var jobs []job
	if err := json.NewDecoder(os.Stdin).Decode(&jobs); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	answers := make([][]string, len(jobs))
	for at, one := range jobs {
		answers[at] = one.faults()
	}
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		os.Exit(1)
	}
}

// faults collects what is wrong; add drops what is nil.
type faults []string

func (f *faults) say(format string, words ...any) { *f = append(*f, fmt.Sprintf(format, words...)) }

func (f *faults) add(what string, err error) {
	if err != nil {
		f.say("%s: %v", what, err)
	}
}

func (j job) faults() []string {
	found := faults{}
	cert, err := one(j.Cert)
	if err != nil {
		return []string{err.Error()}
	}
	_, err = tls.X509KeyPair([]byte(j.Cert), []byte(j.Key))
	found.add("its key", err)
	if !j.AnyKey {
		found.kind(cert)
	}
	found.dates(cert, j)
	if cert.Subject.CommonName != j.CommonName {
		found.say("its common name is %q, not %q", cert.Subject.CommonName, j.CommonName)
	}
	if !slices.Equal(cert.DNSNames, j.DNSNames) || len(cert.IPAddresses)+len(cert.EmailAddresses)+len(cert.URIs) > 0 {
		found.say("its names are %q, %v, not %q", cert.DNSNames, cert.IPAddresses, j.DNSNames)
	}
	if cert.SerialNumber.Sign() <= 0 || len(cert.SerialNumber.Bytes()) > 20 {
		found.say("its serial number is %v", cert.SerialNumber)
	}
	if j.Kind == "client" {
		found.client(cert, j)
	} else {
		found.authority(cert, j)
	}
	return found
}

// one reads a file of exactly one certificate.
func one(text string) (*x509.Certificate, error) {
	block, rest := pem.Decode([]byte(text))
	if block == nil || block.Type != "CERTIFICATE" || len(bytes.TrimSpace(rest)) > 0 {
		return nil, fmt.Errorf("it is not one certificate as PEM")
	}
	return x509.ParseCertificate(block.Bytes)
}

func (f *faults) kind(cert *x509.Certificate) {
	key, ok := cert.PublicKey.(*ecdsa.PublicKey)
	if !ok || key.Curve != elliptic.P256() {
		f.say("its key is %T, not ECDSA P-256", cert.PublicKey)
	}
}

func (f *faults) dates(cert *x509.Certificate, j job) {
	if !cert.NotBefore.Equal(j.Start) {
		f.say("it begins at %v, not at %v", cert.NotBefore, j.Start)
	}
	if days := cert.NotAfter.Sub(cert.NotBefore); days != time.Duration(j.Days)*24*time.Hour {
		f.say("it lasts %v, not %d days", days, j.Days)
	}
}

// client is what etcd asks of the certificate of one who connects.
func (f *faults) client(cert *x509.Certificate, j job) {
	ca, err := one(j.CA)
	if err != nil {
		f.add("the CA", err)
		return
	}
	for _, at := range []time.Time{cert.NotBefore.Add(time.Hour), cert.NotAfter.Add(-time.Hour)} {
		if at.Before(ca.NotAfter) {
			f.add("as a client", verified(cert, ca, at, x509.ExtKeyUsageClientAuth))
		}
	}
	if verified(cert, ca, cert.NotBefore.Add(time.Hour), x509.ExtKeyUsageServerAuth) == nil {
		f.say("it would be taken for a server too")
	}
	if cert.IsCA || cert.KeyUsage != x509.KeyUsageDigitalSignature|x509.KeyUsageKeyEncipherment {
		f.say("it may be used for %b, CA: %v", cert.KeyUsage, cert.IsCA)
	}
	if len(ca.SubjectKeyId) > 0 && !bytes.Equal(cert.AuthorityKeyId, ca.SubjectKeyId) {
		f.say("it does not name its CA by key")
	}
	f.add("a handshake", handshake(j, cert.NotBefore.Add(time.Hour)))
}

func verified(cert, ca *x509.Certificate, at time.Time, usage x509.ExtKeyUsage) error {
	roots := x509.NewCertPool()
	roots.AddCert(ca)
	_, err := cert.Verify(x509.VerifyOptions{Roots: roots, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{usage}})
	return err
}

// authority is what certgen, and whoever trusts it, ask of a CA.
func (f *faults) authority(cert *x509.Certificate, j job) {
	if !cert.IsCA || !cert.BasicConstraintsValid || cert.KeyUsage != x509.KeyUsageCertSign|x509.KeyUsageCRLSign {
		f.say("it may be used for %b, CA: %v", cert.KeyUsage, cert.IsCA)
	}
	if cert.MaxPathLen > 0 || cert.MaxPathLenZero {
		f.say("it limits how many CAs may follow")
	}
	f.add("its own signature", cert.CheckSignatureFrom(cert))
	if len(cert.SubjectKeyId) == 0 {
		f.say("it names no key")
	}
	at := cert.NotBefore.Add(time.Hour)
	for _, usage := range []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth} {
		leaf, err := issue(j.Cert, j.Key, "probe", usage, at)
		if err != nil {
			f.add("it cannot sign", err)
			continue
		}
		f.add("what it signs", verified(leaf.Leaf, cert, at, usage))
	}
	if j.Kind == "renewed" {
		f.renewed(cert, j, at)
	}
}

// renewed is what lets certificates of one CA prove under the other.
func (f *faults) renewed(cert *x509.Certificate, j job, at time.Time) {
	old, err := one(j.CA)
	if err != nil {
		f.add("the CA of before", err)
		return
	}
	if !bytes.Equal(old.RawSubject, cert.RawSubject) {
		f.say("its name is another, byte by byte")
	}
	if !bytes.Equal(old.RawSubjectPublicKeyInfo, cert.RawSubjectPublicKeyInfo) {
		f.say("its key is another")
	}
	if !bytes.Equal(old.SubjectKeyId, cert.SubjectKeyId) {
		f.say("it names its key in another way")
	}
	if bytes.Equal(old.Raw, cert.Raw) || !cert.NotAfter.After(old.NotAfter) {
		f.say("it ends no later than the one of before")
	}
	for _, text := range j.Leaves {
		leaf, err := one(text)
		if err != nil {
			f.add("a leaf of before", err)
			continue
		}
		f.add("a leaf of before", verified(leaf, cert, at, x509.ExtKeyUsageClientAuth))
	}
}
