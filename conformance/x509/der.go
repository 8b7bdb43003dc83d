package main

import "math/big"

// DER is written by hand here: encoding/asn1 refuses to write most of what this corpus needs.

func tlv(tag byte, contents ...[]byte) []byte {
	content := join(contents...)
	return join([]byte{tag}, length(len(content)), content)
}

func length(n int) []byte {
	switch {
	case n < 0x80:
		return []byte{byte(n)}
	case n < 0x100:
		return []byte{0x81, byte(n)}
	default:
		return []byte{0x82, byte(n >> 8), byte(n)}
	}
}

func join(parts ...[]byte) []byte {
	var all []byte
	for _, part := range parts {
		all = append(all, part...)
	}
	return all
}

func seq(contents ...[]byte) []byte    { return tlv(0x30, contents...) }
func set(contents ...[]byte) []byte    { return tlv(0x31, contents...) }
func octets(contents ...[]byte) []byte { return tlv(0x04, contents...) }
func bits(content []byte) []byte       { return tlv(0x03, []byte{0}, content) }
func boolean(value byte) []byte        { return tlv(0x01, []byte{value}) }
func null() []byte                     { return []byte{5, 0} }

func integer(n *big.Int) []byte {
	digits := n.Bytes()
	if len(digits) == 0 || digits[0]&0x80 != 0 {
		digits = append([]byte{0}, digits...)
	}
	return tlv(0x02, digits)
}

func small(n int64) []byte { return integer(big.NewInt(n)) }

// oid writes an object identifier.
func oid(numbers ...int) []byte {
	content := []byte{byte(numbers[0]*40 + numbers[1])}
	for _, number := range numbers[2:] {
		var digits []byte
		for first := true; first || number > 0; first = false {
			digit := byte(number & 0x7f)
			if len(digits) > 0 {
				digit |= 0x80
			}
			digits = append([]byte{digit}, digits...)
			number >>= 7
		}
		content = append(content, digits...)
	}
	return tlv(0x06, content)
}
