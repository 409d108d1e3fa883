package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha512"
	_ "embed"
	"encoding/hex"

	"github.com/dop251/goja"

	"github.com/kassette-pay/kassette/host/bench/sandbox/work"
)

//go:embed script.js
var scriptSource string

// machineJS is an interpreter that has read the script.
type machineJS struct {
	answer goja.Callable
	vm     *goja.Runtime
}

func newScript() (*machineJS, error) {
	vm := goja.New()
	if err := vm.Set("sign", func(text string) string {
		mac := hmac.New(sha512.New, []byte(work.Key))
		mac.Write([]byte(text))
		return hex.EncodeToString(mac.Sum(nil))
	}); err != nil {
		return nil, err
	}
	if _, err := vm.RunScript("script.js", scriptSource); err != nil {
		return nil, err
	}
	answer, _ := goja.AssertFunction(vm.Get("answer"))
	return &machineJS{answer, vm}, nil
}

func openScript(context.Context, *guests, string) (*side, error) {
	p, err := newPool(newScript)
	if err != nil {
		return nil, err
	}
	return &side{
		call:  (&scriptSide{p}).call,
		close: func(context.Context) error { return nil },
	}, nil
}

type scriptSide struct{ pool *pool[*machineJS] }

func (s *scriptSide) call(_ context.Context, in []byte) ([]byte, error) {
	return s.pool.with(func(m *machineJS) ([]byte, error) {
		v, err := m.answer(goja.Undefined(), m.vm.ToValue(string(in)))
		if err != nil {
			return nil, err
		}
		return []byte(v.String()), nil
	})
}
