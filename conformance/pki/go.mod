module meshgen/conformance/pki

go 1.26
