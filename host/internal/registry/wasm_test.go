package registry

import (
	"encoding/binary"
	"encoding/json"
	"testing"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// handmade is a plugin put together byte by byte: describe answers one text,
// every other export another.
type handmade struct {
	describe string
	answer   string
	exports  []contract.Export
}

// bytes writes the module: a memory with both texts, and functions that copy
// one of them into the kernel's memory.
func (h handmade) bytes() []byte {
	const i32, i64 = 0x7f, 0x7e
	module := []byte("\x00asm\x01\x00\x00\x00")
	section := func(id byte, items ...[]byte) {
		body := uleb(uint64(len(items)))
		for _, item := range items {
			body = append(body, item...)
		}
		module = append(append(append(module, id), uleb(uint64(len(body)))...), body...)
	}
	section(1, // types: an operation, alloc, store_u8, output_set
		[]byte{0x60, 0, 1, i32}, []byte{0x60, 1, i64, 1, i64}, []byte{0x60, 2, i64, i32, 0}, []byte{0x60, 2, i64, i64, 0})
	imported := func(name string, typ byte) []byte {
		return append(append(text(contract.ModuleKernel), text(name)...), 0, typ)
	}
	section(2, imported("alloc", 1), imported("store_u8", 2), imported("output_set", 3))
	section(3, []byte{0}, []byte{0})
	section(5, []byte{0, 4}) // four pages
	exports := [][]byte{append(text("describe"), 0, 3)}
	for _, e := range h.exports {
		exports = append(exports, append(text(string(e)), 0, 4))
	}
	section(7, exports...)
	const second = 128 << 10
	section(10, putsOut(0, len(h.describe)), putsOut(second, len(h.answer)))
	segment := func(offset int, s string) []byte {
		return append(append([]byte{0, 0x41}, sleb(int64(offset))...), append([]byte{0x0b}, text(s)...)...)
	}
	section(11, segment(0, h.describe), segment(second, h.answer))
	return module
}

// putsOut is the body of a function that gives n bytes of the memory as
// output, and none at all where n is 0.
func putsOut(offset, n int) []byte {
	if n == 0 {
		return []byte{4, 0, 0x41, 0, 0x0b}
	}
	at, size := sleb(int64(offset)), sleb(int64(n))
	code := []byte{2, 1, 0x7e, 1, 0x7f} // locals: h i64, i i32
	code = append(code, 0x42)           // h = alloc(n)
	code = append(append(code, size...), 0x10, 0, 0x21, 0)
	code = append(code, 0x03, 0x40, 0x20, 0, 0x20, 1, 0xad, 0x7c, 0x20, 1) // loop: h+i, i
	code = append(append(code, 0x41), at...)
	code = append(code, 0x6a, 0x2d, 0, 0, 0x10, 1) // store_u8(h+i, memory[offset+i])
	code = append(code, 0x20, 1, 0x41, 1, 0x6a, 0x22, 1)
	code = append(append(code, 0x41), size...) // while ++i < n
	code = append(code, 0x48, 0x0d, 0, 0x0b, 0x20, 0, 0x42)
	code = append(append(code, size...), 0x10, 2, 0x41, 0, 0x0b) // output_set(h, n); 0
	return append(uleb(uint64(len(code))), code...)
}

func text(s string) []byte { return append(uleb(uint64(len(s))), s...) }

func uleb(n uint64) []byte { return binary.AppendUvarint(nil, n) }

func sleb(n int64) []byte {
	var b []byte
	for {
		c := byte(n & 0x7f)
		n >>= 7
		if (n == 0 && c&0x40 == 0) || (n == -1 && c&0x40 != 0) {
			return append(b, c)
		}
		b = append(b, c|0x80)
	}
}

const fairAnswer = `{"failure":{"code":"unsupported","message":"not in the proof"}}`

const schema = `{"type":"object","additionalProperties":false,"required":["merchant","key"],"properties":{
	"merchant":{"type":"string","minLength":2},
	"environment":{"enum":["test","live"],"type":"string","x-environment":true},
	"base_url":{"type":"string","x-host":true},
	"key":{"type":"string","minLength":8,"x-secret-use":["bearer"]}}}`

// manifest is a good one; change makes it another.
func manifest(t testing.TB, change func(*contract.Manifest)) string {
	m := contract.Manifest{
		Contract: contract.Version, Name: "tulip", Version: "1.0.0", Kind: contract.KindPayment, Provider: "tulipbank",
		Title: contract.Text{"en": "Tulip"}, Hosts: []string{"api.tulip.example"},
		Operations:     []contract.Export{contract.CreatePayment, contract.GetPayment},
		SettingsSchema: json.RawMessage(schema),
		Methods: []contract.Method{{
			ID: "tulip", Title: contract.Text{"en": "Tulip"}, Flow: contract.FlowRedirect, Rank: 20,
			Currencies: map[string]contract.Range{"EUR": {Min: 1}},
		}},
	}
	if change != nil {
		change(&m)
	}
	if m.Name == "rose" && m.Methods[0].ID == "tulip" { // each offers its own
		m.Methods[0].ID = "rose"
	}
	b, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// plugin is a good one with this manifest.
func plugin(t testing.TB, change func(*contract.Manifest)) []byte {
	return handmade{manifest(t, change), fairAnswer, []contract.Export{contract.CreatePayment, contract.GetPayment}}.bytes()
}
