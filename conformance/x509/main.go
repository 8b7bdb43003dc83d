// Odd certificates, keys and PEM files, and what Go's crypto/x509 and crypto/tls say about each.
//
//	go run . make CORPUS VERDICTS    writes a new corpus, with new keys, and the verdicts on it
//	go run . judge CORPUS            prints the verdicts on a corpus that is there
//
// A corpus is gzipped JSON: `files`, whose contents are base64 of what a Secret would hold, and `entries`, each of which names
// the four files of a mesh's CA and a remote certificate. Everything in it is a TEST FIXTURE, trusted by nothing.
package main

import (
	"bytes"
	"compress/gzip"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"time"
)

// Corpus is what is committed.
type Corpus struct {
	Note    string            `json:"note"`
	Files   map[string][]byte `json:"files"`
	Entries []Entry           `json:"entries"`
}

// Entry is one case: names of files.
type Entry struct {
	Name  string `json:"name"`
	CA    string `json:"ca"`
	CAKey string `json:"caKey"`
	Cert  string `json:"cert"`
	Key   string `json:"key"`
}

// Verdict is what Go says: empty texts where it accepts.
type Verdict struct {
	Name      string `json:"name"`
	CA        string `json:"ca"`        // tls.X509KeyPair of the CA and its key, then CertPool.AppendCertsFromPEM
	Pair      string `json:"pair"`      // tls.X509KeyPair of the remote certificate and its key
	Handshake string `json:"handshake"` // a TLS server that demands a client certificate of this CA, as etcd does
}

var now = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)

func main() {
	switch {
	case len(os.Args) == 4 && os.Args[1] == "make":
		corpus := makeCorpus()
		var packed bytes.Buffer
		writer := must(gzip.NewWriterLevel(&packed, gzip.BestCompression))
		must(writer.Write(must(json.MarshalIndent(corpus, "", " "))))
		check(writer.Close())
		check(os.WriteFile(os.Args[2], packed.Bytes(), 0o644))
		check(os.WriteFile(os.Args[3], judge(corpus), 0o644))
	case len(os.Args) == 3 && os.Args[1] == "judge":
		file := must(os.Open(os.Args[2]))
		var corpus Corpus
		check(json.NewDecoder(must(gzip.NewReader(file))).Decode(&corpus))
		must(os.Stdout.Write(judge(corpus)))
	default:
		fmt.Fprintln(os.Stderr, "go run . make CORPUS VERDICTS | judge CORPUS")
		os.Exit(2)
	}
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// judge writes a verdict a line.
func judge(corpus Corpus) []byte {
	server := serverPair()
	var lines bytes.Buffer
	for _, entry := range corpus.Entries {
		file := func(name string) []byte { return corpus.Files[name] }
		verdict := Verdict{Name: entry.Name, CA: caVerdict(file(entry.CA), file(entry.CAKey))}
		pair, err := tls.X509KeyPair(file(entry.Cert), file(entry.Key))
		verdict.Pair = said(err)
		if err != nil {
			verdict.Handshake = "no pair"
		} else {
			verdict.Handshake = said(handshake(server, file(entry.CA), pair))
		}
		lines.Write(must(json.Marshal(verdict)))
		lines.WriteByte('\n')
	}
	return lines.Bytes()
}

func said(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func caVerdict(cert, key []byte) string {
	if _, err := tls.X509KeyPair(cert, key); err != nil {
		return err.Error()
	}
	if !x509.NewCertPool().AppendCertsFromPEM(cert) {
		return "no certificate for a pool"
	}
	return ""
}

// The server's own certificate is none of the corpus: the client does not look at it.
func serverPair() tls.Certificate {
	key := must(tls.X509KeyPair(serverFiles()))
	return key
}

func handshake(server tls.Certificate, ca []byte, client tls.Certificate) error {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	clock := func() time.Time { return now }
	serverSide, clientSide := net.Pipe()
	deadline := time.Now().Add(20 * time.Second)
	check(serverSide.SetDeadline(deadline))
	check(clientSide.SetDeadline(deadline))
	done := make(chan error, 1)
	go func() {
		dialling := tls.Client(clientSide, &tls.Config{InsecureSkipVerify: true, Certificates: []tls.Certificate{client}, Time: clock})
		err := dialling.Handshake()
		if err == nil {
			// In TLS 1.3 the client learns of a refusal when it reads.
			_, err = dialling.Read(make([]byte, 1))
		}
		clientSide.Close()
		done <- err
	}()
	listening := tls.Server(serverSide, &tls.Config{
		Certificates: []tls.Certificate{server}, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert, Time: clock,
	})
	err := listening.Handshake()
	if err == nil {
		_, err = listening.Write([]byte{1})
	}
	serverSide.Close()
	clientErr := <-done
	if err != nil {
		return err
	}
	return clientErr
}
