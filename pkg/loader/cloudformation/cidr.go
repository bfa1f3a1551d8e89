package cloudformation

import (
	"fmt"
	"math/big"
	"net/netip"

	"github.com/ekslint/ekslint/pkg/loader/attr"
)

// maxBlocks is the largest count that !Cidr takes:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-cidr.html
const maxBlocks = 256

// cidr is the list of blocks, open when its length is not known.
func (t *template) cidr(c call) *attr.Value {
	if len(c.arguments()) < 2 {
		return t.refuse(c.at, cidrShape)
	}
	count := t.value(c.arguments()[1])
	if count != nil && count.Kind == attr.Open {
		return t.because(c, count)
	}
	n, ok := count.Int()
	if !ok || n < 1 || n > maxBlocks {
		return t.refuse(c.at, fmt.Sprintf("!Cidr makes 1 to %d blocks", maxBlocks))
	}
	out := t.blocksOf(c, n)
	if out.Kind == attr.List && len(out.Items) < n {
		return t.refuse(c.at, fmt.Sprintf("!Cidr: %d blocks of this size do not fit", n))
	}
	return out
}

const cidrShape = "!Cidr takes a block, a count and the bits of a block"

// blocksOf is the list of the first blocks, as many as fit.
func (t *template) blocksOf(c call, count int) *attr.Value {
	args := c.arguments()
	if len(args) != 3 {
		return t.open(c.at, "!Cidr: the bits of a block are not written")
	}
	from, bits := t.value(args[0]), t.value(args[2])
	if part := openPart(from, bits); part != nil {
		return t.because(c, part)
	}
	if !isText(from) {
		return t.refuse(c.at, cidrShape)
	}
	block, err := netip.ParsePrefix(from.Text)
	hostBits, ok := bits.Int()
	if err != nil || !ok || hostBits < 0 || hostBits > block.Addr().BitLen() {
		return t.refuse(c.at, cidrShape)
	}
	return t.texts(c.at, divided(block.Masked(), count, hostBits))
}

// divided are the first blocks in a block, each with a number of host bits.
func divided(block netip.Prefix, count, hostBits int) []string {
	length := block.Addr().BitLen() - hostBits
	spare := length - block.Bits()
	if spare < 0 {
		return nil
	}
	if spare < 8 {
		count = min(count, 1<<spare)
	}
	first := new(big.Int).SetBytes(block.Addr().AsSlice())
	var out []string
	for i := range count {
		offset := new(big.Int).Lsh(big.NewInt(int64(i)), uint(hostBits))
		raw := offset.Add(offset, first).FillBytes(make([]byte, block.Addr().BitLen()/8))
		if addr, ok := netip.AddrFromSlice(raw); ok {
			out = append(out, netip.PrefixFrom(addr, length).String())
		}
	}
	return out
}
