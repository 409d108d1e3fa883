package sandbox

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

func TestAdmission(t *testing.T) { onEngines(t, testAdmission) }

func testAdmission(t *testing.T, open opener) {
	imports := func(module, name string, s signature) testModule {
		m := runs(constI32(0)...)
		m.imports = []testImport{{module, name, s}}
		return m
	}
	section := func(id byte, body ...byte) testModule {
		m := runs(constI32(0)...)
		m.extra = map[byte][]byte{id: body}
		return m
	}
	export := func(name string, s signature, code ...byte) testModule {
		return testModule{funcs: []testFunc{{sig: s, export: name, code: code}}}
	}
	twice := bytes.Repeat([]byte{opBlock, emptyBlock}, maxNesting+1)
	tests := map[string]struct {
		wasm []byte
		rule Rule
		text string
	}{
		"empty":                  {nil, RuleFormat, "not a Wasm module"},
		"not Wasm":               {[]byte("#!/bin/sh\n"), RuleFormat, "not a Wasm module"},
		"cut off":                {runs(constI32(0)...).bytes()[:30], RuleFormat, "ends in the middle"},
		"a component":            {[]byte("\x00asm\x0d\x00\x01\x00"), RuleFormat, "not a Wasm module"},
		"too large":              {make([]byte, contract.MaxModule+1), RuleSize, "at most"},
		"http":                   {imports(contract.ModuleKernel, "http_request", "II:I").bytes(), RuleImport, "ask for the request in its answer"},
		"http status":            {imports(contract.ModuleKernel, "http_status_code", ":i").bytes(), RuleImport, "no I/O"},
		"config":                 {imports(contract.ModuleKernel, "config_get", "I:I").bytes(), RuleImport, "settings come with the input"},
		"variables":              {imports(contract.ModuleKernel, "var_set", "II:").bytes(), RuleImport, "the state in its answer"},
		"kernel reset":           {imports(contract.ModuleKernel, "reset", ":").bytes(), RuleImport, "kernel"},
		"sockets":                {imports(contract.ModuleWASI, "sock_accept", "iii:i").bytes(), RuleImport, "no I/O"},
		"unknown module":         {imports("env", "abort", "iiii:").bytes(), RuleImport, "env abort"},
		"the host's module":      {imports(moduleSandbox, "settle", "Ii:I").bytes(), RuleImport, "are the host's"},
		"wrong signature":        {imports(contract.ModuleKernel, "alloc", "i:i").bytes(), RuleImport, `"I:I"`},
		"imported memory":        {section(sectionImport, 1, 1, 'e', 1, 'm', 2, 0, 1).bytes(), RuleImport, "brings its own memory"},
		"reserved export":        {export(exportBegin, ":", opEnd).bytes(), RuleExport, "are the host's"},
		"operation with input":   {export("create_payment", "i:i", constI32(0)...).bytes(), RuleExport, "takes nothing"},
		"describe with no rc":    {export("describe", ":").bytes(), RuleExport, "takes nothing"},
		"start-up with a result": {export("_initialize", ":i", constI32(0)...).bytes(), RuleExport, "start-up"},
		"a command":              {export("_start", ":").bytes(), RuleExport, "build a reactor"},
		"Haskell":                {export("hs_init", ":").bytes(), RuleExport, "_initialize"},
		"start section":          {section(sectionStart, 0).bytes(), RuleStart, "_initialize"},
		"SIMD":                   {runs(0xfd, 12).bytes(), RuleFeature, "SIMD"},
		"threads":                {runs(0xfe, 3, 0).bytes(), RuleFeature, "threads"},
		"exceptions":             {runs(0x06, emptyBlock, opEnd).bytes(), RuleFeature, "exceptions"},
		"tail calls":             {runs(0x12, 0).bytes(), RuleFeature, "tail calls"},
		"reference types":        {runs(0xd2, 0).bytes(), RuleFeature, "reference types"},
		"table.grow":             {runs(0xfc, 15, 0).bytes(), RuleFeature, "reference types"},
		"table.get":              {runs(0x25, 0).bytes(), RuleFeature, "reference types"},
		"unknown instruction":    {runs(0xff).bytes(), RuleFeature, "0xff"},
		"tags":                   {append(runs(constI32(0)...).bytes(), 13, 3, 1, 0, 0), RuleFeature, "section 13"},
		"shared memory":          {section(sectionMemory, 1, 3, 1, 1).bytes(), RuleFeature, "threads"},
		"memory64":               {section(sectionMemory, 1, 4, 1).bytes(), RuleFeature, "memory64"},
		"two memories":           {section(sectionMemory, 2, 0, 1, 0, 1).bytes(), RuleComplexity, "2 memories"},
		"a second memory's byte": {runs(cat(constI32(0), 0x28, 0x42, 1, 0)...).bytes(), RuleFeature, "several memories"},
		"too much memory":        {section(sectionMemory, appendU32([]byte{1, 0}, contract.MaxMemoryPages+1)...).bytes(), RuleMemory, "at most"},
		"no memory":              {testModule{noMemory: true, funcs: []testFunc{{sig: ":"}}}.bytes(), RuleMemory, "no memory"},
		"large table":            {section(sectionTable, appendU32([]byte{1, 0x70, 0}, maxTable+1)...).bytes(), RuleTable, "at most"},
		"table of references":    {section(sectionTable, 1, 0x6f, 0, 1).bytes(), RuleFeature, "only functions"},
		"two tables":             {section(sectionTable, 2, 0x70, 0, 1, 0x70, 0, 1).bytes(), RuleComplexity, "2 tables"},
		"element expressions":    {section(sectionElement, 1, 4, opI32Const, 0, opEnd, 1, 0xd2, 0, opEnd).bytes(), RuleFeature, "flag 4"},
		"vector global":          {section(sectionGlobal, 1, 0x7b, 0, opEnd).bytes(), RuleFeature, "SIMD"},
		"functions":              {section(sectionFunction, appendU32(nil, maxFunctions+1)...).bytes(), RuleComplexity, "functions"},
		"locals":                 {testModule{funcs: []testFunc{{sig: ":", locals: append(appendU32([]byte{1}, maxLocals+1), 0x7f)}}}.bytes(), RuleComplexity, "locals"},
		"br_table":               {runs(cat(constI32(0), 0x0e, appendU32(nil, maxBranches))...).bytes(), RuleComplexity, "br_table"},
		"a large function":       {runs(bytes.Repeat([]byte{0x01}, maxBody)...).bytes(), RuleComplexity, "function of"},
		"branches":               {runs(bytes.Repeat(cat(opBlock, emptyBlock, constI32(0), opBranchIf, 0, opEnd), maxPlaces/2+1)...).bytes(), RuleComplexity, "branches and blocks"},
		"nesting":                {runs(twice...).bytes(), RuleComplexity, "blocks"},
		"data segments":          {section(sectionData, appendU32(nil, maxSegments+1)...).bytes(), RuleComplexity, "data segments"},
		"element segments":       {section(sectionElement, appendU32(nil, maxSegments+1)...).bytes(), RuleComplexity, "element segments"},
		"the fuel":               {runs(cat(constI64(1<<40), opGlobalSet, 0, constI32(0))...).bytes(), RuleIndex, "global 0"},
		"the fuel, exported":     {section(sectionExport, 1, 1, 'f', 3, 0).bytes(), RuleIndex, "global 0"},
		"a helper":               {runs(cat(opCall, 1, constI32(0))...).bytes(), RuleIndex, "function 1"},
		"a helper, exported":     {section(sectionExport, 1, 1, 'f', 0, 1).bytes(), RuleIndex, "function 1"},
		"a helper in the table":  {section(sectionElement, 1, 0, opI32Const, 0, opEnd, 1, 4).bytes(), RuleIndex, "function 4"},
		"a type of ours":         {runs(cat(constI32(0), 0x11, 3, 0)...).bytes(), RuleIndex, "type 3"},
		"a block of our type":    {runs(cat(opBlock, 3, opEnd)...).bytes(), RuleIndex, "type 3"},
		"sections out of order":  {append(runs(constI32(0)...).bytes(), sectionType, 1, 0), RuleFormat, "out of order"},
		"does not validate":      {runs(0x6a).bytes(), RuleValidation, ""},
		"overlong number":        {append([]byte("\x00asm\x01\x00\x00\x00\x01"), 0x80, 0x80, 0x80, 0x80, 0x10), RuleFormat, "too many bits"},
	}
	e := open(t, Limits{})
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := e.Load(t.Context(), "bad@1.0.0", tt.wasm)
			var refused *AdmissionError
			if !errors.As(err, &refused) {
				t.Fatalf("got %v, want an AdmissionError", err)
			}
			if refused.Rule != tt.rule || !strings.Contains(refused.Detail, tt.text) || refused.Label != "bad@1.0.0" {
				t.Errorf("got %v, want rule %q and text %q", err, tt.rule, tt.text)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("got several lines: %q", err)
			}
		})
	}
}

// TestAdmission_longIndices: newer compilers write the table's and the memory's
// index in five bytes. That is no second table.
func TestAdmission_longIndices(t *testing.T) { onEngines(t, testAdmissionLongIndices) }

func testAdmissionLongIndices(t *testing.T, open opener) {
	m := testModule{table: []uint32{1}, funcs: []testFunc{
		{sig: ":i", export: "run", code: cat(constI32(0), 0x11, 0, 0x80, 0x80, 0x80, 0x80, 0)},
		{sig: ":i", code: constI32(0)},
	}}
	load(t, open(t, Limits{}), m.bytes())
}

// TestLoad_deadline: what takes long to compile ends with the context.
func TestLoad_deadline(t *testing.T) { onEngines(t, testLoadDeadline) }

func testLoadDeadline(t *testing.T, open opener) {
	var m testModule
	for range 6 {
		m.funcs = append(m.funcs, testFunc{sig: ":", code: bytes.Repeat(cat(opCall, 0), maxBody/4)})
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err := open(t, Limits{}).Load(ctx, "slow", m.bytes())
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want %v", err, context.DeadlineExceeded)
	}
}
