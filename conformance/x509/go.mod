module meshgen/conformance/x509

go 1.26
