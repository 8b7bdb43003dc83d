package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"time"
)

// Who dials whom, as Cilium's agents do it.
const server = "cluster-9.mesh.cilium.io"

// issue signs as certgen does with the CA in `cilium-ca`.
func issue(cert, key, name string, usage x509.ExtKeyUsage, at time.Time) (tls.Certificate, error) {
	ca, err := tls.X509KeyPair([]byte(cert), []byte(key))
	if err != nil {
		return tls.Certificate{}, err
	}
	own, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(4711), Subject: pkix.Name{CommonName: name}, DNSNames: []string{"*.mesh.cilium.io"},
		NotBefore: at.Add(-time.Minute), NotAfter: at.Add(time.Minute), ExtKeyUsage: []x509.ExtKeyUsage{usage},
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, ca.Leaf, own.Public(), ca.PrivateKey)
	if err != nil {
		return tls.Certificate{}, err
	}
	leaf, err := x509.ParseCertificate(der)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: own, Leaf: leaf}, err
}

// handshake is a server that asks for a certificate, as etcd does, and a client that has the one to be judged.
func handshake(j job, at time.Time) error {
	theirs, err := issue(j.CA, j.CAKey, "clustermesh-apiserver.cilium.io", x509.ExtKeyUsageServerAuth, at)
	if err != nil {
		return err
	}
	own, err := tls.X509KeyPair([]byte(j.Cert), []byte(j.Key))
	if err != nil {
		return err
	}
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM([]byte(j.CA))
	now := func() time.Time { return at }
	near, far := net.Pipe()
	defer near.Close()
	defer far.Close()
	for _, end := range []net.Conn{near, far} {
		_ = end.SetDeadline(time.Now().Add(10 * time.Second))
	}
	accepting := tls.Server(far, &tls.Config{
		Certificates: []tls.Certificate{theirs}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: trusted, Time: now,
		SessionTicketsDisabled: true,
	})
	accepted := make(chan error, 1)
	go func() { accepted <- accepting.Handshake() }()
	dialling := tls.Client(near, &tls.Config{Certificates: []tls.Certificate{own}, RootCAs: trusted, ServerName: server, Time: now})
	if err := dialling.Handshake(); err != nil {
		return err
	}
	if err := <-accepted; err != nil {
		return err
	}
	if name := accepting.ConnectionState().PeerCertificates[0].Subject.CommonName; name != j.CommonName {
		return fmt.Errorf("the server takes it for %q", name)
	}
	return nil
}
